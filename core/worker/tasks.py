"""What each job does, in three lines, and the schedule; `core.worker` runs them.

Jobs may run twice (a worker can die after the work and before the note): all of them are idempotent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy

from core import accounts, logs, reconcile, stores
from core.config import settings
from core.connections import install, subscriptions
from core.database import StoreKey, limits
from core.database.jobs import Lane, Task
from core.database.models import Trigger
from core.errors import InvalidInput, MailRefused, PermanentError, TransientError, XenoError
from core.imports import loading
from core.ingest import business_dates
from core.privacy import erase, retention
from core.stores import clients
from core.sync import refetch, remap, runs, steps
from core.webhooks import apply, confirm, retry

DEAD_AFTER = 20
"""Seconds without a heartbeat after which a worker counts as killed and its jobs are run again."""

log = logs.get(__name__)
app = App(connector=PsycopgConnector())
stopping = threading.Event()
"""Set when the worker is to stop: a sync then ends after its page, and goes on at the next start."""

_PerStore = Callable[[StoreKey, datetime], object]

_RETRY = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions=[TransientError])
_RETRY_MAIL = RetryStrategy(max_attempts=12, exponential_wait=2, retry_exceptions=[TransientError])
"""For a bit more than two hours; most links are no good any more by then."""
_RETRY_ALWAYS = RetryStrategy(wait=30, retry_exceptions=[TransientError])


@app.task(name=Task.APPLY_DELIVERIES, retry=_RETRY)
def apply_deliveries(tenant_id: int, store_id: int) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        apply.apply_slice(StoreKey(tenant_id, store_id))


@app.task(name=Task.REFETCH_ORDERS, retry=_RETRY)
def refetch_orders(tenant_id: int, store_id: int) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        refetch.work_on(StoreKey(tenant_id, store_id), stop=stopping)


@app.task(name=Task.CONFIRM_DELIVERIES, retry=_RETRY_ALWAYS)
def confirm_deliveries(tenant_id: int, store_id: int) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        confirm.confirm_due(StoreKey(tenant_id, store_id), stop=stopping)


@app.task(name=Task.CHECK_SUBSCRIPTIONS, retry=_RETRY)
def check_subscriptions(tenant_id: int, store_id: int) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        try:
            subscriptions.check_store(StoreKey(tenant_id, store_id), datetime.now(UTC))
        except PermanentError as error:
            log.warning("webhook subscriptions could not be checked", reason=str(error))


@app.task(name=Task.DATE_ANEW, retry=_RETRY)
def date_anew(tenant_id: int, store_id: int) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        business_dates.recompute(StoreKey(tenant_id, store_id), stop=stopping)


@app.task(name=Task.ERASE_BODIES, retry=_RETRY_ALWAYS)
def erase_bodies(tenant_id: int, store_id: int) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        erase.erase_bodies(StoreKey(tenant_id, store_id), stop=stopping)


@app.task(name=Task.SYNC_STORE, retry=_RETRY)
def sync_store(tenant_id: int, store_id: int, run_id: int) -> None:
    steps.work_on(StoreKey(tenant_id, store_id), run_id, stop=stopping)


@app.task(name=Task.IMPORT_ORDERS, retry=_RETRY_ALWAYS)
def import_orders(tenant_id: int, store_id: int, import_id: int) -> None:
    loading.work_on(StoreKey(tenant_id, store_id), import_id, stop=stopping)


@app.task(name=Task.CHECK_DAYS, retry=_RETRY_ALWAYS)
def check_days(tenant_id: int, store_id: int, run_id: int) -> None:
    reconcile.work_on(StoreKey(tenant_id, store_id), run_id, stop=stopping)


@app.task(name=Task.MAIL_LINK, retry=_RETRY_MAIL)
def mail_link(kind: str, **subject: Any) -> None:
    try:
        accounts.mail_link(accounts.LinkKind(kind), datetime.now(UTC), **subject)
    except MailRefused as error:
        log.warning("a mail was refused", kind=kind, reason=str(error))


@app.task(name=Task.REMAP_ORDERS, retry=_RETRY_ALWAYS)
def remap_orders(tenant_id: int, store_id: int) -> None:
    remap.work_on(StoreKey(tenant_id, store_id), stop=stopping)


@app.periodic(cron="* * * * *")
@app.task(queue=Lane.SCHEDULE.queue, priority=Lane.SCHEDULE.priority, queueing_lock="schedule_improvements")
def schedule_improvements(timestamp: int) -> None:
    """Every minute: have the orders re-read of stores where an older version of the mapping made some."""
    _for_each_store(remap.queue_if_due, timestamp)


@app.periodic(cron="*/10 * * * *")
@app.task(queue=Lane.SCHEDULE.queue, priority=Lane.SCHEDULE.priority, queueing_lock="schedule_checks")
def schedule_checks(timestamp: int) -> None:
    """Every ten minutes: ask for the nightly check of the stores whose night has come."""
    _for_each_store(reconcile.request_due, timestamp)


@app.periodic(cron="* * * * *")
@app.task(queue=Lane.SCHEDULE.queue, priority=Lane.SCHEDULE.priority, queueing_lock="schedule_syncs")
def schedule_syncs(timestamp: int) -> None:
    """Every minute: ask for a run of each connected store whose last one is SYNC_MINUTES ago."""
    _for_each_store(_request_due_sync, timestamp)


@app.periodic(cron="* * * * *")
@app.task(queue=Lane.DELIVERIES.queue, priority=Lane.DELIVERIES.priority, queueing_lock="apply_forgotten")
def apply_forgotten(timestamp: int) -> None:
    """Every minute: apply deliveries whose job gave up, or that failed and may heal: an outage of any length ends."""
    receiving = stores.list_receiving()
    _for_each(receiving, retry.retry_due, timestamp)
    _for_each(receiving, apply.apply_pending, timestamp)


@app.periodic(cron="* * * * *")
@app.task(queue=Lane.SCHEDULE.queue, priority=Lane.SCHEDULE.priority, queueing_lock="settle_forgotten")
def settle_forgotten(timestamp: int) -> None:
    """Every minute: go on reading back where orders are due and no job is there for it."""
    _for_each_store(refetch.queue_if_due, timestamp)


@app.periodic(cron="* * * * *")
@app.task(queue=Lane.SCHEDULE.queue, priority=Lane.SCHEDULE.priority, queueing_lock="confirm_forgotten")
def confirm_forgotten(timestamp: int) -> None:
    """Every minute: queue the confirmation of due deliveries that have no job."""
    _for_each_store(confirm.queue_if_due, timestamp)


@app.periodic(cron="0 * * * *")
@app.task(queue=Lane.SCHEDULE.queue, priority=Lane.SCHEDULE.priority, queueing_lock="purge_expired")
def purge_expired(timestamp: int) -> None:
    """Every hour: forget sessions, tickets, failed sign-ins, installations and limits that have expired."""
    accounts.purge_expired(datetime.fromtimestamp(timestamp, UTC))
    install.purge_expired(datetime.fromtimestamp(timestamp, UTC))
    limits.prune(datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="41 4 * * *")
@app.task(queue=Lane.LONG.queue, priority=Lane.LONG.priority, queueing_lock="prune_old")
def prune_old(timestamp: int) -> None:
    """Every night: delete what is kept for some time only, of every store and of none."""
    _for_each(retention.list_all_stores(), _prune, timestamp)
    log.info("old jobs are deleted", jobs=retention.prune_jobs(datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="7 * * * *")
@app.task(queue=Lane.SCHEDULE.queue, priority=Lane.SCHEDULE.priority, queueing_lock="check_all_subscriptions")
def check_all_subscriptions(timestamp: int) -> None:
    """Every hour: have the subscriptions looked at of stores where nobody did for a day."""
    _for_each_store(subscriptions.queue_check_if_due, timestamp)


@app.periodic(cron="17 * * * *")
@app.task(queue=Lane.LONG.queue, priority=Lane.LONG.priority, queueing_lock="keep_tokens_alive")
def keep_tokens_alive(timestamp: int) -> None:
    """Every hour: renew the tokens of stores that nothing was asked of for a week; 90 idle days would end them."""
    _for_each_store(clients.keep_alive, timestamp)


@app.periodic(cron="* * * * * */10")
@app.task(
    queue=Lane.DELIVERIES.queue, priority=Lane.DELIVERIES.priority, queueing_lock="revive_jobs", pass_context=True
)
async def revive_jobs(context: JobContext, timestamp: int) -> None:
    """Every ten seconds: run the jobs of killed workers again. A job's lock would else hold up its store for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        log.warning("a worker died; its job is run again", job_id=job.id, task=job.task_name)
        await manager.retry_job(job)


def _request_due_sync(store: StoreKey, now: datetime) -> None:
    last = runs.last_requested(store)
    if last is not None and now - last < timedelta(minutes=settings().sync_minutes):
        return
    if not runs.rests(store):
        with suppress(InvalidInput):  # not connected any more
            runs.request(store, Trigger.SCHEDULE, now)


def _prune(store: StoreKey, now: datetime) -> None:
    erase.queue_if_due(store)
    pruned = retention.prune(store, now, settings().delivery_days)
    log.info("what was too old is deleted", **asdict(pruned))


def _for_each_store(act: _PerStore, timestamp: int) -> None:
    _for_each(stores.list_connected(), act, timestamp)


def _for_each(keys: Iterable[StoreKey], act: _PerStore, timestamp: int) -> None:
    """Do it for every store: one's trouble is not the next one's."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for store in keys:
        with logs.bound(**store.parameters):
            try:
                act(store, now)
            except XenoError as error:
                log.warning("left for the next time", task=act.__name__, reason=str(error))
            except Exception:
                log.exception("left for the next time", task=act.__name__)
