"""Sync runs as rows: request one, claim it, note its progress and its end, and show it. `core.sync.steps` does the
work.

A store has at most one run that is running and one that is queued (two unique indexes say so): a double click, a
schedule and a command at the same moment are one run. Who clicks while a run is under way, which may have read past
the orders that they wait for, gets a run that follows it; so do all who click until that one begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, jobs, limits, tenant_session
from core.database.models import RunState as RunState
from core.database.models import Store, StoreState, SyncRun
from core.database.models import Trigger as Trigger
from core.errors import InvalidInput
from core.sync.run_queue import lane_of, look_at_once, queue_work

_ACTIVE = (RunState.QUEUED, RunState.RUNNING)
_FORGOTTEN = timedelta(minutes=30)
"""Longer than any wait of a run: one that nobody touched for so long has lost its job."""


class NotOurs(Exception):
    """The run was canceled, or another worker goes on with it: whoever learns this leaves it alone."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A sync run as pages show it. `state` is queued, running, succeeded, failed or canceled."""

    run_id: int
    store_id: int
    trigger: Trigger
    state: RunState
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    records_done: int
    records_total: int | None
    attempts: int
    error: str | None

    @property
    def active(self) -> bool:
        """Whether it is still to come or under way."""
        return self.state in _ACTIVE

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None while the total is not known."""
        if self.state == RunState.SUCCEEDED:
            return 1.0
        if not self.records_total:
            return None
        return min(1.0, self.records_done / self.records_total)

    def rate(self, now: datetime) -> float | None:
        """Records a second so far; None before that can be said."""
        if self.started_at is None or not self.records_done:
            return None
        seconds = ((self.finished_at or now) - self.started_at).total_seconds()
        return self.records_done / seconds if seconds > 0 else None

    def eta(self, now: datetime) -> timedelta | None:
        """How long the rest takes at the pace so far; None before that can be said."""
        if self.state != RunState.RUNNING or not self.share or self.started_at is None:
            return None
        return (now - self.started_at) * (1 / self.share - 1)


def request_sync(actor: Actor, store_id: int, now: datetime, trigger: Trigger = Trigger.BUTTON) -> int:
    """Ask for a sync of a store; returns the id of the run, which begins after this call: one that is queued already,
    or a new one, which follows the one under way.

    Raises:
        NotAllowed: the actor's role may not sync.
        InvalidInput: the store is not connected.
        RateLimited: this store was synced by its button too often.
    """
    authorise(actor, Action.SYNC)
    if trigger == Trigger.BUTTON:
        limits.take(limits.SYNC, limits.of_tenant(actor.tenant_id, f"store {store_id}"), now)
    return request(actor.store_key(store_id), trigger, now)


def request(key: StoreKey, trigger: Trigger, now: datetime) -> int:
    """As `request_sync`, also for the schedule, which joins a run under way. A run that lost its job gets a new one,
    and one that waits for Shopify goes on at once, unless it is the schedule that asks."""
    by_person = trigger != Trigger.SCHEDULE
    with tenant_session(key.tenant_id) as session:
        if session.scalar(select(Store.state).where(key.owns(Store))) != StoreState.CONNECTED:
            raise InvalidInput("This store is not connected; connect it again on the Stores page, then sync.")
        running = _lock_running(session, key)
        if running is not None:
            _revive(session, key, running, now, by_person)
            if not by_person:
                return running
        run_id, is_new = _queue_one(session, key, trigger, now)
        if running is None and is_new:
            queue_work(session, key, run_id)
        elif running is None:
            _revive(session, key, run_id, now, by_person)
        return run_id


def queue_follow_up(key: StoreKey) -> None:
    """Queue the job of the run that waits for another one to end, if there is such a run and the other has ended."""
    state_of = select(SyncRun.run_id).where(key.owns(SyncRun))
    with tenant_session(key.tenant_id) as session:
        if session.scalar(state_of.where(SyncRun.state == RunState.RUNNING)) is not None:
            return
        run_id = session.scalar(state_of.where(SyncRun.state == RunState.QUEUED))
        if run_id is not None:
            look_at_once(session, key, run_id)


def cancel(actor: Actor, store_id: int, now: datetime) -> bool:
    """End the run under way and the queued one; False where there is neither. Records already written stay, and the
    next run continues from there.

    Raises:
        NotAllowed: the actor's role may not sync.
    """
    authorise(actor, Action.SYNC)
    with tenant_session(actor.tenant_id) as session:
        statement = (
            update(SyncRun)
            .where(actor.store_key(store_id).owns(SyncRun), SyncRun.state.in_(_ACTIVE))
            .values(state=RunState.CANCELED, finished_at=now, error="Canceled.")
            .returning(SyncRun.run_id)
        )
        ended = session.scalars(statement).all()
        for run_id in ended:
            # The worker ends what Shopify still collects for it; and a job that waits would make the next run wait.
            look_at_once(session, actor.store_key(store_id), run_id)
        return bool(ended)


def recent(key: StoreKey, limit: int = 50) -> tuple[RunView, ...]:
    """The store's latest runs, newest first."""
    query = select(SyncRun).where(key.owns(SyncRun)).order_by(SyncRun.run_id.desc()).limit(limit)
    with tenant_session(key.tenant_id) as session:
        return tuple(_view(row) for row in session.scalars(query))


