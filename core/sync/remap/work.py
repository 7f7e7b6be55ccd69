"""Re-fetches orders after an upgrade whose rows an older version of the mapping wrote (`MAPPING_VERSION`).

Figures stay until they are replaced. Orders whose last answer was kept are mapped again without a request. Many
others are read by bulk operations, some thousand at a time, the latest first: these cost none of Shopify's rate
limit. Small numbers of orders, and those that a bulk operation cannot read whole, are read by id. Orders that Shopify
does not return (imported, too old for the app, or deleted) only have their sale rows recomputed from the stored
order. The transaction that writes an order also marks it as done, so a killed process repeats only unwritten orders.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter

from core import ingest, logs, rollups, stores
from core.database import StoreKey, jobs, tenant_session
from core.domain import Kind
from core.errors import DatabaseUnavailable, PermanentError, TransientError, XenoError
from core.ingest import remapping
from core.shopify import pages, record_ids
from core.shopify.client import ShopifyClient
from core.stores import history
from core.stores.clients import stoppable_sleep, store_client
from core.sync import run_life
from core.sync.remap import state
from core.sync.remap.bulk_steps import BulkSteps
from core.sync.remap.kept import write_kept
from core.sync.time_slice import DONE, GO_ON, Outcome, Step, TimeSlice

FEW = 250
"""Up to this number, orders are read by id: about thirty requests, and no bulk operation to wait for."""
TOGETHER = 40
"""Orders read by id and written in one transaction."""
ASKED_AT_ONCE = 250
"""Ids in one request that only asks which of them exist."""
COMPUTED_AT_ONCE = 500
SLICE = timedelta(seconds=10)
BROKEN = "An internal error occurred; the log has the details. Xeno retries by itself."

log = logs.get(__name__)


def work_on(
    key: StoreKey,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
    few: int = FEW,
) -> None:
    """Re-fetch a store's outdated orders for one slice of time; the rest is queued behind other jobs.

    Errors are noted on the store's row and retried, never raised.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; the queue retries the job.
    """
    stop = stop or threading.Event()
    run_life.work_on(_RemapWork(key, transport, stop, few), TimeSlice.of(stop, slice_length))


class _RemapWork(run_life.Work):
    """Work on the outdated orders of a store."""

    def __init__(self, key: StoreKey, transport: BaseAdapter | None, stop: threading.Event, few: int) -> None:
        self._key, self._transport, self._stop, self._few = key, transport, stop, few

    @contextmanager
    def open(self) -> Iterator[Step]:
        sleep = stoppable_sleep(self._stop, "Improving past figures")
        with store_client(self._key, self._transport, sleep) as client:
            yield _Remap(client, stores.find(self._key), self._stop, self._few).take_step

    def go_on_later(self, pause: timedelta) -> None:
        with tenant_session(self._key.tenant_id) as session:
            jobs.enqueue_once(session, jobs.Task.REMAP_ORDERS, self._key, pause)

    def retry(self, error: TransientError) -> None:
        if isinstance(error, DatabaseUnavailable):
            raise error
        log.warning("the remap of a store waits", reason=str(error))
        attempts = state.note_trouble(self._key, str(error), datetime.now(UTC))
        self.go_on_later(timedelta(seconds=error.wait_after(attempts)))

    def succeed(self) -> None:
        rollups.rebuild_deferred(self._key)
        with tenant_session(self._key.tenant_id) as session:
            state.finish(session, self._key)

    def fail(self, error: Exception) -> None:
        """Note the error without a retry. The schedule queues a job again; until then the merchant may have acted."""
        sentence = str(error) if isinstance(error, PermanentError) else BROKEN
        rollups.rebuild_deferred(self._key)
        state.note_trouble(self._key, sentence, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Remap:
    """The steps of one store."""

    client: ShopifyClient
    store: stores.StoreView
    stop: threading.Event
    few: int

    def take_step(self, _: TimeSlice) -> Outcome:
        """Go on with a bulk operation, or write kept answers, or start an operation, or re-fetch some orders by id,
        or recompute some."""
        with tenant_session(self.store.tenant_id) as session:
            row = state.claim(session, self.store.key, datetime.now(UTC))
        bulk_steps = BulkSteps(self.client, self.store, row, self.stop)
        if row.operation_id is not None:
            return bulk_steps.follow()
        if write_kept(self.store.key, COMPUTED_AT_ONCE, datetime.now(UTC)):
            return self._noted()
        if self._count(of_files=False) > self.few and (since := bulk_steps.find_next()) is not None:
            return bulk_steps.start(since)
        if ids := self._newest(ASKED_AT_ONCE, of_files=False):
            self._read_by_ids(ids)
        elif file_ids := self._newest(COMPUTED_AT_ONCE, of_files=True):
            self._compute(file_ids)
        else:
            return DONE
        return self._noted()

    def _noted(self) -> Outcome:
        with tenant_session(self.store.tenant_id) as session:
            state.note(session, self.store.key, datetime.now(UTC))
        return GO_ON

    def _count(self, of_files: bool) -> int:
        with tenant_session(self.store.tenant_id) as session:
            return remapping.count(session, self.store.key, of_files)

    def _newest(self, limit: int, of_files: bool) -> Sequence[int]:
        with tenant_session(self.store.tenant_id) as session:
            return remapping.newest(session, self.store.key, of_files, limit)

    def _read_by_ids(self, ids: Sequence[int]) -> None:
        """Re-fetch the first of these orders. Recompute those that Shopify does not return, or that cannot be read,
        from their stored rows."""
        hidden = self._hidden(ids)
        shown = [order_id for order_id in ids if order_id not in hidden][:TOGETHER]
        read = ingest.Reading(datetime.now(UTC))
        orders = pages.orders_by_ids(self.client, shown)
        now = datetime.now(UTC)
        with tenant_session(self.store.tenant_id) as session:
            ingest.write(session, self.store.key, orders, now, reading=read)
            unreturned = remapping.still_outdated(session, self.store.key, [*hidden, *shown])
        self._compute(unreturned)

    def _hidden(self, ids: Sequence[int]) -> set[int]:
        """The ids that Shopify does not show: older orders, without read_all_orders. One request checks many ids, but
        reads only a few orders."""
        if history.SCOPE in self.store.scopes:
            return set()
        return set(record_ids.missing_ids(self.client, Kind.ORDER, ids))

    def _compute(self, ids: Sequence[int]) -> None:
        """Recompute these orders; one that fails keeps its rows and does not stop the others."""
        now = datetime.now(UTC)
        try:
            with tenant_session(self.store.tenant_id) as session:
                remapping.compute(session, self.store.key, ids, now)
        except XenoError:
            raise
        except Exception:
            if len(ids) > 1:
                for order_id in ids:
                    self._compute([order_id])
                return
            log.exception("the sale rows of an order cannot be computed", order_id=ids[0])
            with tenant_session(self.store.tenant_id) as session:
                remapping.skip(session, self.store.key, ids)
