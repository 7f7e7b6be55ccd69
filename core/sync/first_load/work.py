"""The first load of a store, in slices that Shopify collects by bulk operations.

Each step starts the next operations, loads a completed one, or fetches by id the orders that a bulk operation
returned incomplete. While Shopify collects, no thread waits. The slices' rows hold the progress: a killed process
repeats at most one slice, with the same rows as a result.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from core import ingest, logs, rollups, stores
from core.database import StoreKey, statistics, tenant_session
from core.database.models import BackfillSlice, SliceState, SyncRun
from core.domain import Order, Unreadable
from core.errors import AccessDenied, ResultExpired, ShopifyDown
from core.shopify import auth, bulk, pages
from core.shopify.client import ShopifyClient
from core.stores import StoreView
from core.sync.first_load import slices
from core.sync.first_load.plan import Span, halves, spans
from core.sync.first_load.prefetch import prefetch
from core.sync.first_load.results import load_result
from core.sync.first_load.transactions import StagedTransaction
from core.sync.time_slice import DONE, GO_ON, Outcome, wait

ENTITIES = ("orders", "products", "customers", "inventory", "checkouts")
"""The entities of a first load, as far as the app may read them."""
AHEAD = 2
"""Operations that run at once: Shopify collects the next one while the last one's rows are written."""
BY_ID_AT_ONCE = 5000
"""Most orders fetched by id in one step; it ends after `BY_ID_SECONDS`."""
BY_ID_TOGETHER = 1000
"""Most of these in one transaction; fewer where fetching them takes longer than a second."""
BY_ID_SECONDS = 5.0
_FETCHES = 3
"""Fetches of an incomplete result before its operation is started again."""
TOO_LONG = timedelta(hours=24)
_BUSY_PAUSE = timedelta(seconds=30)

log = logs.get(__name__)


def begin(client: ShopifyClient, store: StoreView, now: datetime) -> tuple[datetime, int]:
    """Plan a store's slices unless they are planned; returns the time of the plan, and the number of records.

    Entities that the app may read only since then are planned in addition.
    """
    entities = [entity for entity in ENTITIES if store.may_read(entity)]
    queries = {entity: "" if entity in entities else None for entity in slices.COUNTED}
    totals = pages.counts(client, **queries)
    with tenant_session(store.tenant_id) as session:
        slices.plan(session, store.key, spans(now, store.shop_created_at, entities), now)
        planned = slices.of_store(session, store.key)
    planned_at = planned[0].planned_at if planned else now
    return planned_at, totals.orders + totals.customers + totals.products


def advance(client: ShopifyClient, store: StoreView, run: SyncRun, stop: threading.Event) -> Outcome:
    """Take one step: load a finished operation, read some orders whole, or wait for Shopify.

    Raises:
        RunLost: the run was canceled, or another worker goes on with it.
        ShopifyDown: an operation failed; the next step starts it again.
        AccessDenied: the app may not read the entity of a slice, and the store is not whole without it.
        Stopping: `stop` was set; and as `ShopifyClient.execute`.
    """
    parts = start_next_slices(client, store)
    started = [part for part in parts if part.state == SliceState.STARTED]
    for part in started:
        operation = bulk.poll(client, part.operation_id or "")
        if operation is not None and operation.is_completed:
            _load(client, run, part, operation, stop)
            return GO_ON
        if operation is None or not operation.is_under_way or cancel_if_stuck(client, part):
            _retry_slice(client, store, part, operation)
    if _fetch_incomplete(client, store, run, stop):
        return GO_ON
    rollups.rebuild_deferred(store.key)
    if started:
        return wait(_pause(started[0]))
    return wait(_BUSY_PAUSE) if any(part.state == SliceState.PENDING for part in parts) else DONE


