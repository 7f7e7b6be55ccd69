"""The one way into the commerce tables: records in, rows out. The newest version wins, and a repeated write changes
nothing.

One transaction at a time writes a store (its row is locked first), so a sync and a webhook about the same order
cannot interleave. Each write is the list of `STEPS`, in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.models import Store
from core.domain import (
    Cart,
    Checkout,
    Customer,
    Deleted,
    InventoryLevel,
    Kind,
    Merged,
    Order,
    Product,
    Record,
    Refund,
    Refusal,
    Reread,
    Unreadable,
)
from core.errors import NotFound
from core.ingest import (
    checkouts,
    currencies,
    customers,
    deletions,
    inventory,
    orders,
    people,
    products,
    refunds,
    sales,
    unreadable,
)
from core.ingest.deletions import WrittenDeletions
from core.ingest.order_rows import NONE_PREPARED, PreparedOrders
from core.ingest.orders import WrittenOrders
from core.ingest.ranks import Reading, rank
from core.ingest.target import COPY_FROM, Target
from core.ingest.versions import Refused, Selected

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Written:
    """How many records of each kind a write changed. Refused records are in no count."""

    orders: int = 0
    refunds: int = 0
    customers: int = 0
    products: int = 0
    checkouts: int = 0
    carts: int = 0
    levels: int = 0
    deleted: int = 0
    unreadable: int = 0
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    """Why a record was not written, or not all of it, by its position among the records."""

    @property
    def changed(self) -> bool:
        """Whether any row was written that a page shows.

        No page shows carts, nor stock by location, and both change all the time.
        """
        written = (self.orders, self.refunds, self.customers, self.products, self.checkouts)
        return any((*written, self.deleted, self.unreadable))


@dataclass(slots=True)
class Batch:
    """The records of one write, and what the steps did with them so far."""

    store: Store
    target: Target
    records: tuple[Record, ...]
    now: datetime
    prepared: PreparedOrders
    merged: list[Deleted] = field(default_factory=list)
    deleted: WrittenDeletions = field(default_factory=WrittenDeletions)
    restored: Mapping[Kind, set[int]] = field(default_factory=dict)
    products: Selected[Product] = field(default_factory=Selected)
    customers: Selected[Customer] = field(default_factory=Selected)
    orders: WrittenOrders = field(default_factory=WrittenOrders)
    checkouts: Selected[Checkout] = field(default_factory=Selected)
    carts: int = 0
    levels: int = 0
    refunded: set[int] = field(default_factory=set)
    """The ids of the orders of new refunds."""
    unreadable: int = 0
    redacted: set[int] = field(default_factory=set)
    """The positions of the records that lost personal fields."""
    refused: list[Refused] = field(default_factory=list)

    def of(self, kind: type[R]) -> list[R]:
        """Return the records of one type."""
        return [record for record in self.records if isinstance(record, kind)]


def merge_customers(session: Session, batch: Batch) -> None:
    """Store which customers Shopify merged; the merged ones are deleted with the other deletions."""
    merges = batch.of(Merged)
    batch.merged = people.merge(session, batch.target, merges)
    merged_ids = {deleted.shopify_id for deleted in batch.merged}
    batch.refused += [Refused(m, m.merged_id, Refusal.STALE) for m in merges if m.merged_id not in merged_ids]


def mark_withheld_customers(_: Session, batch: Batch) -> None:
    """Mark the customer as withheld in webhooks of an app that may not see customers."""
    sees_customers = "read_customers" not in batch.store.missing_scopes
    batch.records = people.mark_withheld(batch.records, sees_customers)


def rename_merged_customers(session: Session, batch: Batch) -> None:
    """Put the ids of the customers who were kept in place of those who were merged into them."""
    batch.records = people.rename_merged(session, batch.target, batch.records)


def redact_people(session: Session, batch: Batch) -> None:
    """Blank the personal fields of people who were redacted."""
    redacted = people.redacted(session, batch.target, batch.records)
    if redacted:
        about = {place for place, record in enumerate(batch.records) if people.is_about(redacted, record)}
        batch.redacted = about
        batch.records = tuple(people.redact(record, redacted) for record in batch.records)


def delete_records(session: Session, batch: Batch) -> None:
    """Store tombstones of deleted records, and mark their rows."""
    batch.deleted = deletions.write(session, batch.target, [*batch.of(Deleted), *batch.merged])
    batch.refused += batch.deleted.refused


def restore_records(session: Session, batch: Batch) -> None:
    """End inferred deletions of records that the API returned later."""
    batch.restored = deletions.restore(session, batch.target, batch.records, batch.now)


def write_products(session: Session, batch: Batch) -> None:
    """Write products with their variants."""
    batch.products = products.write(session, batch.target, batch.of(Product))
    batch.refused += batch.products.refused


def write_customers(session: Session, batch: Batch) -> None:
    """Write customers."""
    batch.customers = customers.write(session, batch.target, batch.of(Customer))
    batch.refused += batch.customers.refused


def write_orders(session: Session, batch: Batch) -> None:
    """Write orders with their lines, and note their currencies."""
    batch.orders = orders.write(session, batch.target, batch.of(Order), batch.prepared)
    currencies.note_currencies(batch.store, batch.orders.selected.records.values())


def write_checkouts(session: Session, batch: Batch) -> None:
    """Write checkouts with their lines."""
    batch.checkouts = checkouts.write(session, batch.target, batch.of(Checkout))
    batch.refused += batch.checkouts.refused


def write_carts(session: Session, batch: Batch) -> None:
    """Write carts."""
    batch.carts, refused = checkouts.write_carts(session, batch.target, batch.of(Cart))
    batch.refused += refused


def write_inventory(session: Session, batch: Batch) -> None:
    """Write stock by location."""
    batch.levels, refused = inventory.write(session, batch.target, batch.of(InventoryLevel))
    batch.refused += refused


def write_refunds(session: Session, batch: Batch) -> None:
    """Write refunds: those that come alone, and those inside orders. A new refund of a stale order is written, too."""
    written = batch.orders.selected.records
    versions = _refunds(batch)
    new = refunds.write(session, batch.target, versions, written)
    batch.refunded = {refund.order_id for refund in versions if refund.refund_id in new}
    known = [refund for refund in batch.of(Refund) if refund.refund_id not in new and refund.order_id not in written]
    batch.refused += [Refused(refund, refund.refund_id, Refusal.STALE) for refund in known]
    batch.orders.selected.complete(batch.refunded)
    batch.refused += batch.orders.selected.refused


def rewrite_sales(session: Session, batch: Batch) -> None:
    """Recompute the ledger of every order that changed, from what is stored now."""
    changed = batch.orders.ids | batch.refunded | batch.deleted.ids[Kind.ORDER] | batch.restored[Kind.ORDER]
    sales.rewrite(session, batch.target, changed, batch.orders)


def note_unreadable(session: Session, batch: Batch) -> None:
    """Remember the records that could not be read, and forget those that could."""
    batch.unreadable = unreadable.write(session, batch.target, batch.records, batch.now)
    batch.refused += [Refused(record, record.shopify_id, Refusal.UNREADABLE) for record in batch.of(Unreadable)]


STEPS: tuple[Callable[[Session, Batch], None], ...] = (
    merge_customers,
    mark_withheld_customers,
    rename_merged_customers,
    redact_people,
    delete_records,
    restore_records,
    write_products,
    write_customers,
    write_orders,
    write_checkouts,
    write_carts,
    write_inventory,
    write_refunds,
    rewrite_sales,
    note_unreadable,
)


def write(
    session: Session,
    store: StoreKey,
    records: Iterable[Record],
    now: datetime,
    copy_from: int = COPY_FROM,
    prepared: PreparedOrders = NONE_PREPARED,
    reading: Reading | None = None,
) -> Written:
    """Write records of one store in the session's transaction; `records` may hold versions in any order, repeated.

    `prepared` may hold the rows of orders among the records. `reading` says how the API's records were read; by
    default all of each was read just now. `copy_from` decides how rows travel, not which.

    Raises:
        NotFound: the tenant has no such store.
        ValueError: a `Reread` is among the records; re-fetch the record before.
    """
    batch = _begin(session, store, tuple(records), now, copy_from, prepared, reading or Reading(now))
    for step in STEPS:
        step(session, batch)
    written = _written(batch)
    if written.changed:
        batch.store.revision += 1
        batch.store.last_ingest_at = now
    return written


def _begin(
    session: Session,
    key: StoreKey,
    records: tuple[Record, ...],
    now: datetime,
    copy_from: int,
    prepared: PreparedOrders,
    reading: Reading,
) -> Batch:
    if any(isinstance(record, Reread) for record in records):
        raise ValueError("A Reread has to be re-fetched before it is written.")
    store = _lock_store(session, key)
    if len(records) >= copy_from:
        _forbid_table_scans(session)
    target = Target(key, ZoneInfo(store.time_zone), store.currency, reading, copy_from, store.connected_at)
    return Batch(store, target, records, now, prepared)


def _lock_store(session: Session, key: StoreKey) -> Store:
    # Not the strongest lock: that one would make the receiver, whose rows refer to the store, wait for a sync's page.
    lock = select(Store).where(key.owns(Store)).with_for_update(key_share=True)
    store = session.scalar(lock.execution_options(populate_existing=True))
    if store is None:
        raise NotFound("There is no such store here.")
    return store


def _forbid_table_scans(session: Session) -> None:
    """Until the end of the transaction, have ids looked up by index: while a first load fills the tables, the
    planner's figures of their sizes are long out of date."""
    session.execute(text("SET LOCAL enable_seqscan = off"))


