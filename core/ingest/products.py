"""Products with their variants."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.database.models import Product, Variant
from core.domain import Kind
from core.domain import Product as ProductRecord
from core.ingest import sight
from core.ingest.copying import Rows
from core.ingest.encoding import withheld_json
from core.ingest.target import KEY, Target, newest, not_stale, upsert

_FROM_API_ONLY = ("unit_cost",)
"""Webhooks do not tell it."""

_COSTS = sight.Children("costs", "variants", "variant_id", Variant.product_id, ("unit_cost",))
_KEPT = sight.Kept(Product.product_id, {}, _COSTS)


def write(session: Session, target: Target, records: Iterable[ProductRecord]) -> set[int]:
    """Write the versions that are newer than what is stored; returns the ids of the products written."""
    versions = list(records)
    found = newest(target, versions, lambda product: product.product_id)
    newer = not_stale(session, target, found, Kind.PRODUCT, Product.product_id)
    _, left_out = sight.keep(session, target, _KEPT, versions, newer)
    products = [newer.records[product_id] for product_id in sorted(newer.records)]
    upsert(session, target, Product, Rows(_COLUMNS, [_product_row(target, product) for product in products]))
    _drop_missing_variants(session, target, products)
    variants = [row for product in products for row in _variant_rows(target, product)]
    upsert(session, target, Variant, Rows(_VARIANT_COLUMNS, variants), keep_if_none=_FROM_API_ONLY)
    return newer.records.keys() | sight.fill(session, target, _KEPT, left_out)


def _drop_missing_variants(session: Session, target: Target, products: list[ProductRecord]) -> None:
    """A variant that a complete list leaves out is gone; what was sold of it stands in the lines."""
    complete = [product for product in products if product.variants_complete]
    if complete:
        session.execute(
            delete(Variant).where(
                *target.owns(Variant),
                Variant.product_id.in_([product.product_id for product in complete]),
                Variant.variant_id.not_in([v.variant_id for product in complete for v in product.variants]),
            )
        )


_SAME_NAME = "product_id title handle vendor product_type status created_at published_at updated_at source".split()
_COLUMNS = (*KEY, "tags", "deleted_at", "withheld", "read_at", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _product_row(target: Target, product: ProductRecord) -> tuple[Any, ...]:
    hidden, read_at = withheld_json(product.withheld), target.reading.read_at_of(product)
    return (*target.key_values, list(product.tags), None, hidden, read_at, *_same(product))


_VARIANT_SAME_NAME = (
    "variant_id title sku barcode price compare_at_price unit_cost position inventory_item_id inventory_quantity"
).split()
_VARIANT_COLUMNS = (*KEY, "product_id", "currency", *_VARIANT_SAME_NAME)
_variant = attrgetter(*_VARIANT_SAME_NAME)


def _variant_rows(target: Target, product: ProductRecord) -> list[tuple[Any, ...]]:
    return [
        (*target.key_values, product.product_id, target.currency, *_variant(variant)) for variant in product.variants
    ]