def release(client: ShopifyClient, key: StoreKey) -> None:
    """Cancel the started operations of a store whose run was canceled. Their slices are pending again."""
    with tenant_session(key.tenant_id) as session:
        started = [part for part in slices.of_store(session, key) if part.state == SliceState.STARTED]
    for part in started:
        bulk.cancel(client, part.operation_id or "")
        with tenant_session(key.tenant_id) as session:
            slices.set_back(session, part, is_failure=False)


def start_next_slices(client: ShopifyClient, store: StoreView) -> list[BackfillSlice]:
    """Start the operations of the next slices, as many as Shopify takes now; returns the slices that can be read."""
    parts = _readable_slices(store)
    started = sum(part.state == SliceState.STARTED for part in parts)
    pending = [part for part in parts if part.state == SliceState.PENDING]
    for part in pending[: max(0, AHEAD - started)]:
        window, now = Span(part.entity, part.since, part.until).search_text, datetime.now(UTC)
        operation_id = bulk.start(client, part.entity, window)
        if operation_id is None:
            break
        with tenant_session(store.tenant_id) as session:
            slices.note_started(session, part, operation_id, now)
    return _readable_slices(store)


def cancel_if_stuck(client: ShopifyClient, part: BackfillSlice) -> bool:
    """Cancel an operation that has run for so long that it will not complete; returns whether it had."""
    if part.started_at is None or datetime.now(UTC) - part.started_at < TOO_LONG:
        return False
    bulk.cancel(client, part.operation_id or "")
    return True


def _readable_slices(store: StoreView) -> list[BackfillSlice]:
    """The store's slices without those that its app may no longer read."""
    with tenant_session(store.tenant_id) as session:
        parts = slices.of_store(session, store.key)
        return [part for part in parts if store.may_read(part.entity)]


def _load(
    client: ShopifyClient, run: SyncRun, part: BackfillSlice, operation: bulk.Operation, stop: threading.Event
) -> None:
    """Write the result of a completed operation. Set the slice back if the result has expired or stays incomplete."""
    try:
        load_result(client, run, part, operation, stop)
    except ResultExpired:
        log.warning("the result of a bulk operation is gone", slice_no=part.slice_no)
        _set_back(part)
    except ShopifyDown:
        # One incomplete download may be the network's fault. A result that stays incomplete is so at Shopify.
        if (part.loads + 1) % _FETCHES == 0:
            _set_back(part)
        raise


def _set_back(part: BackfillSlice) -> None:
    with tenant_session(part.tenant_id) as session:
        slices.set_back(session, part)


def _retry_slice(
    client: ShopifyClient, store: StoreView, part: BackfillSlice, operation: bulk.Operation | None
) -> None:
    """Set back the slice of a failed operation; cut it in two after a timeout.

    A partial result is not used, because any object in it may lack its children.

    Raises:
        AccessDenied: Shopify refuses an entity that the store is not whole without.
        ShopifyDown: the slice has to be started again.
    """
    status = operation.status if operation else "UNKNOWN"
    error = operation.error_code if operation else None
    log.warning("a bulk operation failed", slice_no=part.slice_no, status=status, error_code=error)
    if operation is not None and error == "ACCESS_DENIED":
        _retry_refused(client, store.key, part, operation)
        return
    with tenant_session(store.tenant_id) as session:
        slices.set_back(session, part)
        span = Span(part.entity, part.since, part.until)
        two_spans = halves(span, part.planned_at, store.shop_created_at) if error == "TIMEOUT" else None
        if two_spans:
            slices.cut(session, part, *two_spans)
    raise ShopifyDown(f"Shopify could not export the store's {part.entity}; Xeno will retry.")