def _refunds(batch: Batch) -> list[Refund]:
    """Return the refunds of the batch: single ones, and those inside orders, stale orders too.

    The last version of a refund wins: the one in the written order, else in the newest.
    """
    with_refunds = (order for order in batch.of(Order) if order.refunds)
    versions = sorted(with_refunds, key=lambda order: rank(order, batch.target.reading))
    written = batch.orders.selected.records.values()
    return batch.of(Refund) + [refund for order in (*versions, *written) for refund in order.refunds]


def _written(batch: Batch) -> Written:
    return Written(
        orders=len(batch.orders.ids),
        refunds=len(batch.refunded),
        customers=len(batch.customers.ids),
        products=len(batch.products.ids),
        checkouts=len(batch.checkouts.ids),
        carts=batch.carts,
        levels=batch.levels,
        deleted=batch.deleted.count,
        unreadable=batch.unreadable,
        refused=_refusals(batch),
    )


def _refusals(batch: Batch) -> dict[int, Refusal]:
    """Return the refusals by position. The steps may replace a record, but no step moves one."""
    if not batch.refused and not batch.redacted:
        return {}
    reasons = {id(refused.record): refused.refusal for refused in batch.refused}
    refusals = {place: reasons[id(record)] for place, record in enumerate(batch.records) if id(record) in reasons}
    return refusals | dict.fromkeys(batch.redacted, Refusal.REDACTED)
