"""The jobs of sync runs, each in the lane of its kind."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs
from core.database.models import Store, SyncRun, Trigger


def queue_work(session: Session, key: StoreKey, run_id: int, delay: timedelta = timedelta(0)) -> None:
    """Queue a job for the rest of the run, in the lane of its kind."""
    lane = lane_of(session, key.tenant_id, run_id)
    jobs.enqueue(session, jobs.Task.SYNC_STORE, key, delay, lane, run_id=run_id)


def look_at_once(session: Session, key: StoreKey, run_id: int) -> None:
    """Have the worker continue a run now: bring its waiting job forward, or queue one."""
    lane = lane_of(session, key.tenant_id, run_id)
    if not jobs.bring_forward(session, jobs.Task.SYNC_STORE, key, lane, run_id=run_id):
        jobs.enqueue(session, jobs.Task.SYNC_STORE, key, lane=lane, run_id=run_id)


def lane_of(session: Session, tenant_id: int, run_id: int, clicked: bool = False) -> jobs.Lane:
    """The lane of the run's jobs: long for a first load, clicked unless the schedule requested the run. `clicked`: a
    person waits for it by now."""
    stored = and_(Store.tenant_id == SyncRun.tenant_id, Store.store_id == SyncRun.store_id)
    query = (
        select(
            SyncRun.trigger, SyncRun.since.is_(None) & (SyncRun.until.is_not(None) | Store.complete_until.is_(None))
        )
        .join(Store, stored)
        .where(SyncRun.tenant_id == tenant_id, SyncRun.run_id == run_id)
    )
    trigger, is_first_load = session.execute(query).one()
    clicked = clicked or trigger != Trigger.SCHEDULE
    if is_first_load:
        return jobs.Lane.LONG_CLICKED if clicked else jobs.Lane.LONG
    return jobs.Lane.CLICKED if clicked else jobs.Lane.SCHEDULE
