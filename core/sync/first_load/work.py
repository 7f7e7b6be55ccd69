"""The first load of a store, in slices that Shopify collects by bulk operations.

A step at a time: start what may be started, look at what was, write what is there, read whole the orders that a bulk
operation cannot tell all of. While Shopify collects, no thread waits. What was done is in the rows of the slices, so
a killed process repeats one slice at most, and its rows come out the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core import ingest, logs
from core.database import StoreKey, statistics, tenant_session
from core.database.models import BackfillSlice, SliceState, SyncRun
from core.domain import Order, Unreadable
from core.errors import AccessDenied, ResultGone, ShopifyDown
from core.shopify import auth, bulk, pages
from core.shopify.client import ShopifyClient
from core.stores import StoreView
from core.sync.first_load import slices
from core.sync.first_load.loading import load
from core.sync.first_load.plan import Span, halves, spans
from core.sync.first_load.prefetch import ahead
from core.sync.first_load.slices import forget
from core.sync.time_slice import DONE, GO_ON, Outcome, wait

__all__ = ["ENTITIES", "advance", "begin", "forget", "release"]

ENTITIES = ("orders", "products", "customers", "inventory", "checkouts")
"""What is read, as far as the app may."""
AHEAD = 2
"""Operations under way at once: the next one is collected while the last one's rows are written."""
WHOLE_AT_ONCE = 5000
"""Orders read whole in one step, at most: it ends when it has taken `WHOLE_SECONDS`."""
WHOLE_TOGETHER = 1000
"""Of these, how many are written in a transaction; fewer where reading them takes longer than a second."""
WHOLE_SECONDS = 5.0
_FETCHES = 3
"""How often a result that does not come whole is fetched before Shopify is asked to collect it anew."""
TOO_LONG = timedelta(hours=24)
_BUSY_PAUSE = timedelta(seconds=30)

log = logs.get(__name__)


def begin(client: ShopifyClient, store: StoreView, now: datetime) -> tuple[datetime, int]:
    """Plan a store's slices unless they are planned; returns as of when they are, and how many records there are.

    What may be read only since they were planned is planned in addition.
    """
    entities = [entity for entity in ENTITIES if store.may_read(entity)]
    wanted = {entity: "" if entity in entities else None for entity in slices.COUNTED}
    totals = pages.counts(client, **wanted)
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
    if _read_some_whole(client, store, run, stop):
        return GO_ON
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
        window, now = Span(part.entity, part.since, part.until).window, datetime.now(UTC)
        operation_id = bulk.start(client, part.entity, window, auth.missing_scopes(store.scopes, auth.ALL_SCOPES))
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
        load(client, run, part, operation, stop)
    except ResultGone:
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
    """Set back the slice of a failed operation; cut it in two after a timeout, give it up if Shopify refuses an
    optional entity.

    A partial result is not used, because any object in it may lack its children.

    Raises:
        AccessDenied: Shopify refuses an entity that the store is not whole without.
        ShopifyDown: the slice has to be started again.
    """
    status = operation.status if operation else "UNKNOWN"
    error = operation.error_code if operation else None
    log.warning("a bulk operation failed", slice_no=part.slice_no, status=status, error_code=error)
    if error == "ACCESS_DENIED" and part.entity in auth.OPTIONAL:
        client.refused_entities.add(part.entity)
        with tenant_session(store.tenant_id) as session:
            slices.give_up(session, part, datetime.now(UTC))
        return
    with tenant_session(store.tenant_id) as session:
        slices.set_back(session, part)
        span = Span(part.entity, part.since, part.until)
        two_spans = halves(span, part.planned_at, store.shop_created_at) if error == "TIMEOUT" else None
        if two_spans:
            slices.cut(session, part, *two_spans)
    if error == "ACCESS_DENIED":
        raise AccessDenied(
            f"Shopify does not let this app read the store's {part.entity}: "
            f"the scope {' or '.join(auth.READ_BY[part.entity])} or an approval is missing; "
            "grant it in the app's settings and reconnect"
        )
    raise ShopifyDown(f"Shopify did not bring the store's {part.entity} together; it is asked again")


def _read_some_whole(client: ShopifyClient, store: StoreView, run: SyncRun, stop: threading.Event) -> bool:
    """Read and write some of the orders that the bulk operations did not tell all of; False when there are none."""
    with tenant_session(store.tenant_id) as session:
        order_ids = slices.to_read(session, store.key, WHOLE_AT_ONCE)
    ends = time.monotonic() + WHOLE_SECONDS
    with ahead(_portions(client, store, order_ids)) as portions:
        for number, portion in enumerate(portions):
            _write_whole(store.key, run, portion)
            if number == 0:
                statistics.refresh(store.tenant_id)
            if stop.is_set() or time.monotonic() > ends:
                break
    return bool(order_ids)


@dataclass(frozen=True, slots=True)
class _Portion:
    """Orders that were read whole, with their rows; of some of the ids there may be none any more."""

    order_ids: list[int]
    orders: list[Order | Unreadable]
    reading: ingest.Reading
    prepared: ingest.PreparedOrders


def _portions(client: ShopifyClient, store: StoreView, order_ids: list[int]) -> Iterator[_Portion]:
    first = 0
    while first < len(order_ids):
        read = ingest.Reading(datetime.now(UTC))
        orders, following = _read_from(client, order_ids, first)
        told = [order for order in orders if isinstance(order, Order)]
        prepared = ingest.PreparedOrders.of(store.key, store.time_zone, told, read)
        yield _Portion(order_ids[first:following], orders, read, prepared)
        first = following


def _read_from(client: ShopifyClient, order_ids: list[int], first: int) -> tuple[list[Order | Unreadable], int]:
    """Orders from the `first` of these ids on, as many as are written together; and where the others begin."""
    orders: list[Order | Unreadable] = []
    following, since = first, time.monotonic()
    while following < min(len(order_ids), first + WHOLE_TOGETHER) and time.monotonic() - since < 1:
        orders += pages.orders_by_ids(client, order_ids[following : following + pages.DETAILED_AT_ONCE])
        following += pages.DETAILED_AT_ONCE
    return orders, following


def _write_whole(key: StoreKey, run: SyncRun, portion: _Portion) -> None:
    now = datetime.now(UTC)
    with tenant_session(key.tenant_id) as session:
        slices.note_progress(session, run, now)
        ingest.write(session, key, portion.orders, now, prepared=portion.prepared, reading=portion.reading)
        slices.note_read(session, key, portion.order_ids)


def _pause(part: BackfillSlice) -> timedelta:
    """The longer an operation has been under way, the more rarely it is looked at: from every second to every 30."""
    age = datetime.now(UTC) - (part.started_at or datetime.now(UTC))
    return max(timedelta(seconds=1), min(_BUSY_PAUSE, age / 4))
