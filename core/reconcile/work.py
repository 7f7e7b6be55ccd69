"""Reconciles a store: compares each day with Shopify's own count, repairs it, and then infers deletions.

The recent days are compared every night, all days once a week, and whenever a person requests it. A job works for
some seconds on the days that are left of its run, the oldest first: the repair of an order may also change later
days, such as the day of its refund, but never earlier ones. A compared day is stored at once, so a killed process
repeats at most one day. A day that cannot be compared is stored with the reason, and does not stop the others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from requests.adapters import BaseAdapter
from sqlalchemy.orm import Session

from core import logs, stores
from core.database import StoreKey, tenant_session
from core.database.models import CheckRun
from core.domain.periods import Period, local_day
from core.errors import AccessDenied, QueryRefused, Stopping, UnmappableError, XenoError
from core.metrics import Scope, health
from core.reconcile import compared_days, inferred_deletions, runs
from core.reconcile.compared_days import Comparison
from core.reconcile.days import compare_day
from core.shopify import day_totals
from core.shopify.client import ShopifyClient
from core.stores.clients import stoppable_sleep, store_client
from core.sync import run_life
from core.sync.run_life import RunKey
from core.sync.time_slice import DONE, GO_ON, Outcome, Step, TimeSlice

SLICE = timedelta(seconds=3)
"""Short, because a worker with one slot has no other for clicked jobs."""
REPORTS = "read_reports"
"""The scope that shows Shopify's totals; without it only orders are counted."""
BROKEN = "An internal error occurred; the log has the details. The next check retries."
_FAULT = "An internal error occurred; the log has the details."
_OF_A_DAY = (QueryRefused, UnmappableError)
"""Errors that may concern a single day."""

log = logs.get(__name__)


def work_on(
    key: StoreKey,
    run_id: int,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
) -> None:
    """Work on a run for one slice of time; the rest is queued behind other jobs.

    Raises: as `run_life.work_on`; trouble with Shopify is noted on the run.
    """
    stop = stop or threading.Event()
    with logs.bound(check_run_id=run_id):
        work = _CheckWork(runs.key_of(key, run_id), transport, stop)
        run_life.work_on(work, TimeSlice.of(stop, slice_length))


class _CheckWork(run_life.RunWork[CheckRun]):
    """Work on a check run."""

    broken = BROKEN

    @contextmanager
    def open(self) -> Iterator[Step]:
        key = self.run.store
        sleep = stoppable_sleep(self.stop, "The check")
        with store_client(key, self.transport, sleep) as client:
            store = stores.find(key)
            yield _Check(client, store, self.run, self.stop).take_step

    def queue(self, session: Session, delay: timedelta) -> None:
        runs.queue_work(session, self.run.store, self.run.run_id, delay)


@dataclass(frozen=True, slots=True)
class _Check:
    """The steps of a run of one store."""

    client: ShopifyClient
    store: stores.StoreView
    run: RunKey[CheckRun]
    stop: threading.Event

    def take_step(self, time_slice: TimeSlice) -> Outcome:
        """Compare some of the days that are left; after these, look for deleted records a page at a time."""
        remaining = runs.claim(self.run, datetime.now(UTC))
        if remaining.days:
            self._compare_some(remaining.days[: day_totals.AT_ONCE], time_slice)
            return GO_ON
        cursors = inferred_deletions.check_next_page(self.client, self.store, remaining.cursors, self.stop)
        if cursors is None:
            return DONE
        runs.note_progress(self.run, datetime.now(UTC), cursors)
        return GO_ON

    def _compare_some(self, days: list[date], time_slice: TimeSlice) -> None:
        """Compare these consecutive days, and store each at once; the next slice has those that are left at its
        end."""
        try:
            comparisons = self._count(days)
        except _OF_A_DAY as error:
            if len(days) == 1:
                return self._note_uncompared(days[0], None, str(error))
            # The error may concern one of the days only.
            for day in days:
                self._compare_some([day], time_slice)
            return None
        for comparison in comparisons:
            self._compare(comparison)
            if time_slice.is_over:
                break

    def _count(self, days: list[date]) -> list[Comparison]:
        theirs = day_totals.counts(self.client, [Period(day, day, self.store.time_zone) for day in days])
        totals = _totals(self.client, self.store, days[0], days[-1])
        with tenant_session(self.store.tenant_id) as session:
            scope = Scope(self.store.key)
            ours = health.day_figures(session, scope, Period(days[0], days[-1], self.store.time_zone))
        today = local_day(datetime.now(UTC), self.store.time_zone)
        # Today's total changes between the two questions: only its orders are counted.
        return [
            Comparison(day, ours.get(day, health.DayFigures()), theirs[day], totals.get(day) if day < today else None)
            for day in days
        ]

    def _compare(self, comparison: Comparison) -> None:
        if self.stop.is_set():
            raise Stopping("The check pauses here and continues at the next start.")
        try:
            compare_day(self.client, self.store, comparison, self.stop)
        except _OF_A_DAY as error:
            return self._note_uncompared(comparison.day, comparison.theirs, str(error))
        except XenoError:
            raise
        except Exception:
            log.exception("a day could not be compared", day=str(comparison.day))
            return self._note_uncompared(comparison.day, comparison.theirs, _FAULT)
        runs.note_progress(self.run, datetime.now(UTC))

    def _note_uncompared(self, day: date, theirs: int | None, reason: str) -> None:
        """Store that the day could not be compared, with the reason."""
        log.warning("a day could not be compared", day=str(day), reason=reason)
        compared_days.note_uncompared(self.store, day, theirs, reason)
        runs.note_progress(self.run, datetime.now(UTC))


def _totals(client: ShopifyClient, store: stores.StoreView, first: date, last: date) -> dict[date, Decimal]:
    """Shopify's totals by day; empty where the app may not read them."""
    if REPORTS not in store.scopes:
        return {}
    try:
        return day_totals.total_sales(client, first, last)
    except (AccessDenied, QueryRefused) as error:
        # Reports need an approval besides the scope; orders can be counted without it.
        log.warning("shopify's reports cannot be read; orders are counted only", reason=str(error))
        return {}
