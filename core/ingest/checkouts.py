"""Checkouts that were begun, with their lines."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from core.ingest.copying import Rows
from core.ingest.target import KEY, Target, newest, not_stale, replace_children, upsert
from core.models import Checkout, CheckoutLine
from core.records import Checkout as CheckoutRecord
from core.records import Kind


def write(session: Session, target: Target, records: Iterable[CheckoutRecord]) -> set[int]:
    """Write the versions that are newer than what is stored; returns the ids of the checkouts written."""
    versions = newest(target, records, lambda checkout: checkout.checkout_id)
    newer = not_stale(session, target, versions, Kind.CHECKOUT, Checkout.checkout_id)
    checkouts = [newer.records[checkout_id] for checkout_id in sorted(newer.records)]
    upsert(session, target, Checkout, Rows(_COLUMNS, [_checkout_row(target, checkout) for checkout in checkouts]))
    lines = [row for checkout in checkouts for row in _line_rows(target, checkout)]
    replace_children(session, target, CheckoutLine.checkout_id, newer.replaced, Rows(_LINE_COLUMNS, lines))
    return set(newer.records)


_SAME_NAME = (
    "checkout_id created_at updated_at completed_at customer_id country taxes_included currency subtotal discounts "
    "tax total source"
).split()
_COLUMNS = (*KEY, "business_date", "discount_codes", "deleted_at", "read_at", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _checkout_row(target: Target, checkout: CheckoutRecord) -> tuple[Any, ...]:
    return (
        *target.key_values,
        target.day(checkout.created_at),
        list(checkout.discount_codes),
        None,
        target.reading.read_at_of(checkout),
        *_same(checkout),
    )


_LINE_SAME_NAME = "checkout_line_id product_id variant_id title variant_title sku quantity unit_price total".split()
_LINE_COLUMNS = (*KEY, "checkout_id", "currency", *_LINE_SAME_NAME)
_line = attrgetter(*_LINE_SAME_NAME)


def _line_rows(target: Target, checkout: CheckoutRecord) -> list[tuple[Any, ...]]:
    return [(*target.key_values, checkout.checkout_id, checkout.currency, *_line(line)) for line in checkout.lines]
