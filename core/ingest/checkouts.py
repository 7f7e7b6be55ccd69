"""Checkouts that were begun, with their lines."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from core.database.models import Checkout, CheckoutLine
from core.domain import Checkout as CheckoutRecord
from core.domain import Kind
from core.ingest import sight
from core.ingest.copying import Rows
from core.ingest.encoding import withheld_json
from core.ingest.target import KEY, Target, newest, not_stale, replace_children, upsert

_KEPT = sight.Kept(Checkout.checkout_id, {"customer": ("customer_id",)})


def write(session: Session, target: Target, records: Iterable[CheckoutRecord]) -> set[int]:
    """Write the versions that are newer than what is stored; returns the ids of the checkouts written."""
    versions = list(records)
    found = newest(target, versions, lambda checkout: checkout.checkout_id)
    newer = not_stale(session, target, found, Kind.CHECKOUT, Checkout.checkout_id)
    _, left_out = sight.keep(session, target, _KEPT, versions, newer)
    checkouts = [newer.records[checkout_id] for checkout_id in sorted(newer.records)]
    upsert(session, target, Checkout, Rows(_COLUMNS, [_checkout_row(target, checkout) for checkout in checkouts]))
    lines = [row for checkout in checkouts for row in _line_rows(target, checkout)]
    replace_children(session, target, CheckoutLine.checkout_id, newer.replaced, Rows(_LINE_COLUMNS, lines))
    return newer.records.keys() | sight.fill(session, target, _KEPT, left_out)


_SAME_NAME = (
    "checkout_id created_at updated_at completed_at customer_id country taxes_included currency subtotal discounts "
    "tax total source"
).split()
_COLUMNS = (*KEY, "business_date", "discount_codes", "deleted_at", "withheld", "read_at", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _checkout_row(target: Target, checkout: CheckoutRecord) -> tuple[Any, ...]:
    return (
        *target.key_values,
        target.day(checkout.created_at),
        list(checkout.discount_codes),
        None,
        withheld_json(checkout.withheld),
        target.reading.read_at_of(checkout),
        *_same(checkout),
    )


_LINE_SAME_NAME = "checkout_line_id product_id variant_id title variant_title sku quantity unit_price total".split()
_LINE_COLUMNS = (*KEY, "checkout_id", "currency", *_LINE_SAME_NAME)
_line = attrgetter(*_LINE_SAME_NAME)


def _line_rows(target: Target, checkout: CheckoutRecord) -> list[tuple[Any, ...]]:
    return [(*target.key_values, checkout.checkout_id, checkout.currency, *_line(line)) for line in checkout.lines]
