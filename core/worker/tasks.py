"""The tasks, each in a few lines, and their schedule; `core.worker.process` runs them.

A job may run twice, because a worker can die between its work and the note that it is done. All tasks are idempotent.

The job of a run (a sync, a check, an import, a remap) passes through four functions:
1. The task here passes the store's key and the run's id to `work_on` of its kind, such as `core.sync.steps`.
2. That `work_on` says what one step is, and passes it to `core.sync.run_life.work_on`. The run is claimed; the error
   of a step decides whether the run retries, fails or stops.
3. `core.sync.time_slice.take_steps` takes steps until none is left or some seconds have passed.
4. A step does the work: a page of `core.sync.steps`, a day of `core.reconcile.work`, a batch of `core.imports.load`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypedDict

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy

from core import accounts, logs, reconcile, rollups, stores
from core.config import settings
from core.connections import install, subscriptions
from core.database import StoreKey, rate_limits
from core.database.jobs import Lane, Task
from core.database.models import Trigger
from core.errors import InvalidInput, MailRefused, PermanentError, TransientError, XenoError
from core.imports import load
from core.ingest import business_dates
from core.privacy import erase, retention
from core.stores import clients, stock_days
from core.sync import refetch, remap, runs, steps
from core.webhooks import apply, confirm, retry

DEAD_AFTER = 20
"""Seconds without a heartbeat after which a worker counts as killed and its jobs run again."""

log = logs.get(__name__)
app = App(connector=PsycopgConnector())
stopping = threading.Event()
"""Set when the worker is to stop: a sync then ends after its page, and continues at the next start."""

_PerStore = Callable[[StoreKey, datetime], object]

_RETRY = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions=[TransientError])
_RETRY_MAIL = RetryStrategy(max_attempts=12, exponential_wait=2, retry_exceptions=[TransientError])
"""Retries for a little over two hours; by then most links have expired."""
_RETRY_ALWAYS = RetryStrategy(wait=30, retry_exceptions=[TransientError])


class _Scheduled(TypedDict):
    """The options of a task that the schedule queues."""

    name: str
    aliases: list[str]
    queue: str
    priority: int
    queueing_lock: str


def _scheduled(name: str, lane: Lane) -> _Scheduled:
    """Return the options of a scheduled task: at most one job of it waits at a time.

    Its name in the job table is not its module's, which may move. The aliases are those of earlier versions.
    """
    aliases = [f"core.tasks.{name}", f"core.worker.tasks.{name}"]
    return _Scheduled(name=name, aliases=aliases, queue=lane.queue, priority=lane.priority, queueing_lock=name)


def _task_of_store(name: Task, retry: RetryStrategy) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a task whose jobs are each about one store. Their log lines carry the store's ids.

    A job holds plain ids, as JSON; the function gets a `StoreKey`, and the ids of rows as they are.
    """

    def register(work: Callable[..., None]) -> Callable[..., None]:
        @wraps(work)
        def run(tenant_id: int, store_id: int, **row_ids: int) -> None:
            with logs.bound(tenant_id=tenant_id, store_id=store_id):
                work(StoreKey(tenant_id, store_id), **row_ids)

        return app.task(name=name, retry=retry)(run)

    return register


@_task_of_store(Task.APPLY_DELIVERIES, _RETRY)
def apply_deliveries(store: StoreKey) -> None:
    apply.apply_slice(store)


@_task_of_store(Task.REFETCH_ORDERS, _RETRY)
def refetch_orders(store: StoreKey) -> None:
    refetch.work_on(store, stop=stopping)


@_task_of_store(Task.CONFIRM_DELIVERIES, _RETRY_ALWAYS)
def confirm_deliveries(store: StoreKey) -> None:
    confirm.confirm_due(store, stop=stopping)


@_task_of_store(Task.CHECK_SUBSCRIPTIONS, _RETRY)
def check_subscriptions(store: StoreKey) -> None:
    try:
        subscriptions.check_store(store, datetime.now(UTC))
    except PermanentError as error:
        log.warning("webhook subscriptions could not be checked", reason=str(error))


