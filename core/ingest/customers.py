"""Writes customers."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from core.database.models import Customer
from core.domain import Customer as CustomerRecord
from core.domain import Kind
from core.ingest import withheld
from core.ingest.encoding import withheld_json
from core.ingest.rows import Layout
from core.ingest.target import Target
from core.ingest.upsert import upsert
from core.ingest.versions import Selected, select_newer

_FROM_API_ONLY = ("orders_count", "amount_spent", "currency", "tags", "locale")
"""Webhooks lost these fields in 2025: the stored values stay."""
_WITHHELD = withheld.Groups(
    Customer.customer_id,
    {"name": ("first_name", "last_name"), "email": ("email",), "place": ("country", "province", "city")},
    fills_nulls=True,
)
_CUSTOMERS = Layout(
    Customer,
    CustomerRecord,
    {
        "deleted_at": lambda _, customer: None,
        "withheld": lambda _, customer: withheld_json(customer.withheld),
        "read_at": lambda place, customer: place.target.reading.read_at_of(customer),
    },
)


def write(session: Session, target: Target, records: Iterable[CustomerRecord]) -> Selected[CustomerRecord]:
    """Write the versions that are newer than what is stored."""
    versions = list(records)
    selected = select_newer(session, target, versions, Kind.CUSTOMER, Customer.customer_id)
    left_out = selected.left_out(versions)
    withheld.complete_records(session, target, _WITHHELD, versions, selected)
    customers = [selected.records[customer_id] for customer_id in sorted(selected.records)]
    upsert(session, target, _CUSTOMERS.rows_of(target, customers), keep_if_none=_FROM_API_ONLY)
    selected.mark_partly_written(withheld.complete_rows(session, target, _WITHHELD, left_out))
    return selected