def last_requested(key: StoreKey) -> datetime | None:
    """When the store's latest run was asked for; None if never."""
    with tenant_session(key.tenant_id) as session:
        return session.scalar(select(func.max(SyncRun.requested_at)).where(key.owns(SyncRun)))


def was_canceled(tenant_id: int, run_id: int) -> bool:
    """Whether a person canceled the run."""
    with tenant_session(tenant_id) as session:
        mine = (SyncRun.tenant_id == tenant_id, SyncRun.run_id == run_id)
        return session.scalar(select(SyncRun.state).where(*mine)) == RunState.CANCELED


def rests(key: StoreKey) -> bool:
    """Whether the store's first load was canceled: it does not go on by itself, only when a person asks."""
    # A run that reads what changed is none, even if the store is to be read from the start by now.
    state = case((SyncRun.since.is_(None), SyncRun.state))
    latest = select(state).where(key.owns(SyncRun)).order_by(SyncRun.run_id.desc()).limit(1)
    complete = select(Store.complete_until).where(key.owns(Store))
    with tenant_session(key.tenant_id) as session:
        return session.scalar(latest) == RunState.CANCELED and session.scalar(complete) is None


def claim(session: Session, tenant_id: int, run_id: int, now: datetime) -> SyncRun | None:
    """Take the run up, or up again after a kill; None when it has ended, or another one of the store is running."""
    other = aliased(SyncRun)
    same_store = (other.tenant_id == SyncRun.tenant_id, other.store_id == SyncRun.store_id)
    running = select(other.run_id).where(*same_store, other.run_id != SyncRun.run_id, other.state == RunState.RUNNING)
    statement = (
        update(SyncRun)
        .where(SyncRun.tenant_id == tenant_id, SyncRun.run_id == run_id, SyncRun.state.in_(_ACTIVE))
        .where(~running.exists())
        .values(state=RunState.RUNNING, started_at=func.coalesce(SyncRun.started_at, now), heartbeat_at=now)
        .returning(SyncRun)
    )
    return session.scalars(statement, execution_options={"populate_existing": True}).first()


def begin(session: Session, run: SyncRun, since: datetime | None, until: datetime, total: int | None) -> None:
    """Fix the window of changes the run reads, so that it is the same after every restart."""
    run.since, run.until, run.records_total = since, until, total
    session.flush()


def note_page(session: Session, run: SyncRun, cursors: dict[str, Any], records: int, now: datetime) -> bool:
    """Note a page as done, in the transaction that wrote it; False if somebody else went on with the run since.

    The condition on `cursors` is what keeps two workers, of which one was thought dead, from both going on.
    """
    statement = (
        update(SyncRun)
        .where(SyncRun.tenant_id == run.tenant_id, SyncRun.run_id == run.run_id, SyncRun.state == RunState.RUNNING)
        .where(SyncRun.cursors == run.cursors)
        .values(
            cursors=cursors, records_done=SyncRun.records_done + records, heartbeat_at=now, attempts=0, error=None
        )
        .returning(SyncRun.run_id)
    )
    return session.execute(statement).first() is not None