@_task_of_store(Task.REDATE_SALES, _RETRY)
def redate_sales(store: StoreKey) -> None:
    business_dates.recompute(store, stop=stopping)


@_task_of_store(Task.ERASE_BODIES, _RETRY_ALWAYS)
def erase_bodies(store: StoreKey) -> None:
    erase.erase_bodies(store, stop=stopping)


@_task_of_store(Task.SYNC_STORE, _RETRY)
def sync_store(store: StoreKey, run_id: int) -> None:
    steps.work_on(store, run_id, stop=stopping)


@_task_of_store(Task.IMPORT_ORDERS, _RETRY_ALWAYS)
def import_orders(store: StoreKey, import_id: int) -> None:
    load.work_on(store, import_id, stop=stopping)


@_task_of_store(Task.CHECK_DAYS, _RETRY_ALWAYS)
def check_days(store: StoreKey, run_id: int) -> None:
    reconcile.work_on(store, run_id, stop=stopping)


@_task_of_store(Task.REMAP_ORDERS, _RETRY_ALWAYS)
def remap_orders(store: StoreKey) -> None:
    remap.work_on(store, stop=stopping)


@_task_of_store(Task.AUDIT_ROLLUPS, _RETRY)
def audit_rollups(store: StoreKey) -> None:
    rollups.audit(store, datetime.now(UTC))


@_task_of_store(Task.COUNT_BASKETS, _RETRY)
def count_baskets(store: StoreKey) -> None:
    rollups.rebuild_counts(store, datetime.now(UTC))


@_task_of_store(Task.REFRESH_MONEY, _RETRY_ALWAYS)
def refresh_money(store: StoreKey) -> None:
    rollups.refresh_money(store, stop=stopping)


@app.task(name=Task.MAIL_LINK, retry=_RETRY_MAIL)
def mail_link(kind: str, **subject: Any) -> None:
    try:
        accounts.mail_link(accounts.LinkKind(kind), datetime.now(UTC), **subject)
    except MailRefused as error:
        log.warning("a mail was refused", kind=kind, reason=str(error))


@app.periodic(cron="* * * * *")
@app.task(**_scheduled("schedule_improvements", Lane.SCHEDULE))
def schedule_improvements(timestamp: int) -> None:
    """Every minute: queue the re-mapping of stores that have orders of an older version of the mapping."""
    _for_each_store(remap.queue_if_due, timestamp)


@app.periodic(cron="*/10 * * * *")
@app.task(**_scheduled("schedule_checks", Lane.SCHEDULE))
def schedule_checks(timestamp: int) -> None:
    """Every ten minutes: request the nightly check of stores where it is night and none ran yet."""
    _for_each_store(reconcile.request_due, timestamp)


@app.periodic(cron="*/10 * * * *")
@app.task(**_scheduled("schedule_audits", Lane.SCHEDULE))
def schedule_audits(timestamp: int) -> None:
    """Every ten minutes: keep the stock of stores' new days; queue the nightly audit of kept sums where it is due."""
    _for_each_store(rollups.queue_if_due, timestamp)
    _for_each_store(stock_days.keep_stock_of_day, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**_scheduled("schedule_sums", Lane.SCHEDULE))
def schedule_sums(timestamp: int) -> None:
    """Every minute: queue the sums of profit of stores with stale days, and what is counted each night."""
    _for_each(stores.list_receiving(), rollups.queue_if_stale, timestamp)
    _for_each_store(rollups.queue_counts_if_due, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**_scheduled("schedule_syncs", Lane.SCHEDULE))
def schedule_syncs(timestamp: int) -> None:
    """Every minute: request a sync of each connected store whose last request is SYNC_MINUTES ago."""
    _for_each_store(_request_due_sync, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**_scheduled("apply_forgotten", Lane.DELIVERIES))
