"""Applies what is known of the people in records before the records are written: merges and redactions.

A late version, whatever its source, neither brings back a customer who was merged nor restores redacted fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database.ids import among
from core.database.models import Checkout as CheckoutRow
from core.database.models import CustomerMerge, Redaction
from core.database.models import Order as OrderRow
from core.domain import Checkout, Customer, Deleted, Kind, Merged, Order, Record, Refund, Source
from core.domain.journeys import without_addresses
from core.ingest.target import Target

PERSONAL_FIELDS = (
    *("first_name", "last_name", "email", "tags", "locale", "province", "city"),
    *("rfm_group", "predicted_spend_tier"),
)
"""The fields of a customer that a redaction blanks."""

Redacted = frozenset[tuple[str, int]]
"""Kinds and ids of redacted customers and orders."""


def merge(session: Session, target: Target, records: Iterable[Merged]) -> list[Deleted]:
    """Store merges of customers, and move their orders and checkouts to the customer that was kept.

    Returns the merged customers, as deletions to write.
    """
    return [
        Deleted(Kind.CUSTOMER, record.merged_id, record.merged_at)
        for record in sorted(records, key=lambda record: record.merged_at)
        if _store_merge(session, target, record)
    ]


def _store_merge(session: Session, target: Target, record: Merged) -> bool:
    """Store one merge; False if it is stored already, or would merge a customer into itself."""
    merges = target.owns(CustomerMerge)
    further = select(CustomerMerge.kept_id).where(merges, CustomerMerge.merged_id == record.kept_id)
    kept_id = session.scalar(further) or record.kept_id
    if kept_id == record.merged_id:
        return False
    values = {**target.store.parameters, "merged_id": record.merged_id, "kept_id": kept_id}
    statement = insert(CustomerMerge).values(**values, merged_at=record.merged_at).on_conflict_do_nothing()
    if session.execute(statement.returning(CustomerMerge.merged_id)).first() is None:
        return False
    # Customers merged earlier into the one that is merged now follow it.
    earlier = update(CustomerMerge).where(merges, CustomerMerge.kept_id == record.merged_id)
    session.execute(earlier.values(kept_id=kept_id))
    orders = update(OrderRow).where(target.owns(OrderRow), OrderRow.customer_id == record.merged_id)
    session.execute(orders.values(customer_id=kept_id, customer_key=f"c:{kept_id}"))
    checkouts = update(CheckoutRow).where(target.owns(CheckoutRow), CheckoutRow.customer_id == record.merged_id)
    session.execute(checkouts.values(customer_id=kept_id))
    return True


def mark_withheld(records: tuple[Record, ...], sees_customers: bool) -> tuple[Record, ...]:
    """Return the records with the customer marked as withheld where a webhook lacks it and the app may not see it."""
    if sees_customers:
        return records
    return tuple(_without_customer(record) for record in records)


def _without_customer(record: Record) -> Record:
    if isinstance(record, Order | Checkout) and record.source == Source.WEBHOOK and record.customer_id is None:
        return replace(record, withheld=(*record.withheld, ("customer", None)))
    return record


def rename_merged(session: Session, target: Target, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """Return the records with the present ids of customers who were merged."""
    customer_ids = {
        record.customer_id
        for record in records
        if isinstance(record, Order | Customer | Checkout) and record.customer_id is not None
    }
    if not customer_ids:
        return records
    merges = select(CustomerMerge.merged_id, CustomerMerge.kept_id).where(
        target.owns(CustomerMerge), among(CustomerMerge.merged_id, customer_ids)
    )
    kept_ids = {row.merged_id: row.kept_id for row in session.execute(merges)}
    return tuple(_renamed(record, kept_ids) for record in records) if kept_ids else records


def _renamed(record: Record, kept_ids: dict[int, int]) -> Record:
    """Not a customer's own record: a merged customer has a tombstone, which refuses late versions."""
    if isinstance(record, Order | Checkout) and record.customer_id in kept_ids:
        return replace(record, customer_id=kept_ids[record.customer_id])
    return record


def redacted(session: Session, target: Target, records: Iterable[Record]) -> Redacted:
    """Return the customers and orders in these records that were redacted."""
    records = list(records)
    ids = {shopify_id for record in records for shopify_id in _ids(record)}
    if not ids:
        return frozenset()
    query = select(Redaction.kind, Redaction.shopify_id).where(
        target.owns(Redaction), among(Redaction.shopify_id, ids)
    )
    stored = frozenset((row.kind, row.shopify_id) for row in session.execute(query))
    # An order and a customer may have the same number.
    return stored & {subject for record in records for subject in _subjects(record)} if stored else stored


def is_about(people: Redacted, record: Record) -> bool:
    """Whether the record is about one of these people or orders."""
    return not people.isdisjoint(_subjects(record))


def redact(record: Record, people: Redacted) -> Record:
    """Return the record without personal fields if it is about one of these; amounts, times and countries stay."""
    if not is_about(people, record):
        return record
    if isinstance(record, Customer):
        return replace(record, **dict.fromkeys(PERSONAL_FIELDS))
    if isinstance(record, Refund):
        return replace(record, note=None)
    if isinstance(record, Order):
        refunds = tuple(replace(refund, note=None) for refund in record.refunds)
        blank: dict[str, Any] = dict.fromkeys(("email", "province", "city"))
        returned = tuple(replace(line, note=None) for line in record.return_lines)
        journey = without_addresses(record.journey)
        return replace(record, **blank, tags=(), journey=journey, refunds=refunds, return_lines=returned, answer=None)
    if isinstance(record, Checkout):
        return replace(record, recovery_path=None)
    return record


def _ids(record: Record) -> tuple[int, ...]:
    """Return the ids in `_subjects`, without their kinds."""
    if isinstance(record, Order):
        return (record.order_id,) if record.customer_id is None else (record.order_id, record.customer_id)
    return tuple(shopify_id for _, shopify_id in _subjects(record))


def _subjects(record: Record) -> set[tuple[str, int]]:
    """Return the customers and orders that a record is about."""
    if isinstance(record, Customer):
        return {(Kind.CUSTOMER.value, record.customer_id)}
    if isinstance(record, Refund):
        return {(Kind.ORDER.value, record.order_id)}
    if not isinstance(record, Order | Checkout):
        return set()
    buyer = set() if record.customer_id is None else {(Kind.CUSTOMER.value, record.customer_id)}
    return buyer | ({(Kind.ORDER.value, record.order_id)} if isinstance(record, Order) else set())
