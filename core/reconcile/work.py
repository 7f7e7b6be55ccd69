"""Reconciliation: each day of a store is compared with what Shopify counts itself, and what is missing is fetched.
Customers and products that are no more there are taken out.

The recent days every night, all of them once a week, and whenever somebody asks. A job works for some seconds on the
days of its run that are still to compare, the oldest first: what is repaired of an order may also change later days,
such as that of its refund, but never earlier ones. A day is noted when it was compared, so a killed process repeats
one day at most; one that cannot be compared is noted with the reason, and keeps no other from it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from requests.adapters import BaseAdapter

from core import logs, stores
from core.database import StoreKey, tenant_session
from core.domain.periods import Period, local_day
from core.errors import (
    AccessDenied,
    NotFound,
    PermanentError,
    QueryRefused,
    Stopping,
    TransientError,
    UnmappableError,
    XenoError,
)
from core.metrics import Scope, health
from core.reconcile import missing, notes, runs
from core.reconcile.days import compare
from core.reconcile.notes import Comparison
from core.reconcile.runs import RunView, recent_days, request, request_due
from core.shopify import comparing
from core.shopify.client import ShopifyClient
from core.stores.clients import store_client, waiting

__all__ = ["RunView", "recent_days", "request", "request_due", "work_on"]

SLICE = timedelta(seconds=3)
"""Short, because a worker with one slot has no other for clicked jobs."""
TRIES = 12
"""Waits in a row, without getting on in between, before a run is given up: about an hour."""
REPORTS = "read_reports"
"""The scope without which only orders are counted, not what they came to."""
BROKEN = "Something went wrong here; the log has the details. The next check begins again."
_ODD = "Something went wrong here; the log has the details."
_OF_A_DAY = (QueryRefused, UnmappableError)
"""Errors that one day may have, and the next not."""

log = logs.get(__name__)


def work_on(
    key: StoreKey,
    run_id: int,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
) -> None:
    """Compare days of a run for one slice; what is left is queued again behind other jobs.

    Trouble with Shopify is not raised: the run waits and goes on, or is failed with a sentence. No error leaves a run
    under way without a job, where it would keep its store from ever being compared again.
    """
    stop = stop or threading.Event()
    with logs.bound(**key.parameters, check_run_id=run_id):
        try:
            with store_client(key, transport, waiting(stop, "The check")) as client:
                store = stores.find(key)
                done = _Check(client, store, run_id, stop).work(slice_length)
        except Stopping:
            _queue_again(key, run_id, timedelta(0))
        except TransientError as error:
            _wait(key, run_id, error)
        except NotFound:
            log.warning("the check's store is gone")
        except PermanentError as error:
            log.warning("check failed", reason=str(error))
            runs.finish(key.tenant_id, run_id, datetime.now(UTC), error=str(error))
        except Exception:
            log.exception("check broke")
            runs.finish(key.tenant_id, run_id, datetime.now(UTC), error=BROKEN)
        else:
            if not done:
                _queue_again(key, run_id, timedelta(0))


@dataclass(frozen=True, slots=True)
class _Check:
    """A run of one store, while somebody works on it."""

    client: ShopifyClient
    store: stores.StoreView
    run_id: int
    stop: threading.Event

    def work(self, length: timedelta) -> bool:
        """Go on for so long; whether the run has ended."""
        ends = time.monotonic() + length.total_seconds()
        while (left := runs.claim(self.store.tenant_id, self.run_id, datetime.now(UTC))) is not None:
            if not self._take_step(left, ends):
                runs.finish(self.store.tenant_id, self.run_id, datetime.now(UTC))
                log.info("check succeeded")
                return True
            # Asked after the step, so that every slice gets on, however long Shopify took.
            if self.stop.is_set() or time.monotonic() >= ends:
                return False
        return True

    def _take_step(self, left: runs.Left, ends: float) -> bool:
        """Do some of what is left, if possible until the monotonic time `ends`; False where nothing is left."""
        if left.days:
            self._compare_some(left.days[: comparing.AT_ONCE], ends)
            return True
        cursors = missing.look_further(self.client, self.store, left.cursors, self.stop)
        if cursors is None:
            return False
        runs.note_progress(self.store.tenant_id, self.run_id, datetime.now(UTC), cursors)
        return True

    def _compare_some(self, days: list[date], ends: float) -> None:
        """Compare these days, which follow each other, and note each as soon as it is; after `ends`, the next slice
        has the others."""
        try:
            found = self._counted(days)
        except _OF_A_DAY as error:
            if len(days) == 1:
                return self._cannot(days[0], None, str(error))
            # It may be one of them only.
            for day in days:
                self._compare_some([day], ends)
            return None
        for each in found:
            self._compare(each)
            if time.monotonic() >= ends:
                break

    def _counted(self, days: list[date]) -> list[Comparison]:
        theirs = comparing.counts(self.client, [Period(day, day, self.store.time_zone) for day in days])
        totals = _totals(self.client, self.store, days[0], days[-1])
        with tenant_session(self.store.tenant_id) as session:
            scope = Scope(self.store.key)
            ours = health.day_figures(session, scope, Period(days[0], days[-1], self.store.time_zone))
        today = local_day(datetime.now(UTC), self.store.time_zone)
        # What today comes to changes from one question to the next: its orders are counted only.
        return [
            Comparison(day, ours.get(day, health.DayFigures()), theirs[day], totals.get(day) if day < today else None)
            for day in days
        ]

    def _compare(self, found: Comparison) -> None:
        if self.stop.is_set():
            raise Stopping("The check stops here and goes on at the next start.")
        try:
            compare(self.client, self.store, found, self.stop)
        except _OF_A_DAY as error:
            return self._cannot(found.day, found.theirs, str(error))
        except XenoError:
            raise
        except Exception:
            log.exception("a day could not be compared", day=str(found.day))
            return self._cannot(found.day, found.theirs, _ODD)
        runs.note_progress(self.store.tenant_id, self.run_id, datetime.now(UTC))

    def _cannot(self, day: date, theirs: int | None, reason: str) -> None:
        """Note the day as one that could not be compared, and go on with the next."""
        log.warning("a day could not be compared", day=str(day), reason=reason)
        notes.uncompared(self.store, day, theirs, reason)
        runs.note_progress(self.store.tenant_id, self.run_id, datetime.now(UTC))


def _totals(client: ShopifyClient, store: stores.StoreView, first: date, last: date) -> dict[date, Decimal]:
    """Shopify's own totals by day; empty where the app may not ask for them."""
    if REPORTS not in store.scopes:
        return {}
    try:
        return comparing.total_sales(client, first, last)
    except (AccessDenied, QueryRefused) as error:
        # Reports take an approval beside the scope; orders can be counted without.
        log.warning("shopify's reports cannot be read; orders are counted only", reason=str(error))
        return {}


def _wait(key: StoreKey, run_id: int, error: TransientError) -> None:
    """Shopify has trouble: go on later, waiting longer each time, up to ten minutes; give up after TRIES."""
    attempts = runs.note_trouble(key.tenant_id, run_id, f"Waiting to go on: {error}", datetime.now(UTC))
    log.warning("check waits", attempts=attempts, reason=str(error))
    if attempts >= TRIES:
        runs.finish(key.tenant_id, run_id, datetime.now(UTC), error=str(error))
    elif attempts:
        _queue_again(key, run_id, timedelta(seconds=error.wait_after(attempts)))


def _queue_again(key: StoreKey, run_id: int, delay: timedelta) -> None:
    with tenant_session(key.tenant_id) as session:
        runs.queue_work(session, key, run_id, delay)
