"""Reads a store's products, customers, orders, checkouts and stock: first by `core.sync.first_load`, then by pages.

A run after the first load reads what changed in a window, fixed when it begins; each page is written in one
transaction with the cursor behind it, so a run that is killed goes on with the next page. Each job works on a run for
some seconds, so that no store keeps a worker from the others. Windows overlap, because Shopify's search index lags
behind its data.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter

from core import ingest, logs, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Store, SyncRun
from core.domain import Order
from core.errors import AccessDenied, NotFound, PermanentError, Stopping, TransientError
from core.ingest import arrivals
from core.shopify import auth, inventory, reading
from core.shopify.client import ShopifyClient
from core.stores.clients import store_client, waiting
from core.sync import first_load, runs

OVERLAP = timedelta(minutes=10)
INDEX_LAG = timedelta(minutes=2)
"""What Shopify changed less than this before a run began may be missing from it; the next run's overlap has it."""
SLICE = timedelta(seconds=10)
TRIES = 12
"""Waits in a row, without a page in between, before a run is given up: about an hour."""
BROKEN = "Something went wrong here; the log has the details. The next sync begins again."

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of thing that a run reads: how, and how many at once. Its name is in `auth.READ_BY`."""

    name: str
    page: Callable[[ShopifyClient, str, str | None, int], reading.Page]
    page_size: int

    @property
    def optional(self) -> bool:
        """Whether a store is whole without: then it is not in a run's progress, and never fails one."""
        return self.name in auth.OPTIONAL


ENTITIES = (
    Entity("products", reading.products_page, 50),
    Entity("customers", reading.customers_page, 100),
    Entity("orders", reading.orders_page, 50),
    Entity("checkouts", reading.checkouts_page, 50),
    Entity("locations", inventory.levels_page, 100),
    Entity("inventory", inventory.changed_page, 10),
)
"""In the order in which they are read: what a store is whole without comes last. Stock is read at its locations, and
only where those cannot be listed by the products that changed."""


def work_on(
    key: StoreKey,
    run_id: int,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
) -> None:
    """Work on a run for one slice; what is left is queued again behind other stores' jobs.

    Trouble with Shopify is not raised: a run that may succeed later waits and goes on, one that cannot is failed with
    a sentence. No error leaves a run active without a job, where it would keep its store from ever syncing again.
    """
    stop = stop or threading.Event()
    with logs.bound(**key.parameters, run_id=run_id):
        _work_or_note(key, run_id, transport, stop, slice_length)
        # However the run ended, also by somebody else's hand: another may be waiting for that.
        runs.queue_follow_up(key)


def _work_or_note(
    key: StoreKey,
    run_id: int,
    transport: BaseAdapter | None,
    stop: threading.Event,
    slice_length: timedelta,
) -> None:
    """Work for a slice; trouble is noted on the run."""
    try:
        with store_client(key, transport, waiting(stop, "The sync")) as client:
            pause = _slice(client, key, run_id, stop, slice_length)
    except runs.NotOurs as reason:
        log.warning("the run is left alone", reason=str(reason))
    except Stopping:
        _queue_again(key, run_id, timedelta(0))
    except TransientError as error:
        _wait(key, run_id, error)
    except NotFound:
        log.warning("the run's store was deleted")
    except PermanentError as error:
        _fail(key, run_id, error)
    except Exception:
        log.exception("sync run broke")
        with tenant_session(key.tenant_id) as session:
            runs.finish(session, key.tenant_id, run_id, datetime.now(UTC), error=BROKEN)
    else:
        if pause is not None:
            _queue_again(key, run_id, pause)


def _slice(
    client: ShopifyClient,
    key: StoreKey,
    run_id: int,
    stop: threading.Event,
    slice_length: timedelta,
) -> timedelta | None:
    """Work until the slice is over; returns how long the rest can wait, None when the run has ended."""
    store = stores.find(key)
    run = _claimed(client, store, run_id)
    if run is None:
        return None
    ends = time.monotonic() + slice_length.total_seconds()
    pause: timedelta | None = timedelta(0)
    over = False
    while pause == timedelta(0):
        if stop.is_set() or over:
            return pause
        is_first = run.since is None
        pause = first_load.advance(client, store, run, stop) if is_first else _next_page(client, store, run)
        # Asked after the step, so that every slice gets on, however long Shopify took.
        over = time.monotonic() >= ends
    if pause is None:
        _succeed(key, run)
    return pause


def _claimed(client: ShopifyClient, store: stores.StoreView, run_id: int) -> SyncRun | None:
    """The run, with its window and its total; None when it has ended."""
    now = datetime.now(UTC)
    with tenant_session(store.tenant_id) as session:
        run = runs.claim(session, store.tenant_id, run_id, now)
    if run is None:
        if runs.was_canceled(store.tenant_id, run_id):
            first_load.release(client, store.key)
        return None
    if run.until is not None:
        return run
    since, until, total = _window(client, store, now)
    with tenant_session(store.tenant_id) as session:
        run = runs.claim(session, store.tenant_id, run_id, now)
        if run is not None:
            runs.begin(session, run, since, until, total)
    return run


