"""Writes the result of a bulk operation in batches. Each batch is one transaction, with the note of its progress."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core import ingest, rollups, stores
from core.database import statistics, tenant_session
from core.database.models import BackfillSlice, SyncRun
from core.domain import Order
from core.errors import Stopping
from core.shopify import bulk
from core.shopify.client import ShopifyClient
from core.sync.first_load import slices
from core.sync.first_load.prefetch import prefetch
from core.sync.first_load.transactions import StagedTransaction

BATCH = 5000
"""Records in one transaction: enough for set-wise writing, few enough for flat memory."""
_FIRST_BATCH = 200
_GROWTH = 3
"""How much larger the next batch may be: about what is prefetched while the last batch is written."""


def load_result(
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
        ResultExpired, ShopifyDown, QueryRefused: see `bulk.open_result`.
    """
    with tenant_session(part.tenant_id) as session:
        attempt = slices.begin_load(session, part)
    zone = stores.find(part.store_key).time_zone
    began_at = operation.began_before(part.started_at or part.planned_at)
    with (
        bulk.open_result(client, operation, part.entity) as records,
        prefetch(_batches(records, part, began_at, zone, batch_size), _Batch.discard) as batches,
    ):
        for number, batch in enumerate(batches):
            with batch.transaction.writing() as session:
                if stop.is_set():
                    raise Stopping("The first load pauses here and continues at the next start.")
                _write(session, run, part, attempt, batch)
            rollups.rebuild_if_worth_it(part.store_key)
            if number == 0:
                statistics.refresh(part.tenant_id)
    with tenant_session(part.tenant_id) as session:
        slices.finish(session, part, attempt, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Batch:
    """A part of a result, with the transaction that has the rows of its orders."""

    records: list[bulk.BulkRecord]
    reading: ingest.Reading
    transaction: StagedTransaction

    def discard(self) -> None:
        """Give the batch up; none of it is written."""
        self.transaction.discard()


def _write(session: Session, run: SyncRun, part: BackfillSlice, attempt: int, batch: _Batch) -> None:
    now = datetime.now(UTC)
    records = [bulk_record.record for bulk_record in batch.records]
    slices.note_batch(session, run, part, attempt, len(records), now)
    rollups.defer(session, part.store_key)
    prepared = batch.transaction.prepared
    ingest.write(session, part.store_key, records, now, prepared=prepared, reading=batch.reading)
    slices.note_incomplete(session, part, _incomplete_orders(batch.records))


def _incomplete_orders(records: Iterable[bulk.BulkRecord]) -> Iterator[tuple[int, datetime]]:
    """The orders that the operation returned without their refunds and edits, with the time of their last change."""
    for bulk_record in records:
        if isinstance(bulk_record.record, Order) and not bulk_record.is_whole:
            yield bulk_record.record.order_id, bulk_record.record.updated_at


def _batches(
    records: Iterator[bulk.BulkRecord], part: BackfillSlice, began_at: datetime, zone: ZoneInfo, size: int
) -> Iterator[_Batch]:
    """Cut a result into batches. The first one is small: charts show it soon, and the planner's statistics come from
    it."""
    number = min(size, _FIRST_BATCH)
    while batch := list(islice(records, number)):
        orders = [bulk_record.record for bulk_record in batch if isinstance(bulk_record.record, Order)]
        reading = ingest.Reading(began_at, frozenset(order_id for order_id, _ in _incomplete_orders(batch)))
        prepared = ingest.PreparedOrders.of(part.store_key, zone, orders, reading)
        yield _Batch(batch, reading, StagedTransaction(part.store_key, prepared))
        number = min(size, number * _GROWTH)
