"""Writes what a bulk operation found, in batches; each is a transaction that also says how far it is."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from core import ingest, stores
from core.database import StoreKey, statistics, tenant_session
from core.database.models import BackfillSlice, SyncRun
from core.domain import Order
from core.errors import Stopping
from core.shopify import bulk
from core.shopify.client import ShopifyClient
from core.sync.first_load import slices
from core.sync.first_load.prefetch import ahead

BATCH = 5000
"""Records in one transaction: enough for a set, few enough for memory to stay flat."""
_FIRST_BATCH = 200
_GROWTH = 3
"""How much larger the next batch may be: about what is made ready while the one before it is written."""


def load(
    client: ShopifyClient,
    run: SyncRun,
    part: BackfillSlice,
    operation: bulk.Operation,
    stop: threading.Event,
    batch_size: int = BATCH,
) -> None:
    """Write a slice's result, `batch_size` records in a transaction, and note it as done.

    Raises:
        RunLost: the run was canceled, or another worker writes the slice now.
        Stopping: `stop` was set between two batches.
        ResultGone, ShopifyDown, QueryRefused: see `bulk.open_result`.
    """
    with tenant_session(part.tenant_id) as session:
        attempt = slices.begin_load(session, part)
    zone = stores.find(StoreKey(part.tenant_id, part.store_id)).time_zone
    began_at = operation.began_before(part.started_at or part.planned_at)
    with (
        bulk.open_result(client, operation, part.entity) as found,
        ahead(_batches(found, part, began_at, zone, batch_size)) as batches,
    ):
        for number, batch in enumerate(batches):
            if stop.is_set():
                raise Stopping("The first load stops here and goes on at the next start.")
            _write(run, part, attempt, batch)
            if number == 0:
                statistics.refresh(part.tenant_id)
    with tenant_session(part.tenant_id) as session:
        slices.finish(session, part, attempt, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some of a result, with the rows of its orders."""

    found: list[bulk.BulkRecord]
    reading: ingest.Reading
    prepared: ingest.PreparedOrders


def _write(run: SyncRun, part: BackfillSlice, attempt: int, batch: _Batch) -> None:
    now = datetime.now(UTC)
    records = [each.record for each in batch.found]
    with tenant_session(part.tenant_id) as session:
        slices.note_batch(session, run, part, attempt, len(records), now)
        ingest.write(
            session,
            StoreKey(part.tenant_id, part.store_id),
            records,
            now,
            prepared=batch.prepared,
            reading=batch.reading,
        )
        slices.note_to_read(session, part, _not_whole(batch.found))


def _not_whole(batch: Iterable[bulk.BulkRecord]) -> Iterator[tuple[int, datetime]]:
    for each in batch:
        if isinstance(each.record, Order) and not each.is_whole:
            yield each.record.order_id, each.record.updated_at


def _batches(
    found: Iterator[bulk.BulkRecord], part: BackfillSlice, began_at: datetime, zone: ZoneInfo, size: int
) -> Iterator[_Batch]:
    """The first one is small: it is what the planner learns from, and there soon."""
    number = min(size, _FIRST_BATCH)
    while some := list(islice(found, number)):
        orders = [each.record for each in some if isinstance(each.record, Order)]
        reading = ingest.Reading(began_at, frozenset(order_id for order_id, _ in _not_whole(some)))
        prepared = ingest.PreparedOrders.of(StoreKey(part.tenant_id, part.store_id), zone, orders, reading)
        yield _Batch(some, reading, prepared)
        number = min(size, number * _GROWTH)
