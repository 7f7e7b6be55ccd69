"""The steps of a sync: bulk operations for the first load (`core.sync.first_load`), then pages of changed records.

A run after the first load reads the changes of a window, fixed when the run begins. Each page is written in one
transaction with the cursor behind it, so a killed run goes on with the next page. Windows overlap, because Shopify's
search index lags behind its data.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from requests.adapters import BaseAdapter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import ingest, logs, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import RunState, Store, SyncRun
from core.domain import Order
from core.errors import AccessDenied, RunLost
from core.ingest import change_sources
from core.shopify import auth, inventory, pages
from core.shopify.client import ShopifyClient
from core.stores.clients import stoppable_sleep, store_client
from core.sync import first_load, run_life, runs
from core.sync.run_life import RunKey
from core.sync.time_slice import DONE, GO_ON, Outcome, Step, TimeSlice

OVERLAP = timedelta(minutes=10)
INDEX_LAG = timedelta(minutes=2)
"""A run may miss changes of this time before its beginning. The overlap of the next run has them."""
SLICE = timedelta(seconds=10)
BROKEN = "An internal error occurred; the log has the details."

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of record that a run reads, a page at a time. Its name is in `auth.READ_BY`."""

    name: str
    page: Callable[[ShopifyClient, str, str | None, int], pages.Page]
    page_size: int

    @property
    def is_optional(self) -> bool:
        """Whether a store is complete without it. A run's progress then leaves it out, and its refusal fails no
        run."""
        return self.name in auth.OPTIONAL


ENTITIES = (
    Entity("products", pages.products_page, 50),
    Entity("customers", pages.customers_page, 100),
    Entity("orders", pages.orders_page, 50),
    Entity("checkouts", pages.checkouts_page, 50),
    Entity("locations", inventory.levels_page, 100),
    Entity("inventory", inventory.changed_page, 10),
)
"""In the order of reading, optional ones last. Stock is read by its locations; only where the app may not list those,
by the changed products."""


def work_on(
    key: StoreKey,
    run_id: int,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
) -> None:
    """Work on a run for one slice of time; the rest is queued behind other stores' jobs.

    Raises: as `run_life.work_on`; trouble with Shopify is noted on the run.
    """
    stop = stop or threading.Event()
    with logs.bound(run_id=run_id):
        time_slice = TimeSlice.of(stop, slice_length)
        run_life.work_on(_SyncWork(runs.key_of(key, run_id), transport, stop), time_slice)
        # However the run ended, even by another worker: a run may be queued behind it.
        runs.queue_follow_up(key)


class _SyncWork(run_life.RunWork[SyncRun]):
    """Work on a sync run."""

    broken = BROKEN

    @contextmanager
    def open(self) -> Iterator[Step]:
        key = self.run.store
        sleep = stoppable_sleep(self.stop, "The sync")
        with store_client(key, self.transport, sleep) as client:
            store = stores.find(key)
            row = _claim(client, store, self.run)

            def take_step(time_slice: TimeSlice) -> Outcome:
                if row.since is None:
                    # The step before may have found that a scope was taken away.
                    return first_load.advance(client, stores.find(key), row, time_slice.stop)
                return _read_next_page(client, key, row)

            yield take_step

    def queue(self, session: Session, delay: timedelta) -> None:
        runs.queue_work(session, self.run.store, self.run.run_id, delay)

    def note_end(self, session: Session, row: SyncRun) -> None:
        """Note how far the store is complete, once a run has succeeded."""
        if row.state != RunState.SUCCEEDED or row.until is None:
            return
        store = session.get(Store, (row.tenant_id, row.store_id))
        # `complete_until` is None again if more can be read since; then changes alone do not make the store complete.
        if store is not None and (row.since is None or store.complete_until is not None):
            store.complete_until = row.until - INDEX_LAG
            if store.changes_kept_since is None:
                store.changes_kept_since = session.scalar(select(func.clock_timestamp()))  # as `ledger_time()`
        if row.since is None:
            first_load.delete_all(session, self.run.store)


