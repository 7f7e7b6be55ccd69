"""Writes customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Result, Text, Update, func, literal, or_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.ids import among
from core.database.models import Customer
from core.domain import Customer as CustomerRecord
from core.domain import Kind
from core.ingest import withheld
from core.ingest.encoding import withheld_json
from core.ingest.rows import Layout
from core.ingest.target import Target
from core.ingest.upsert import upsert
from core.ingest.versions import Selected, select_newer

_STATISTICS = ("rfm_group", "predicted_spend_tier")
_FROM_API_ONLY = (
    *("orders_count", "amount_spent", "currency", "tags", "locale"),
    *(*_STATISTICS, "statistics_read_at"),
)
"""Webhooks lack these fields: the stored values stay. `_write_statistics` removes segments that Shopify took back."""
_SAME_READING = timedelta(hours=1)
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
        "statistics_read_at": lambda place, customer: place.target.reading.read_at_of(customer),
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
    changed_ids = _write_statistics(session, target, versions)
    selected.mark_partly_written(changed_ids - selected.records.keys())
    return selected


def mark_statistics_read(session: Session, key: StoreKey, customer_ids: Collection[int], read_at: datetime) -> None:
    """Note that Shopify was asked for the statistics of these customers, also where its answer had none."""
    customers = (key.owns(Customer), among(Customer.customer_id, customer_ids), Customer.deleted_at.is_(None))
    is_older = or_(Customer.statistics_read_at.is_(None), Customer.statistics_read_at < read_at)
    _execute(session, update(Customer).where(*customers, is_older).values(statistics_read_at=read_at))


def _write_statistics(session: Session, target: Target, versions: Iterable[CustomerRecord]) -> set[int]:
    """Write Shopify's segments as it answered them, a None too, and return the ids of changed rows.

    Shopify computes the segments without a new version of the customer, so the latest reading of a version has them.
    """
    read = {version.customer_id: version for version in versions if version.has_statistics}
    if not read:
        return set()
    columns = {
        "customer_id": literal(list(read), ARRAY(BigInteger)),
        "updated_at": literal([version.updated_at for version in read.values()], ARRAY(DateTime(timezone=True))),
        "rfm_group": literal([version.rfm_group for version in read.values()], ARRAY(Text)),
        "predicted_spend_tier": literal([version.predicted_spend_tier for version in read.values()], ARRAY(Text)),
    }
    read_at = target.reading.read_at
    rows = func.unnest(*columns.values()).table_valued(*columns).render_derived("read")
    values: dict[str, Any] = {name: rows.c[name] for name in _STATISTICS}
    of_version = update(Customer).where(
        target.owns(Customer),
        Customer.customer_id == rows.c.customer_id,
        Customer.updated_at == rows.c.updated_at,
        Customer.deleted_at.is_(None),
    )
    last_read_at = Customer.statistics_read_at
    changed = of_version.where(
        or_(last_read_at.is_(None), last_read_at <= read_at),
        or_(*(value.is_distinct_from(getattr(Customer, name)) for name, value in values.items())),
    )
    changed = changed.values(values | {"statistics_read_at": read_at}).returning(Customer.customer_id)
    changed_ids = set(_execute(session, changed).scalars())
    # The windows of syncs overlap by minutes: a row is not written again for those.
    same = of_version.where(or_(last_read_at.is_(None), last_read_at < read_at - _SAME_READING))
    _execute(session, same.values(statistics_read_at=read_at))
    return changed_ids


def _execute(session: Session, statement: Update) -> Result[Any]:
    """Execute an update without the session's bookkeeping, which would read the rows first."""
    return session.execute(statement, execution_options={"synchronize_session": False})
