"""Customers."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from core.ingest.copying import Rows
from core.ingest.target import KEY, Target, newest, not_stale, upsert
from core.models import Customer
from core.records import Customer as CustomerRecord
from core.records import Kind

_FROM_API_ONLY = ("orders_count", "amount_spent", "currency", "tags", "locale")
"""Webhooks lost these in 2025: what they leave out stays as it was read."""


def write(session: Session, target: Target, records: Iterable[CustomerRecord]) -> set[int]:
    """Write the versions that are newer than what is stored; returns the ids of the customers written."""
    versions = newest(target, records, lambda customer: customer.customer_id)
    newer = not_stale(session, target, versions, Kind.CUSTOMER, Customer.customer_id)
    rows = [_row(target, newer.records[customer_id]) for customer_id in sorted(newer.records)]
    upsert(session, target, Customer, Rows(_COLUMNS, rows), keep_if_none=_FROM_API_ONLY)
    return set(newer.records)


_SAME_NAME = (
    "customer_id first_name last_name email state locale country province city orders_count amount_spent currency "
    "created_at updated_at source"
).split()
_COLUMNS = (*KEY, "tags", "deleted_at", "read_at", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _row(target: Target, customer: CustomerRecord) -> tuple[Any, ...]:
    tags = None if customer.tags is None else list(customer.tags)
    return (*target.key_values, tags, None, target.reading.read_at_of(customer), *_same(customer))
