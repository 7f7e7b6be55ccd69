"""Checkouts that were left, with their lines."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from core.ingest.target import Row, Target, newest, not_stale, replace_children, upsert
from core.models import Checkout, CheckoutLine
from core.records import Checkout as CheckoutRecord
from core.records import Kind


def write(session: Session, target: Target, records: Iterable[CheckoutRecord]) -> set[int]:
    """Write the versions that are newer than what is stored; returns the ids of the checkouts written."""
    versions = newest(records, lambda checkout: checkout.checkout_id)
    newer = not_stale(session, target, versions, Kind.CHECKOUT, Checkout.checkout_id)
    checkouts = [newer.records[checkout_id] for checkout_id in sorted(newer.records)]
    upsert(session, target, Checkout, [_checkout_row(target, checkout) for checkout in checkouts])
    lines = [row for checkout in checkouts for row in _line_rows(target, checkout)]
    replace_children(session, target, CheckoutLine.checkout_id, newer.replaced, lines)
    return set(newer.records)


_SAME_NAME = (
    "checkout_id created_at updated_at completed_at customer_id country taxes_included currency subtotal discounts "
    "tax total source"
).split()


def _checkout_row(target: Target, checkout: CheckoutRecord) -> Row:
    return {
        **target.key,
        **{name: getattr(checkout, name) for name in _SAME_NAME},
        "business_date": target.day(checkout.created_at),
        "discount_codes": list(checkout.discount_codes),
        "deleted_at": None,
    }


def _line_rows(target: Target, checkout: CheckoutRecord) -> list[Row]:
    return [
        {
            **target.key,
            "checkout_id": checkout.checkout_id,
            "checkout_line_id": line.checkout_line_id,
            "product_id": line.product_id,
            "variant_id": line.variant_id,
            "title": line.title,
            "variant_title": line.variant_title,
            "sku": line.sku,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "total": line.total,
            "currency": checkout.currency,
        }
        for line in checkout.lines
    ]
