"""The schedule: what is queued, requested or deleted each minute, hour or night, for every store."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from procrastinate import JobContext

from core import accounts, logs, reconcile, rollups, stores
from core.config import settings
from core.connections import install, subscriptions
from core.database import StoreKey, rate_limits
from core.database.jobs import Lane
from core.database.models import Trigger
from core.errors import InvalidInput
from core.privacy import erase, retention
from core.stores import clients, stock_days
from core.sync import customer_statistics, late_parts, refetch, remap, runs
from core.webhooks import apply, confirm, retry
from core.worker.registration import DEAD_AFTER, app, for_each, for_each_store, scheduled

log = logs.get(__name__)


@app.periodic(cron="* * * * *")
@app.task(**scheduled("schedule_improvements", Lane.SCHEDULE))
def schedule_improvements(timestamp: int) -> None:
    """Every minute: queue the re-mapping of stores that have orders of an older version of the mapping."""
    for_each_store(remap.queue_if_due, timestamp)


@app.periodic(cron="*/10 * * * *")
@app.task(**scheduled("schedule_checks", Lane.SCHEDULE))
def schedule_checks(timestamp: int) -> None:
    """Every ten minutes: request the nightly check of stores where it is night and none ran yet."""
    for_each_store(reconcile.request_due, timestamp)


@app.periodic(cron="*/10 * * * *")
@app.task(**scheduled("schedule_audits", Lane.SCHEDULE))
def schedule_audits(timestamp: int) -> None:
    """Every ten minutes: keep the stock of stores' new days; queue the nightly audit of kept sums where it is due."""
    for_each_store(rollups.queue_if_due, timestamp)
    for_each_store(stock_days.keep_stock_of_day, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**scheduled("schedule_sums", Lane.SCHEDULE))
def schedule_sums(timestamp: int) -> None:
    """Every minute: queue the sums of profit of stores with stale days, and what is counted each night."""
    for_each(stores.list_receiving(), rollups.queue_if_stale, timestamp)
    for_each_store(rollups.queue_counts_if_due, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**scheduled("schedule_syncs", Lane.SCHEDULE))
def schedule_syncs(timestamp: int) -> None:
    """Every minute: request a sync of each connected store whose last request is SYNC_MINUTES ago."""
    for_each_store(_request_due_sync, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**scheduled("apply_forgotten", Lane.DELIVERIES))
def apply_forgotten(timestamp: int) -> None:
    """Every minute: apply pending deliveries that have no job, and retry failed ones that are due.

    A job gives up after some attempts, so without this an outage longer than those would lose its deliveries.
    """
    receiving = stores.list_receiving()
    for_each(receiving, retry.retry_due, timestamp)
    for_each(receiving, apply.apply_pending, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**scheduled("settle_forgotten", Lane.SCHEDULE))
def settle_forgotten(timestamp: int) -> None:
    """Every minute: queue the re-fetch of due orders that have no job."""
    for_each_store(refetch.queue_if_due, timestamp)


@app.periodic(cron="* * * * *")
@app.task(**scheduled("confirm_forgotten", Lane.SCHEDULE))
def confirm_forgotten(timestamp: int) -> None:
    """Every minute: queue the confirmation of due deliveries that have no job."""
    for_each_store(confirm.queue_if_due, timestamp)


@app.periodic(cron="0 * * * *")
@app.task(**scheduled("purge_expired", Lane.SCHEDULE))
def purge_expired(timestamp: int) -> None:
    """Every hour: delete expired sessions, tickets, failed sign-ins, installations and limits."""
    accounts.purge_expired(datetime.fromtimestamp(timestamp, UTC))
    install.purge_expired(datetime.fromtimestamp(timestamp, UTC))
    rate_limits.prune(datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="41 4 * * *")
@app.task(**scheduled("prune_old", Lane.LONG))
def prune_old(timestamp: int) -> None:
    """Every night: delete the rows and jobs of every store whose retention has ended, and old jobs of none."""
    for_each(retention.list_all_stores(), _prune, timestamp)
    log.info("old jobs are deleted", jobs=retention.prune_jobs(datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="7 * * * *")
@app.task(**scheduled("check_all_subscriptions", Lane.SCHEDULE))
def check_all_subscriptions(timestamp: int) -> None:
    """Every hour: queue the daily check of webhook subscriptions; request orders whose visits or fees came late."""
    for_each_store(subscriptions.queue_check_if_due, timestamp)
    for_each_store(late_parts.request_visits, timestamp)
    for_each_store(late_parts.request_fees, timestamp)


@app.periodic(cron="*/6 * * * *")
@app.task(**scheduled("schedule_statistics", Lane.SCHEDULE))
def schedule_statistics(timestamp: int) -> None:
    """Every six minutes: queue the re-fetch of some customers whose statistics are stale."""
    for_each_store(customer_statistics.queue_if_due, timestamp)


@app.periodic(cron="17 * * * *")
@app.task(**scheduled("keep_tokens_alive", Lane.LONG))
def keep_tokens_alive(timestamp: int) -> None:
    """Every hour: renew the tokens of stores that were idle for a week; Shopify ends them after 90 idle days."""
    for_each_store(clients.keep_alive, timestamp)


@app.periodic(cron="* * * * * */10")
@app.task(**scheduled("revive_jobs", Lane.DELIVERIES), pass_context=True)
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
