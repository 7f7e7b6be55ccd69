"""Writes products with their variants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.database.models import Product, Variant
from core.domain import Kind
from core.domain import Product as ProductRecord
from core.domain import Variant as VariantRecord
from core.ingest import withheld
from core.ingest.encoding import withheld_json
from core.ingest.rows import Layout, Rows
from core.ingest.target import Target
from core.ingest.upsert import upsert
from core.ingest.versions import Selected, select_newer

_FROM_API_ONLY = ("unit_cost",)
"""A webhook does not have it."""
_WITHHELD = withheld.Groups(
    Product.product_id, {}, withheld.Parts("costs", "variants", "variant_id", Variant.product_id, ("unit_cost",))
)
_PRODUCTS = Layout(
    Product,
    ProductRecord,
    {
        "deleted_at": lambda _, product: None,
        "withheld": lambda _, product: withheld_json(product.withheld),
        "read_at": lambda place, product: place.target.reading.read_at_of(product),
    },
)
_VARIANTS = Layout(
    Variant,
    VariantRecord,
    {
        "product_id": lambda place, _: place.parent.product_id,
        "currency": lambda place, _: place.target.currency,
    },
)


def write(session: Session, target: Target, records: Iterable[ProductRecord]) -> Selected[ProductRecord]:
    """Write the versions that are newer than what is stored."""
    versions = list(records)
    selected = select_newer(session, target, versions, Kind.PRODUCT, Product.product_id)
    left_out = selected.left_out(versions)
    withheld.complete_records(session, target, _WITHHELD, versions, selected)
    products = [selected.records[product_id] for product_id in sorted(selected.records)]
    upsert(session, target, _PRODUCTS.rows_of(target, products))
    _delete_missing_variants(session, target, products)
    upsert(session, target, _variant_rows(target, products), keep_if_none=_FROM_API_ONLY)
    selected.mark_partly_written(withheld.complete_rows(session, target, _WITHHELD, left_out))
    return selected


def _delete_missing_variants(session: Session, target: Target, products: Sequence[ProductRecord]) -> None:
    """Delete the variants that a complete list leaves out. What was sold of them stands in the lines."""
    complete = [product for product in products if product.variants_complete]
    if complete:
        session.execute(
            delete(Variant).where(
                target.owns(Variant),
                Variant.product_id.in_([product.product_id for product in complete]),
                Variant.variant_id.not_in([v.variant_id for product in complete for v in product.variants]),
            )
        )


def _variant_rows(target: Target, products: Sequence[ProductRecord]) -> Rows:
    """Return the variants' rows. A variant that moved stands in two products of a batch: the last one has it."""
    lines = {v.variant_id: _VARIANTS.line(target, v, product) for product in products for v in product.variants}
    return _VARIANTS.rows(lines.values())
