"""Reconciliation: each day of a store is compared with what Shopify counts itself, and what is missing is fetched.
Customers and products that are no more there are taken out.

The recent days every night, all of them once a week, and whenever somebody asks. A job works for some seconds on the
days of its run that are still to compare, the oldest first: what is repaired of an order may also change later days,
such as that of its refund, but never earlier ones. A day is noted when it was compared, so a killed process repeats
one day at most.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from requests.adapters import BaseAdapter

from core import jobs, logs, stores
from core.clients import store_client, waiting
from core.db import tenant_session
from core.errors import AccessDenied, NotFound, PermanentError, QueryRefused, Stopping, TransientError
from core.metrics import Scope, health
from core.periods import Period, local_day
from core.reconcile import gone, runs
from core.reconcile.days import Comparison, compare
from core.reconcile.runs import RunView, request, request_due
from core.shopify import comparing
from core.shopify.client import ShopifyClient

__all__ = ["RunView", "request", "request_due", "work_on"]

SLICE = timedelta(seconds=10)
TRIES = 12
REPORTS = "read_reports"
"""The scope without which only orders are counted, not what they came to."""

log = logs.get(__name__)


def work_on(
    tenant_id: int,
    store_id: int,
    run_id: int,
    transport: BaseAdapter | None = None,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
) -> None:
    """Compare days of a run for one slice; what is left is queued again behind other jobs. Never raises for trouble
    with Shopify: the run waits and goes on, or is failed with a sentence."""
    stop = stop or threading.Event()
    with logs.bound(tenant_id=tenant_id, store_id=store_id, check_run_id=run_id):
        try:
            with store_client(tenant_id, store_id, transport, waiting(stop, "The check")) as client:
                done = _slice(client, tenant_id, store_id, run_id, stop, slice_length)
        except Stopping:
            _queue_again(tenant_id, store_id, run_id, timedelta(0))
        except TransientError as error:
            _wait(tenant_id, store_id, run_id, error)
        except NotFound:
            log.warning("the check's store is gone")
        except PermanentError as error:
            log.warning("check failed", reason=str(error))
            runs.finish(tenant_id, run_id, datetime.now(UTC), error=str(error))
        else:
            if not done:
                _queue_again(tenant_id, store_id, run_id, timedelta(0))


def _slice(
    client: ShopifyClient, tenant_id: int, store_id: int, run_id: int, stop: threading.Event, length: timedelta
) -> bool:
    """Whether the run has ended."""
    store = stores.find(tenant_id, store_id)
    ends = time.monotonic() + length.total_seconds()
    while True:
        left = runs.days_left(tenant_id, run_id)
        if left is None:
            return True
        if not left:
            gone.take_out(client, tenant_id, store, stop)
            runs.finish(tenant_id, run_id, datetime.now(UTC))
            log.info("check succeeded")
            return True
        if stop.is_set() or time.monotonic() >= ends:
            return False
        _compare_some(client, tenant_id, store, left[: comparing.AT_ONCE], stop)


def _compare_some(
    client: ShopifyClient, tenant_id: int, store: stores.StoreView, days: list[date], stop: threading.Event
) -> None:
    """Compare these days, which follow each other, and note each as soon as it is."""
    theirs = comparing.counts(client, [Period(day, day, store.time_zone) for day in days])
    totals = _totals(client, store, days[0], days[-1])
    with tenant_session(tenant_id) as session:
        scope = Scope(tenant_id, store.store_id)
        ours = health.counted(session, scope, Period(days[0], days[-1], store.time_zone))
    today = local_day(datetime.now(UTC), store.time_zone)
    for day in days:
        if stop.is_set():
            raise Stopping("The check stops here and goes on at the next start.")
        here = ours.get(day, health.Counted())
        # What today comes to changes from one question to the next: its orders are counted only.
        total = totals.get(day) if day < today else None
        compare(client, tenant_id, store, Comparison(day, here, theirs[day], total), stop)


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


def _wait(tenant_id: int, store_id: int, run_id: int, error: TransientError) -> None:
    """Shopify has trouble: go on later, waiting longer each time, up to ten minutes; give up after TRIES."""
    attempts = runs.note_trouble(tenant_id, run_id, f"Waiting to go on: {error}")
    log.warning("check waits", attempts=attempts, reason=str(error))
    if attempts >= TRIES:
        runs.finish(tenant_id, run_id, datetime.now(UTC), error=str(error))
    elif attempts:
        _queue_again(tenant_id, store_id, run_id, timedelta(seconds=error.wait_after(attempts)))


def _queue_again(tenant_id: int, store_id: int, run_id: int, delay: timedelta) -> None:
    with tenant_session(tenant_id) as session:
        jobs.enqueue(session, jobs.Task.CHECK_DAYS, tenant_id, store_id, delay, run_id=run_id)
