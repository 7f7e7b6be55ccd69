"""What each job does, in three lines, and the schedule; `core.worker` runs them.

Jobs may run twice (a worker can die after the work and before the note): all of them are idempotent.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy

from core import accounts, applying, logs, runs, stores, sync
from core.config import settings
from core.errors import InvalidInput, TransientError
from core.jobs import Queue, Task

DEAD_AFTER = 20
"""Seconds without a heartbeat after which a worker counts as killed and its jobs are run again."""

log = logs.get(__name__)
app = App(connector=PsycopgConnector())
stopping = threading.Event()
"""Set when the worker is to stop: a sync then ends after its page, and goes on at the next start."""

_RETRY = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions=[TransientError])


@app.task(name=Task.APPLY_DELIVERIES, queue=Queue.DELIVERIES, retry=_RETRY)
def apply_deliveries(tenant_id: int, store_id: int) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        applying.apply_pending(tenant_id, store_id, datetime.now(UTC))


@app.task(name=Task.REREAD_ORDERS, queue=Queue.SYNCS, retry=_RETRY)
def reread_orders(tenant_id: int, store_id: int, order_ids: list[int]) -> None:
    with logs.bound(tenant_id=tenant_id, store_id=store_id):
        sync.reread_orders(tenant_id, store_id, order_ids, stop=stopping)


@app.task(name=Task.SYNC_STORE, queue=Queue.SYNCS, retry=_RETRY)
def sync_store(tenant_id: int, store_id: int, run_id: int) -> None:
    sync.work_on(tenant_id, store_id, run_id, stop=stopping)


@app.periodic(cron="* * * * *")
@app.task(queue=Queue.SYNCS, queueing_lock="schedule_syncs")
def schedule_syncs(timestamp: int) -> None:
    """Every minute: ask for a run of each connected store whose last one is SYNC_MINUTES ago."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for route in stores.routes():
        last = runs.last_requested(route.tenant_id, route.store_id)
        if last is None or now - last >= timedelta(minutes=settings().sync_minutes):
            try:
                runs.request(route.tenant_id, route.store_id, "schedule", now)
            except InvalidInput:
                continue  # not connected any more


@app.periodic(cron="* * * * *")
@app.task(queue=Queue.DELIVERIES, queueing_lock="apply_forgotten")
def apply_forgotten(timestamp: int) -> None:
    """Every minute: apply deliveries whose job gave up, so that an outage of any length heals by itself."""
    for route in stores.routes():
        try:
            applying.apply_pending(route.tenant_id, route.store_id, datetime.fromtimestamp(timestamp, UTC))
        except Exception:  # one store's trouble is not the next one's
            log.exception("deliveries stay pending", tenant_id=route.tenant_id, store_id=route.store_id)


@app.periodic(cron="0 * * * *")
@app.task(queue=Queue.SYNCS, queueing_lock="purge_expired")
def purge_expired(timestamp: int) -> None:
    """Every hour: forget sessions, tickets and failed sign-ins that have expired."""
    accounts.purge_expired(datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="* * * * * */10")
@app.task(queue=Queue.DELIVERIES, queueing_lock="revive_jobs", pass_context=True)
async def revive_jobs(context: JobContext, timestamp: int) -> None:
    """Every ten seconds: run the jobs of killed workers again. A job's lock would else hold up its store for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        log.warning("a worker died; its job is run again", job_id=job.id, task=job.task_name)
        await manager.retry_job(job)
