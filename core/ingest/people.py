"""What is known of the people in records before they are written: who was merged, and who is to be forgotten.

A late version, from wherever it comes, neither brings back a customer who was merged nor what was redacted.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database.models import CustomerMerge, Redaction
from core.domain import Checkout, Customer, Kind, Order, Record, Refund, Source
from core.ingest.target import Target, among

Redacted = frozenset[tuple[str, int]]
"""Kind and id of customers and orders."""


def as_known(session: Session, target: Target, batch: tuple[Record, ...]) -> tuple[Record, ...]:
    """The records with customers under the ids they have now, and without what was redacted."""
    customer_ids = {
        record.customer_id
        for record in batch
        if isinstance(record, Order | Customer | Checkout) and record.customer_id is not None
    }
    if customer_ids:
        now = _merged(session, target, customer_ids)
        batch = tuple(_renamed(record, now) for record in batch) if now else batch
    gone = redacted(session, target.tenant_id, target.store_id, batch)
    return tuple(_forgotten(record, gone) for record in batch) if gone else batch


def as_shown(batch: tuple[Record, ...], sees_customers: bool) -> tuple[Record, ...]:
    """The records of webhooks; fields that the store's app may not see are marked as withheld."""
    if sees_customers:
        return batch
    return tuple(_without_customer(record) for record in batch)


def redacted(session: Session, tenant_id: int, store_id: int, records: Iterable[Record]) -> Redacted:
    """The customers and orders in these records that were redacted."""
    records = list(records)
    ids = {shopify_id for record in records for shopify_id in _ids(record)}
    if not ids:
        return frozenset()
    query = select(Redaction.kind, Redaction.shopify_id).where(
        Redaction.tenant_id == tenant_id, Redaction.store_id == store_id, among(Redaction.shopify_id, ids)
    )
    found = frozenset((row.kind, row.shopify_id) for row in session.execute(query))
    return found & {each for record in records for each in _named(record)} if found else found


def concerns(gone: Redacted, records: Iterable[Record]) -> bool:
    """Whether any of these records is about somebody who was redacted."""
    return any(not gone.isdisjoint(_named(record)) for record in records)


def _without_customer(record: Record) -> Record:
    if isinstance(record, Order | Checkout) and record.source == Source.WEBHOOK and record.customer_id is None:
        return replace(record, withheld=(*record.withheld, ("customer", None)))
    return record


def _merged(session: Session, target: Target, customer_ids: Iterable[int]) -> dict[int, int]:
    query = select(CustomerMerge.merged_id, CustomerMerge.kept_id).where(
        *target.owns(CustomerMerge), among(CustomerMerge.merged_id, customer_ids)
    )
    return {row.merged_id: row.kept_id for row in session.execute(query)}


def _renamed(record: Record, now: dict[int, int]) -> Record:
    """Not a customer itself: of one who was merged there is a tombstone, which keeps late news of them out."""
    if isinstance(record, Order | Checkout) and record.customer_id in now:
        return replace(record, customer_id=now[record.customer_id])
    return record


def _ids(record: Record) -> tuple[int, ...]:
    """The ids in `_named`, without what they are of."""
    if isinstance(record, Order):
        return (record.order_id,) if record.customer_id is None else (record.order_id, record.customer_id)
    return tuple(shopify_id for _, shopify_id in _named(record))


def _named(record: Record) -> set[tuple[str, int]]:
    """Whom a record is about."""
    if isinstance(record, Customer):
        return {(Kind.CUSTOMER.value, record.customer_id)}
    if isinstance(record, Refund):
        return {(Kind.ORDER.value, record.order_id)}
    if not isinstance(record, Order | Checkout):
        return set()
    buyer = set() if record.customer_id is None else {(Kind.CUSTOMER.value, record.customer_id)}
    return buyer | ({(Kind.ORDER.value, record.order_id)} if isinstance(record, Order) else set())


def _forgotten(record: Record, gone: Redacted) -> Record:
    """Without what tells who somebody is; amounts, times and countries stay."""
    if gone.isdisjoint(_named(record)):
        return record
    if isinstance(record, Customer):
        blank = dict.fromkeys(("first_name", "last_name", "email", "tags", "locale", "province", "city"))
        return replace(record, **blank)
    if isinstance(record, Refund):
        return replace(record, note=None)
    if isinstance(record, Order):
        refunds = tuple(replace(refund, note=None) for refund in record.refunds)
        return replace(record, email=None, province=None, city=None, refunds=refunds)
    return record