def _claim(client: ShopifyClient, store: stores.StoreView, run: RunKey[SyncRun]) -> SyncRun:
    """Claim the run; returns its row, with its window and its total.

    Raises:
        RunLost: it has ended, or another run of the store is running.
    """
    now = datetime.now(UTC)
    try:
        with tenant_session(store.tenant_id) as session:
            row = runs.claim(session, run, now)
    except RunLost:
        if runs.was_canceled(run):
            first_load.release(client, store.key)
        raise
    if row.until is not None:
        return row
    # Shopify is asked outside of a transaction: it may take minutes to answer.
    window = _plan_window(client, store, now)
    with tenant_session(store.tenant_id) as session:
        row = runs.claim(session, run, now)
        runs.begin(session, row, window.since, window.until, window.total)
    return row


class _Window(NamedTuple):
    """The changes that a run reads, from `since` (None: all records) to `until`, and the number of records."""

    since: datetime | None
    until: datetime
    total: int


def _plan_window(client: ShopifyClient, store: stores.StoreView, now: datetime) -> _Window:
    """Choose the window of a run; plan the slices of a first load."""
    if store.complete_until is None:
        planned_at, total = first_load.begin(client, store, now)
        return _Window(None, planned_at, total)
    since = store.complete_until - OVERLAP
    query = pages.updated_query(since, now)
    readable = {entity.name for entity in _readable(store)}
    counted = [entity.name for entity in ENTITIES if not entity.is_optional]
    totals = pages.counts(client, **{name: query if name in readable else None for name in counted})
    return _Window(since, now, totals.orders + totals.customers + totals.products)


def _readable(store: stores.StoreView) -> list[Entity]:
    """The entities that the store's app may read, stock in one way only."""
    names = {entity.name for entity in ENTITIES if store.may_read(entity.name)}
    if {"locations", "inventory"} <= names:
        names.remove("inventory")
    return [entity for entity in ENTITIES if entity.name in names]


def _read_next_page(client: ShopifyClient, key: StoreKey, row: SyncRun) -> Outcome:
    """Read and write one page. The app's scopes may have shrunk since the last one, and the page may show that."""
    if unread := _unread(stores.find(key), row):
        _read_page(client, key, row, unread[0])
    return GO_ON if _unread(stores.find(key), row) else DONE


def _unread(store: stores.StoreView, row: SyncRun) -> list[Entity]:
    return [entity for entity in _readable(store) if not row.cursors.get(entity.name, {}).get("done")]


def _read_page(client: ShopifyClient, key: StoreKey, row: SyncRun, entity: Entity) -> None:
    """Read the next page, write it and note it."""
    assert row.until is not None, "the window is fixed before the first page"
    after = row.cursors.get(entity.name, {}).get("after")
    asked_at = datetime.now(UTC)
    page = _fetch_page(client, entity, pages.updated_query(row.since, row.until), after)
    cursors = {**row.cursors, entity.name: {"after": page.end_cursor, "done": not page.has_next}}
    now = datetime.now(UTC)
    with tenant_session(key.tenant_id) as session:
        orders = [record for record in page.records if isinstance(record, Order)]
        records = 0 if entity.is_optional else len(page.records)
        new_orders = change_sources.count_new(session, key, orders)
        runs.note_page(session, row, cursors, runs.PageCounts(records, len(orders), new_orders), now)
        if change_sources.note_missed(session, key, orders, now):
            log.warning("a sync has found an order without a webhook; the subscriptions are checked")
            jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, key)
        ingest.write(session, key, page.records, now, reading=ingest.Reading(asked_at))
    row.cursors = cursors


def _fetch_page(client: ShopifyClient, entity: Entity, query: str, after: str | None) -> pages.Page:
    """Fetch the next page. Where Shopify refuses an optional entity, return an empty last page instead.

    Raises:
        AccessDenied: Shopify refuses an entity that the store is not whole without; and as `ShopifyClient.execute`.
    """
    try:
        return entity.page(client, query, after, entity.page_size)
    except AccessDenied as error:
        if not entity.is_optional:
            raise
        log.warning("shopify refuses to list an entity", entity=entity.name, reason=str(error))
        if client.missing_scopes.isdisjoint(auth.READ_BY[entity.name]):
            client.hidden.refused_entities.add(entity.name)
        return pages.Page((), None, False, None)
