"""Products with their variants."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.ingest.target import Row, Target, newest, not_stale, upsert
from core.models import Product, Variant
from core.records import Kind
from core.records import Product as ProductRecord

_FROM_API_ONLY = ("unit_cost",)
"""Webhooks do not tell it."""


def write(session: Session, target: Target, records: Iterable[ProductRecord]) -> set[int]:
    """Write the versions that are newer than what is stored; returns the ids of the products written."""
    versions = newest(records, lambda product: product.product_id)
    newer = not_stale(session, target, versions, Kind.PRODUCT, Product.product_id)
    products = [newer.records[product_id] for product_id in sorted(newer.records)]
    upsert(session, target, Product, [_product_row(target, product) for product in products])
    _drop_missing_variants(session, target, products)
    variants = [row for product in products for row in _variant_rows(target, product)]
    upsert(session, target, Variant, variants, keep_if_none=_FROM_API_ONLY)
    return set(newer.records)


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


def _product_row(target: Target, product: ProductRecord) -> Row:
    return {
        **target.key,
        "product_id": product.product_id,
        "title": product.title,
        "handle": product.handle,
        "vendor": product.vendor,
        "product_type": product.product_type,
        "status": product.status,
        "tags": list(product.tags),
        "created_at": product.created_at,
        "published_at": product.published_at,
        "updated_at": product.updated_at,
        "source": product.source,
        "deleted_at": None,
    }


def _variant_rows(target: Target, product: ProductRecord) -> list[Row]:
    return [
        {
            **target.key,
            "variant_id": variant.variant_id,
            "product_id": product.product_id,
            "title": variant.title,
            "sku": variant.sku,
            "barcode": variant.barcode,
            "price": variant.price,
            "compare_at_price": variant.compare_at_price,
            "unit_cost": variant.unit_cost,
            "currency": target.currency,
            "position": variant.position,
            "inventory_item_id": variant.inventory_item_id,
            "inventory_quantity": variant.inventory_quantity,
        }
        for variant in product.variants
    ]
