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
from core.shopify import auth, bulk, reading
from core.shopify.client import ShopifyClient
from core.stores import StoreView
from core.sync.first_load import slices
from core.sync.first_load.loading import load
from core.sync.first_load.plan import Span, halves, spans
from core.sync.first_load.prefetch import ahead
from core.sync.first_load.slices import forget

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
    totals = reading.counts(client, **wanted)
    with tenant_session(store.tenant_id) as session:
        slices.plan(session, store.key, spans(now, store.shop_created_at, entities), now)
        planned = slices.of_store(session, store.key)
    planned_at = planned[0].planned_at if planned else now
    return planned_at, totals.orders + totals.customers + totals.products


def advance(client: ShopifyClient, store: StoreView, run: SyncRun, stop: threading.Event) -> timedelta | None:
    """One step; returns how long to wait before the next one, None when all is done.

    Raises:
        NotOurs: the run was canceled, or somebody else works on it.
        ShopifyDown: an operation came to nothing; the next step has another try.
        AccessDenied: the app may not read what a slice is of, and the store is not whole without it.
        Stopping: `stop` was set; and as `ShopifyClient.execute`.
    """
    parts = _started(client, store)
    under_way = [part for part in parts if part.state == SliceState.STARTED]
    for part in under_way:
        operation = bulk.look(client, part.operation_id or "")
        if operation is not None and operation.completed:
            return _load(client, store.tenant_id, run, part, operation, stop)
        if operation is None or not operation.under_way or _end_if_stuck(client, part):
            _refuse(client, store, part, operation)
    if _read_some_whole(client, store, run, stop):
        return timedelta(0)
    if under_way:
        return _pause(under_way[0])
    return _BUSY_PAUSE if any(part.state == SliceState.PENDING for part in parts) else None


def release(client: ShopifyClient, key: StoreKey) -> None:
    """End the operations that are under way for a store: its run was canceled. What they were of is still to do."""
    with tenant_session(key.tenant_id) as session:
        started = [part for part in slices.of_store(session, key) if part.state == SliceState.STARTED]
    for part in started:
        bulk.cancel(client, part.operation_id or "")
        with tenant_session(key.tenant_id) as session:
            slices.set_back(session, part, failed=False)


def _started(client: ShopifyClient, store: StoreView) -> list[BackfillSlice]:
    """The store's slices, after the next ones were started as far as that is possible. What may not be read any more
    is not among them."""
    parts = _readable(store)
    under_way = sum(part.state == SliceState.STARTED for part in parts)
    pending = [part for part in parts if part.state == SliceState.PENDING]
    for part in pending[: max(0, AHEAD - under_way)]:
        window, now = Span(part.entity, part.since, part.until).window, datetime.now(UTC)
        operation_id = bulk.start(client, part.entity, window, auth.missing_scopes(store.scopes, auth.ALL_SCOPES))
        if operation_id is None:
            break
        with tenant_session(store.tenant_id) as session:
            slices.note_started(session, part, operation_id, now)
    return _readable(store)


def _readable(store: StoreView) -> list[BackfillSlice]:
    with tenant_session(store.tenant_id) as session:
        parts = slices.of_store(session, store.key)
        return [part for part in parts if store.may_read(part.entity)]


def _load(
    client: ShopifyClient,
    tenant_id: int,
    run: SyncRun,
    part: BackfillSlice,
    operation: bulk.Operation,
    stop: threading.Event,
) -> timedelta:
    try:
        load(client, tenant_id, run, part, operation, stop)
    except ResultGone:
        log.warning("the result of a bulk operation is gone", slice_no=part.slice_no)
        _collect_anew(tenant_id, part)
    except ShopifyDown:
        # It may have been the way here; but what never comes whole is not whole there either.
        if (part.loads + 1) % _FETCHES == 0:
            _collect_anew(tenant_id, part)
        raise
    return timedelta(0)


def _collect_anew(tenant_id: int, part: BackfillSlice) -> None:
    with tenant_session(tenant_id) as session:
        slices.set_back(session, part)


def _refuse(client: ShopifyClient, store: StoreView, part: BackfillSlice, operation: bulk.Operation | None) -> None:
    """An operation came to nothing; what there is of its result is not used, for any object in it may lack some."""
    status = operation.status if operation else "UNKNOWN"
    error = operation.error_code if operation else None
    log.warning("a bulk operation came to nothing", slice_no=part.slice_no, status=status, error_code=error)
    if error == "ACCESS_DENIED" and part.entity in auth.OPTIONAL:
        client.refused_entities.add(part.entity)
        with tenant_session(store.tenant_id) as session:
            slices.give_up(session, part, datetime.now(UTC))
        return
    with tenant_session(store.tenant_id) as session:
        slices.set_back(session, part)
        span = Span(part.entity, part.since, part.until)
        two = halves(span, part.planned_at, store.shop_created_at) if error == "TIMEOUT" else None
        if two:
            slices.cut(session, part, *two)
    if error == "ACCESS_DENIED":
        raise AccessDenied(
            f"Shopify does not let this app read the store's {part.entity}: "
            f"the scope {' or '.join(auth.READ_BY[part.entity])} or an approval is missing; "
            "grant it in the app's settings and reconnect"
        )
    raise ShopifyDown(f"Shopify did not bring the store's {part.entity} together; it is asked again")


def _end_if_stuck(client: ShopifyClient, part: BackfillSlice) -> bool:
    """End an operation that has been under way for so long that nothing will come of it; returns whether it was."""
    if part.started_at is None or datetime.now(UTC) - part.started_at < TOO_LONG:
        return False
    bulk.cancel(client, part.operation_id or "")
    return True


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
        orders += reading.orders_by_ids(client, order_ids[following : following + reading.DETAILED_AT_ONCE])
        following += reading.DETAILED_AT_ONCE
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
