"""Re-fetches orders after an upgrade whose rows an older version of the mapping wrote (`MAPPING_VERSION`).

Figures stay until they are replaced. Many orders are read by bulk operations, some thousand at a time, the latest
first: these cost none of Shopify's rate limit. Small numbers of orders, and those that a bulk operation cannot read
whole, are read by id. Orders that Shopify does not return (imported, too old for the app, or deleted) only have their
sale rows recomputed from the stored order. The transaction that writes an order also marks it as done, so a killed
process repeats only unwritten orders.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter

from core import ingest, logs, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Improvement
from core.domain import Kind
from core.errors import DatabaseUnavailable, NotFound, PermanentError, Stopping, TransientError, XenoError
from core.ingest import outdated
from core.shopify import comparing, reading
from core.shopify.client import ShopifyClient
from core.stores import history
from core.stores.clients import stoppable_sleep, store_client
from core.sync.remap import state
from core.sync.remap.bulk_steps import BulkSteps
from core.sync.remap.state import Progress, ask_due, progress

__all__ = ["Progress", "ask_due", "progress", "work_on"]

FEW = 250
"""Up to this number, orders are read by id: about thirty requests, and no bulk operation to wait for."""
TOGETHER = 40
"""Orders read by id and written in one transaction."""
ASKED_AT_ONCE = 250
"""Ids in one request that only asks which of them exist."""
COMPUTED_AT_ONCE = 500
SLICE = timedelta(seconds=10)
BROKEN = "Something went wrong here; the log has the details. The next try follows by itself."

log = logs.get(__name__)


def work_on(
    key: StoreKey,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
    few: int = FEW,
) -> None:
    """Improve a store's orders for one slice of time, and queue the rest behind other jobs.

    Other errors are noted on the store's row and retried, never raised.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; nothing is lost.
    """
    stop = stop or threading.Event()
    with logs.bound(**key.parameters):
        try:
            with store_client(key, transport, stoppable_sleep(stop, "Improving past figures")) as client:
                store = stores.find(key)
                pause = _Work(client, store, stop, few).go_on(slice_length)
        except Stopping:
            _queue_again(key, timedelta(0))
        except NotFound:
            log.warning("the store was erased")
        except DatabaseUnavailable:
            raise
        except (TransientError, PermanentError) as error:
            log.warning("improving past figures waits", reason=str(error))
            _wait(key, error)
        except Exception:
            log.exception("improving past figures broke")
            _wait(key, PermanentError(BROKEN))
        else:
            if pause is not None:
                _queue_again(key, pause)


@dataclass(frozen=True, slots=True)
class _Work:
    """The improvement of one store, while a job works on it."""

    client: ShopifyClient
    store: stores.StoreView
    stop: threading.Event
    few: int

    def go_on(self, length: timedelta) -> timedelta | None:
        """Take steps until the time is over; returns the pause before the next slice, None when all are done."""
        ends = time.monotonic() + length.total_seconds()
        pause: timedelta | None = timedelta(0)
        while pause == timedelta(0):
            with tenant_session(self.store.tenant_id) as session:
                row = state.claim(session, self.store.key, datetime.now(UTC))
            if row is None:
                return None
            pause = self._step(row)
            if self.stop.is_set() or time.monotonic() >= ends:
                break
        return pause

    def _step(self, row: Improvement) -> timedelta | None:
        bulk = BulkSteps(self.client, self.store, row, self.stop)
        if row.operation_id is not None:
            return bulk.follow()
        if self._left(of_files=False) > self.few and (wait := bulk.start_next()) is not None:
            return wait
        if ids := self._some(ASKED_AT_ONCE, of_files=False):
            self._read_by_ids(ids)
        elif file_ids := self._some(COMPUTED_AT_ONCE, of_files=True):
            self._compute(file_ids)
        else:
            self._finish(row)
            return None
        with tenant_session(self.store.tenant_id) as session:
            state.note(session, self.store.key, datetime.now(UTC))
        return timedelta(0)

    def _finish(self, row: Improvement) -> None:
        with tenant_session(self.store.tenant_id) as session:
            state.finish(session, self.store.key)
        log.info("past figures are improved", orders=row.orders_total)

    def _left(self, of_files: bool) -> int:
        with tenant_session(self.store.tenant_id) as session:
            return outdated.count(session, self.store.key, of_files)

    def _some(self, limit: int, of_files: bool) -> Sequence[int]:
        with tenant_session(self.store.tenant_id) as session:
            return outdated.newest(session, self.store.key, of_files, limit)

    def _read_by_ids(self, ids: Sequence[int]) -> None:
        """Re-fetch the first of these orders. Recompute those that Shopify does not return, or that cannot be read,
        from their stored rows."""
        hidden = self._hidden(ids)
        asked = [one for one in ids if one not in hidden][:TOGETHER]
        read = ingest.Reading(datetime.now(UTC))
        found = reading.orders_by_ids(self.client, asked)
        now = datetime.now(UTC)
        with tenant_session(self.store.tenant_id) as session:
            ingest.write(session, self.store.key, found, now, reading=read)
            rest = outdated.still_outdated(session, self.store.key, [*hidden, *asked])
        self._compute(rest)

    def _hidden(self, ids: Sequence[int]) -> set[int]:
        """The ids that Shopify does not show: older orders, without read_all_orders. One request checks many ids, but
        reads only a few orders."""
        if history.SCOPE in self.store.scopes:
            return set()
        return set(comparing.gone(self.client, Kind.ORDER, ids))

    def _compute(self, ids: Sequence[int]) -> None:
        """Recompute these orders; one that fails keeps its rows and does not stop the others."""
        now = datetime.now(UTC)
        try:
            with tenant_session(self.store.tenant_id) as session:
                outdated.compute(session, self.store.key, ids, now)
        except XenoError:
            raise
        except Exception:
            if len(ids) > 1:
                for each in ids:
                    self._compute([each])
                return
            log.exception("the sale rows of an order cannot be computed", order_id=ids[0])
            with tenant_session(self.store.tenant_id) as session:
                outdated.skip(session, self.store.key, ids)


def _wait(key: StoreKey, error: TransientError | PermanentError) -> None:
    """Note the error, and queue a retry with backoff; where the merchant has to act, the schedule queues it."""
    attempts = state.note_trouble(key, str(error), datetime.now(UTC))
    if attempts and isinstance(error, TransientError):
        _queue_again(key, timedelta(seconds=error.wait_after(attempts)))


def _queue_again(key: StoreKey, delay: timedelta) -> None:
    with tenant_session(key.tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.IMPROVE_ORDERS, key, delay)