def note_trouble(session: Session, tenant_id: int, run_id: int, sentence: str, now: datetime) -> int | None:
    """Note what the run waits for; returns how often it has waited since its last page, None if it has ended."""
    statement = (
        update(SyncRun)
        .where(SyncRun.tenant_id == tenant_id, SyncRun.run_id == run_id, SyncRun.state.in_(_ACTIVE))
        .values(error=sentence, attempts=SyncRun.attempts + 1, heartbeat_at=now)
        .returning(SyncRun.attempts)
    )
    return session.scalar(statement)


def finish(session: Session, tenant_id: int, run_id: int, now: datetime, error: str | None = None) -> bool:
    """End the run: succeeded, or failed for the reason given; False if it had ended before."""
    state = RunState.FAILED if error else RunState.SUCCEEDED
    statement = (
        update(SyncRun)
        .where(SyncRun.tenant_id == tenant_id, SyncRun.run_id == run_id, SyncRun.state.in_(_ACTIVE))
        .values(state=state, finished_at=now, error=error)
        .returning(SyncRun.run_id)
    )
    return session.execute(statement).first() is not None


def _lock_running(session: Session, key: StoreKey) -> int | None:
    """Lock the store's run under way; returns its id. It cannot end before the session's transaction does, so it sees
    the run queued behind it."""
    running = select(SyncRun.run_id).where(key.owns(SyncRun), SyncRun.state == RunState.RUNNING)
    return session.scalar(running.with_for_update())


def _queue_one(session: Session, key: StoreKey, trigger: Trigger, now: datetime) -> tuple[int, bool]:
    """The store's queued run, and whether it is new. Who joins the schedule's has asked for it, too."""
    values = {**key.parameters, "trigger": trigger, "requested_at": now}
    new = insert(SyncRun).values(state=RunState.QUEUED, **values)
    asked_by = case((SyncRun.trigger == Trigger.SCHEDULE, new.excluded.trigger), else_=SyncRun.trigger)
    statement = new.on_conflict_do_update(
        index_elements=[SyncRun.tenant_id, SyncRun.store_id],
        index_where=SyncRun.state == literal_column("'queued'"),
        set_={"trigger": asked_by},
    )
    is_new: ColumnElement[bool] = literal_column("xmax = 0")
    queued: tuple[int, bool] = session.execute(statement.returning(SyncRun.run_id, is_new)).one()
    return queued


def _revive(session: Session, key: StoreKey, run_id: int, now: datetime, by_person: bool) -> None:
    """Have a run go on that has lost its job, or that waits while a person asks."""
    if _take_forgotten(session, key.tenant_id, run_id, now):
        queue_work(session, key, run_id)
    elif by_person:
        lane = lane_of(session, key.tenant_id, run_id, clicked=True)
        jobs.bring_forward(session, jobs.Task.SYNC_STORE, key, lane, run_id=run_id)


def _take_forgotten(session: Session, tenant_id: int, run_id: int, now: datetime) -> bool:
    """Renew the heartbeat of an active run whose heartbeat is old; returns whether it was. Of two concurrent callers,
    only one succeeds."""
    touched = func.coalesce(SyncRun.heartbeat_at, SyncRun.requested_at)
    statement = (
        update(SyncRun)
        .where(SyncRun.tenant_id == tenant_id, SyncRun.run_id == run_id, SyncRun.state.in_(_ACTIVE))
        .where(touched < now - _FORGOTTEN)
        .values(heartbeat_at=now)
        .returning(SyncRun.run_id)
    )
    return session.scalar(statement) is not None


def _view(row: SyncRun) -> RunView:
    return RunView(
        run_id=row.run_id,
        store_id=row.store_id,
        trigger=row.trigger,
        state=row.state,
        requested_at=row.requested_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        records_done=row.records_done,
        records_total=row.records_total,
        attempts=row.attempts,
        error=row.error,
    )
