"""The one way into the commerce tables: records in, rows out. The newest version wins, and a repeated write changes
nothing.

One transaction at a time writes a store (its row is locked first), so a sync and a webhook about the same order
cannot interleave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.models import Store
from core.domain import Record, Reread
from core.errors import StoreNotFound
from core.ingest import steps
from core.ingest.batch import Batch, Written
from core.ingest.order_rows import NONE_PREPARED, PreparedOrders
from core.ingest.ranks import Reading
from core.ingest.target import COPY_FROM, Target

STEPS: tuple[Callable[[Session, Batch], None], ...] = (
    # 1. Who is who. These steps change `records`, so that every later step sees the people as they are now.
    steps.merge_customers,  # stores merges; sets `merged`, the deletions that follow from them
    steps.mark_withheld_customers,  # needs no other step; marks records that name no customer
    steps.rename_merged_customers,  # after the merges of this batch; moves records to the kept customer
    steps.redact_people,  # after the rename: the kept customer may be the one who was redacted
    # 2. What exists. Before the rows, because a record with a tombstone is refused.
    steps.delete_records,  # `merged` and the deletions of this batch become tombstones; sets `deleted`
    steps.restore_records,  # after the deletions: one that Shopify confirms now is not ended; sets `restored`
    # 3. Rows. Each step writes one kind, and adds the records that it does not write to `refused`.
    steps.write_products,
    steps.write_customers,
    steps.write_orders,  # sets `orders`: the version that won, and the ids whose rows changed
    steps.write_checkouts,
    steps.write_carts,
    steps.write_inventory,
    steps.write_refunds,  # after the orders: the version that won decides on its refunds; sets `refunded`
    # 4. What follows from the rows.
    steps.rewrite_sales,  # after orders, refunds, deletions and restores: the ledger is computed from all of them
    steps.note_unreadable,  # needs no other step; sets `unreadable`
)
"""All steps of a write, in order. A comment says what a step needs of the earlier ones, and what it changes."""


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
        StoreNotFound: the tenant has no such store.
        ValueError: a `Reread` is among the records; re-fetch the record before.
    """
    batch = _begin(session, store, tuple(records), now, copy_from, prepared, reading or Reading(now))
    for step in STEPS:
        step(session, batch)
    written = batch.written()
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
    if store.changes_kept_since is None:
        _keep_no_changes(session)
    if len(records) >= copy_from:
        _forbid_table_scans(session)
    target = Target(key, ZoneInfo(store.time_zone), store.currency, reading, copy_from, store.connected_at)
    return Batch(store, target, records, records, now, prepared)


def _lock_store(session: Session, key: StoreKey) -> Store:
    # Not the strongest lock: that one would make the receiver, whose rows refer to the store, wait for a sync's page.
    lock = select(Store).where(key.owns(Store)).with_for_update(key_share=True)
    store = session.scalar(lock.execution_options(populate_existing=True))
    if store is None:
        raise StoreNotFound
    return store


def _keep_no_changes(session: Session) -> None:
    """Until the end of the transaction, date no row: the rows of a first load are no changes."""
    session.execute(text("SET LOCAL xeno.ledger = 'loading'"))


def _forbid_table_scans(session: Session) -> None:
    """Until the end of the transaction, have ids looked up by index: while a first load fills the tables, the
    planner's figures of their sizes are long out of date."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
