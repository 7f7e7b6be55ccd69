"""Customers."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from core.database.models import Customer
from core.domain import Customer as CustomerRecord
from core.domain import Kind
from core.ingest import sight
from core.ingest.copying import Rows
from core.ingest.encoding import withheld_json
from core.ingest.target import KEY, Target, newest, not_stale, upsert

_FROM_API_ONLY = ("orders_count", "amount_spent", "currency", "tags", "locale")
"""Webhooks lost these in 2025: what they leave out stays as it was read."""
_KEPT = sight.Kept(
    Customer.customer_id,
    {"name": ("first_name", "last_name"), "email": ("email",), "place": ("country", "province", "city")},
    null_says_nothing=True,
)


def write(session: Session, target: Target, records: Iterable[CustomerRecord]) -> set[int]:
    """Write the versions that are newer than what is stored; returns the ids of the customers written."""
    versions = list(records)
    found = newest(target, versions, lambda customer: customer.customer_id)
    newer = not_stale(session, target, found, Kind.CUSTOMER, Customer.customer_id)
    _, left_out = sight.keep(session, target, _KEPT, versions, newer)
    rows = [_row(target, newer.records[customer_id]) for customer_id in sorted(newer.records)]
    upsert(session, target, Customer, Rows(_COLUMNS, rows), keep_if_none=_FROM_API_ONLY)
    return newer.records.keys() | sight.fill(session, target, _KEPT, left_out)


_SAME_NAME = (
    "customer_id first_name last_name email state locale country province city orders_count amount_spent currency "
    "created_at updated_at source"
).split()
_COLUMNS = (*KEY, "tags", "deleted_at", "withheld", "read_at", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _row(target: Target, customer: CustomerRecord) -> tuple[Any, ...]:
    tags = None if customer.tags is None else list(customer.tags)
    hidden, read_at = withheld_json(customer.withheld), target.reading.read_at_of(customer)
    return (*target.key_values, tags, None, hidden, read_at, *_same(customer))
