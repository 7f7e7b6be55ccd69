"""The jobs of sync runs, each in the lane of its kind."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs
from core.database.models import Store, SyncRun, Trigger


def queue_work(session: Session, store: StoreKey, run_id: int, delay: timedelta = timedelta(0)) -> None:
    """Queue a job for the rest of the run."""
    lane = lane_of(session, store, run_id)
    jobs.enqueue(session, jobs.Task.SYNC_STORE, store, delay, lane, run_id=run_id)


def bring_work_forward(session: Session, store: StoreKey, run_id: int) -> None:
    """Have the worker go on with a run now: bring its waiting job forward, or queue one."""
    lane = lane_of(session, store, run_id)
    if not jobs.bring_forward(session, jobs.Task.SYNC_STORE, store, lane, run_id=run_id):
        jobs.enqueue(session, jobs.Task.SYNC_STORE, store, lane=lane, run_id=run_id)


def lane_of(session: Session, store: StoreKey, run_id: int, is_clicked: bool = False) -> jobs.Lane:
    """The lane of the run's jobs: a long one for a first load, a clicked one unless the schedule requested the run.
    `is_clicked`: a person waits for it by now."""
    is_first_load = SyncRun.since.is_(None) & (SyncRun.until.is_not(None) | Store.complete_until.is_(None))
    query = (
        select(SyncRun.trigger, is_first_load)
        .join(Store, and_(Store.tenant_id == SyncRun.tenant_id, Store.store_id == SyncRun.store_id))
        .where(store.owns(SyncRun), SyncRun.run_id == run_id)
    )
    trigger, is_long = session.execute(query).one()
    is_clicked = is_clicked or trigger != Trigger.SCHEDULE
    if is_long:
        return jobs.Lane.LONG_CLICKED if is_clicked else jobs.Lane.LONG
    return jobs.Lane.CLICKED if is_clicked else jobs.Lane.SCHEDULE
