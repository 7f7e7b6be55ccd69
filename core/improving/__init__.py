"""Re-reads orders after an upgrade: those whose rows an older version of the mapping made (`MAPPING_VERSION`).

Figures stay until they are replaced. Many orders come by bulk operations, some thousand at a time, the latest first:
that costs Shopify's limits nothing. What a bulk operation cannot tell, and a few orders, are read by their ids. Of
orders that Shopify does not show (they came from a file, are too old for the app, or are gone) only the sale rows are
computed again from what is stored. Each order notes in its own row that it is done, in the transaction that writes
it: a killed process repeats what it had not written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter

from core import history, ingest, jobs, logs, stores
from core.clients import store_client, waiting
from core.db import tenant_session
from core.errors import DatabaseUnavailable, NotFound, PermanentError, Stopping, TransientError, XenoError
from core.improving import state
from core.improving.bulk_steps import BulkSteps
from core.improving.state import Progress, ask_due, progress
from core.ingest import outdated
from core.models import Improvement
from core.records import Kind
from core.shopify import comparing, reading
from core.shopify.client import ShopifyClient

__all__ = ["Progress", "ask_due", "progress", "work_on"]

FEW = 250
"""Up to so many orders are read by their ids: about thirty requests, and no bulk operation to wait for."""
TOGETHER = 40
"""Orders that are read by their ids and written in one transaction."""
ASKED_AT_ONCE = 250
"""Orders that are asked for in one request whether they are there."""
COMPUTED_AT_ONCE = 500
SLICE = timedelta(seconds=10)
BROKEN = "Something went wrong here; the log has the details. It is tried again later."

log = logs.get(__name__)


def work_on(
    tenant_id: int,
    store_id: int,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
    few: int = FEW,
) -> None:
    """Improve some of a store's orders for one slice of time; what is left is queued again behind other jobs.

    Trouble is noted and waited out, never raised, except that PostgreSQL does not answer.

    Raises:
        DatabaseUnavailable: as it says; nothing is lost.
    """
    stop = stop or threading.Event()
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        try:
            with store_client(tenant_id, store_id, transport, waiting(stop, "Improving past figures")) as client:
                store = stores.find(tenant_id, store_id)
                pause = _Work(client, tenant_id, store, stop, few).go_on(slice_length)
        except Stopping:
            _queue_again(tenant_id, store_id, timedelta(0))
        except NotFound:
            log.warning("the store is gone")
        except DatabaseUnavailable:
            raise
        except (TransientError, PermanentError) as error:
            log.warning("improving past figures waits", reason=str(error))
            _wait(tenant_id, store_id, error)
        except Exception:
            log.exception("improving past figures broke")
            _wait(tenant_id, store_id, PermanentError(BROKEN))
        else:
            if pause is not None:
                _queue_again(tenant_id, store_id, pause)


@dataclass(frozen=True, slots=True)
class _Work:
    """The improvement of one store, while a job works on it."""

    client: ShopifyClient
    tenant_id: int
    store: stores.StoreView
    stop: threading.Event
    few: int

    def go_on(self, length: timedelta) -> timedelta | None:
        """Take steps until the time is over; returns how long the rest can wait, None when all is done."""
        ends = time.monotonic() + length.total_seconds()
        pause: timedelta | None = timedelta(0)
        while pause == timedelta(0):
            with tenant_session(self.tenant_id) as session:
                row = state.claim(session, self.tenant_id, self.store.store_id, datetime.now(UTC))
            if row is None:
                return None
            pause = self._step(row)
            if self.stop.is_set() or time.monotonic() >= ends:
                break
        return pause

    def _step(self, row: Improvement) -> timedelta | None:
        bulk = BulkSteps(self.client, self.tenant_id, self.store, row, self.stop)
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
        with tenant_session(self.tenant_id) as session:
            state.note(session, self.tenant_id, self.store.store_id, datetime.now(UTC))
        return timedelta(0)

    def _finish(self, row: Improvement) -> None:
        with tenant_session(self.tenant_id) as session:
            state.finish(session, self.tenant_id, self.store.store_id)
        log.info("past figures are improved", orders=row.orders_total)

    def _left(self, of_files: bool) -> int:
        with tenant_session(self.tenant_id) as session:
            return outdated.count(session, self.tenant_id, self.store.store_id, of_files)

    def _some(self, limit: int, of_files: bool) -> Sequence[int]:
        with tenant_session(self.tenant_id) as session:
            return outdated.newest(session, self.tenant_id, self.store.store_id, of_files, limit)

    def _read_by_ids(self, ids: Sequence[int]) -> None:
        """Read the first of these orders that Shopify shows; those that it does not show, or that cannot be read, are
        computed from what is stored."""
        hidden = self._hidden(ids)
        asked = [one for one in ids if one not in hidden][:TOGETHER]
        read = ingest.Reading(datetime.now(UTC))
        found = reading.orders_by_ids(self.client, asked)
        mine, now = (self.tenant_id, self.store.store_id), datetime.now(UTC)
        with tenant_session(self.tenant_id) as session:
            ingest.write(session, *mine, found, now, reading=read)
            rest = outdated.those(session, *mine, [*hidden, *asked])
        self._compute(rest)

    def _hidden(self, ids: Sequence[int]) -> set[int]:
        """Without read_all_orders Shopify may hide the older ones. One request asks for many whether they are there,
        but only for a few what they are."""
        if history.SCOPE in self.store.scopes:
            return set()
        return set(comparing.gone(self.client, Kind.ORDER, ids))

    def _compute(self, ids: Sequence[int]) -> None:
        """Compute these; where one of them cannot be, it stays as it is, and keeps no other from it."""
        mine, now = (self.tenant_id, self.store.store_id), datetime.now(UTC)
        try:
            with tenant_session(self.tenant_id) as session:
                outdated.compute(session, *mine, ids, now)
        except XenoError:
            raise
        except Exception:
            if len(ids) > 1:
                for each in ids:
                    self._compute([each])
                return
            log.exception("the sale rows of an order cannot be computed", order_id=ids[0])
            with tenant_session(self.tenant_id) as session:
                outdated.skip(session, *mine, ids)


def _wait(tenant_id: int, store_id: int, error: TransientError | PermanentError) -> None:
    """Go on later, waiting longer each time; where the merchant has to act, the schedule asks again."""
    attempts = state.note_trouble(tenant_id, store_id, str(error), datetime.now(UTC))
    if attempts and isinstance(error, TransientError):
        _queue_again(tenant_id, store_id, timedelta(seconds=error.wait_after(attempts)))


def _queue_again(tenant_id: int, store_id: int, delay: timedelta) -> None:
    with tenant_session(tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.IMPROVE_ORDERS, tenant_id, store_id, delay)