def _retry_refused(client: ShopifyClient, key: StoreKey, part: BackfillSlice, operation: bulk.Operation) -> None:
    """Re-read the app's scopes after Shopify refused an operation, and set its slice back if the next one asks for
    less. Give up an optional entity that is still refused.

    Raises:
        AccessDenied: Shopify refuses an entity that the store is not whole without.
    """
    client.reread_scopes()
    lost = auth.missing_scopes(stores.find(key).scopes, auth.READ_BY[part.entity])
    window = Span(part.entity, part.since, part.until).search_text
    is_retried = not lost and bulk.asks_too_much(client, operation, part.entity, window)
    is_optional = part.entity in auth.OPTIONAL
    with tenant_session(key.tenant_id) as session:
        if is_retried or not is_optional:
            slices.set_back(session, part, is_failure=False)
        elif not lost:  # A slice whose scope is lost waits: the scope's return plans all slices again.
            client.hidden.refused_entities.add(part.entity)
            slices.give_up(session, part, datetime.now(UTC))
    if is_retried or is_optional:
        return
    scope = " and ".join(lost) if lost else f"{auth.READ_BY[part.entity][0]} or an approval"
    raise AccessDenied(
        f"Shopify does not allow this app to read the store's {part.entity}: the scope {scope} is missing; "
        "grant it in the app's settings and reconnect."
    )


def _fetch_incomplete(client: ShopifyClient, store: StoreView, run: SyncRun, stop: threading.Event) -> bool:
    """Fetch by id, and write, some of the incomplete orders; returns whether there were any."""
    with tenant_session(store.tenant_id) as session:
        order_ids = slices.list_incomplete(session, store.key, BY_ID_AT_ONCE)
    ends = time.monotonic() + BY_ID_SECONDS
    with prefetch(_batches(client, store, order_ids), _Batch.discard) as batches:
        for number, batch in enumerate(batches):
            with batch.transaction.writing() as session:
                _write(session, store.key, run, batch)
            if number == 0:
                statistics.refresh(store.tenant_id)
            if stop.is_set() or time.monotonic() > ends:
                break
    return bool(order_ids)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Orders fetched by id, with the transaction that has their rows. Shopify may not know some of the ids."""

    order_ids: list[int]
    records: list[Order | Unreadable]
    reading: ingest.Reading
    transaction: StagedTransaction

    def discard(self) -> None:
        """Give the batch up; none of it is written."""
        self.transaction.discard()


def _batches(client: ShopifyClient, store: StoreView, order_ids: list[int]) -> Iterator[_Batch]:
    first = 0
    while first < len(order_ids):
        reading = ingest.Reading(datetime.now(UTC))
        records, following = _fetch_from(client, order_ids, first)
        orders = [record for record in records if isinstance(record, Order)]
        prepared = ingest.PreparedOrders.of(store.key, store.time_zone, orders, reading)
        transaction = StagedTransaction(store.key, prepared)
        yield _Batch(order_ids[first:following], records, reading, transaction)
        first = following


def _fetch_from(client: ShopifyClient, order_ids: list[int], first: int) -> tuple[list[Order | Unreadable], int]:
    """Fetch the orders of one transaction, from the `first` of these ids on; also return where the next one
    begins."""
    records: list[Order | Unreadable] = []
    following, since = first, time.monotonic()
    while following < min(len(order_ids), first + BY_ID_TOGETHER) and time.monotonic() - since < 1:
        records += pages.orders_by_ids(client, order_ids[following : following + pages.DETAILED_AT_ONCE])
        following += pages.DETAILED_AT_ONCE
    return records, following


def _write(session: Session, key: StoreKey, run: SyncRun, batch: _Batch) -> None:
    now = datetime.now(UTC)
    slices.note_progress(session, run, now)
    rollups.defer(session, key)
    prepared = batch.transaction.prepared
    ingest.write(session, key, batch.records, now, prepared=prepared, reading=batch.reading)
    slices.note_completed(session, key, batch.order_ids)


def _pause(part: BackfillSlice) -> timedelta:
    """The pause before the next look at an operation: the longer it runs, the longer the pause, up to 30 seconds."""
    age = datetime.now(UTC) - (part.started_at or datetime.now(UTC))
    return max(timedelta(seconds=1), min(_BUSY_PAUSE, age / 4))