def _window(client: ShopifyClient, store: stores.StoreView, now: datetime) -> tuple[datetime | None, datetime, int]:
    """From when until when changes are read, and how many records that is; from None: all there is."""
    if store.complete_until is None:
        return None, *first_load.begin(client, store, now)
    since = store.complete_until - OVERLAP
    query = reading.updated_query(since, now)
    wanted = {entity.name for entity in _entities(store)}
    counted = [entity.name for entity in ENTITIES if not entity.optional]
    totals = reading.counts(client, **{name: query if name in wanted else None for name in counted})
    return since, now, totals.orders + totals.customers + totals.products


def _entities(store: stores.StoreView) -> list[Entity]:
    """What the store's app may read."""
    wanted = {entity.name for entity in ENTITIES if store.may_read(entity.name)}
    if {"locations", "inventory"} <= wanted:
        wanted.remove("inventory")
    return [entity for entity in ENTITIES if entity.name in wanted]


def _next_page(client: ShopifyClient, store: stores.StoreView, run: SyncRun) -> timedelta | None:
    """Read and write one page; None when there are no more of what may be read, which may be less than before."""
    if left := _left(store, run):
        _read_page(client, store.key, run, left[0])
    return timedelta(0) if _left(store, run) else None


def _left(store: stores.StoreView, run: SyncRun) -> list[Entity]:
    return [entity for entity in _entities(store) if not run.cursors.get(entity.name, {}).get("done")]


def _read_page(client: ShopifyClient, key: StoreKey, run: SyncRun, entity: Entity) -> None:
    """Read the next page, write it and note it."""
    assert run.until is not None, "the window is fixed before the first page"
    after = run.cursors.get(entity.name, {}).get("after")
    asked_at = datetime.now(UTC)
    page = _page(client, entity, reading.updated_query(run.since, run.until), after)
    cursors = {**run.cursors, entity.name: {"after": page.end_cursor, "done": not page.has_next}}
    now = datetime.now(UTC)
    with tenant_session(key.tenant_id) as session:
        if not runs.note_page(session, run, cursors, 0 if entity.optional else len(page.records), now):
            raise runs.NotOurs("Somebody else works on this run, or it was canceled.")
        orders = [record for record in page.records if isinstance(record, Order)]
        if arrivals.note_missed(session, key, orders, now):
            log.warning("a sync has found an order without a webhook; the subscriptions are checked")
            jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, key)
        ingest.write(session, key, page.records, now, reading=ingest.Reading(asked_at))
    run.cursors = cursors


def _page(client: ShopifyClient, entity: Entity, query: str, after: str | None) -> reading.Page:
    """The next page; an empty last one of what Shopify refuses and the rest can do without."""
    try:
        return entity.page(client, query, after, entity.page_size)
    except AccessDenied as error:
        if not entity.optional:
            raise
        log.warning("shopify refuses a part of the store", entity=entity.name, reason=str(error))
        client.refused_entities.add(entity.name)
        return reading.Page((), None, False, None)


def _succeed(key: StoreKey, run: SyncRun) -> None:
    """Note the run's end; nothing, if it is not ours to end: it was canceled, or somebody else goes on with it."""
    assert run.until is not None
    with tenant_session(key.tenant_id) as session:
        if not runs.finish(session, key.tenant_id, run.run_id, datetime.now(UTC)):
            return
        store = session.get(Store, (key.tenant_id, key.store_id))
        # Taken back meanwhile, because more may be read now: then changes alone do not make the store complete.
        if store is not None and (run.since is None or store.complete_until is not None):
            store.complete_until = run.until - INDEX_LAG
        if run.since is None:
            first_load.forget(session, key)
    log.info("sync run succeeded")


def _wait(key: StoreKey, run_id: int, error: TransientError) -> None:
    """Shopify has trouble: go on later, waiting longer each time, up to ten minutes; give up after TRIES."""
    with tenant_session(key.tenant_id) as session:
        attempts = runs.note_trouble(session, key.tenant_id, run_id, f"Waiting to go on: {error}", datetime.now(UTC))
    log.warning("sync run waits", attempts=attempts, reason=str(error))
    if attempts is None:
        return
    if attempts >= TRIES:
        with tenant_session(key.tenant_id) as session:
            runs.finish(session, key.tenant_id, run_id, datetime.now(UTC), error=str(error))
        return
    _queue_again(key, run_id, timedelta(seconds=error.wait_after(attempts)))


def _fail(key: StoreKey, run_id: int, error: PermanentError) -> None:
    """End the run. Where credentials were refused, the client has said so on the store."""
    log.warning("sync run failed", reason=str(error))
    with tenant_session(key.tenant_id) as session:
        runs.finish(session, key.tenant_id, run_id, datetime.now(UTC), error=str(error))


def _queue_again(key: StoreKey, run_id: int, delay: timedelta) -> None:
    with tenant_session(key.tenant_id) as session:
        runs.queue_work(session, key, run_id, delay)