def apply_forgotten(timestamp: int) -> None:
    """Every minute: apply pending deliveries that have no job, and retry failed ones that are due.

    A job gives up after some attempts, so without this an outage longer than those would lose its deliveries.
    """
    receiving = stores.list_receiving()
    _for_each(receiving, retry.retry_due, timestamp)
    _for_each(receiving, apply.apply_pending, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**_scheduled("settle_forgotten", Lane.SCHEDULE))
def settle_forgotten(timestamp: int) -> None:
    """Every minute: queue the re-fetch of due orders that have no job."""
    _for_each_store(refetch.queue_if_due, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**_scheduled("confirm_forgotten", Lane.SCHEDULE))
def confirm_forgotten(timestamp: int) -> None:
    """Every minute: queue the confirmation of due deliveries that have no job."""
    _for_each_store(confirm.queue_if_due, timestamp)


@app.periodic(cron="0 * * * *")
@app.task(**_scheduled("purge_expired", Lane.SCHEDULE))
def purge_expired(timestamp: int) -> None:
    """Every hour: delete expired sessions, tickets, failed sign-ins, installations and limits."""
    accounts.purge_expired(datetime.fromtimestamp(timestamp, UTC))
    install.purge_expired(datetime.fromtimestamp(timestamp, UTC))
    rate_limits.prune(datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="41 4 * * *")
@app.task(**_scheduled("prune_old", Lane.LONG))
def prune_old(timestamp: int) -> None:
    """Every night: delete the rows and jobs of every store whose retention has ended, and old jobs of none."""
    _for_each(retention.list_all_stores(), _prune, timestamp)
    log.info("old jobs are deleted", jobs=retention.prune_jobs(datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="7 * * * *")
@app.task(**_scheduled("check_all_subscriptions", Lane.SCHEDULE))
def check_all_subscriptions(timestamp: int) -> None:
    """Every hour: queue the daily check of webhook subscriptions; request orders whose visits were not known yet."""
    _for_each_store(subscriptions.queue_check_if_due, timestamp)
    _for_each_store(refetch.request_visits, timestamp)


@app.periodic(cron="17 * * * *")
@app.task(**_scheduled("keep_tokens_alive", Lane.LONG))
def keep_tokens_alive(timestamp: int) -> None:
    """Every hour: renew the tokens of stores that were idle for a week; Shopify ends them after 90 idle days."""
    _for_each_store(clients.keep_alive, timestamp)


@app.periodic(cron="* * * * * */10")
@app.task(**_scheduled("revive_jobs", Lane.DELIVERIES), pass_context=True)
async def revive_jobs(context: JobContext, timestamp: int) -> None:
    """Every ten seconds: retry the jobs of killed workers. Otherwise a job's lock would block its store for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        log.warning("a worker died; its job is retried", job_id=job.id, task=job.task_name)
        await manager.retry_job(job)


def _request_due_sync(store: StoreKey, now: datetime) -> None:
    last = runs.last_requested(store)
    if last is not None and now - last < timedelta(minutes=settings().sync_minutes):
        return
    if not runs.is_on_hold(store):
        with suppress(InvalidInput):  # not connected any more
            runs.request(store, Trigger.SCHEDULE, now)


def _prune(store: StoreKey, now: datetime) -> None:
    erase.queue_if_due(store)
    log.info("rows past their retention are deleted", **asdict(retention.prune(store, now, settings().delivery_days)))


def _for_each_store(act: _PerStore, timestamp: int) -> None:
    _for_each(stores.list_connected(), act, timestamp)


def _for_each(keys: Iterable[StoreKey], act: _PerStore, timestamp: int) -> None:
    """Call `act` for every store. An error of one store is logged, and the next store still has its turn."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for store in keys:
        with logs.bound(**store.parameters):
            try:
                act(store, now)
            except XenoError as error:
                log.warning("skipped until the next run", task=act.__name__, reason=str(error))
            except Exception:
                log.exception("skipped until the next run", task=act.__name__)
