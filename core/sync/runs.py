"""Sync runs as rows: request one, cancel it, note its pages, and show it. `core.sync.steps` does the work.

A store has at most one running and one queued run (two unique indexes say so). A double click, a schedule and a
command at the same moment are therefore one run. A click during a run requests the next one, because the running one
may have read past the orders that the person waits for. All clicks until that next run begins share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, jobs, rate_limits, tenant_session
from core.database.models import RunState as RunState
from core.database.models import Store, StoreState, SyncRun
from core.database.models import Trigger as Trigger
from core.errors import InvalidInput
from core.sync import run_life
from core.sync.run_life import Requested, RunKey
from core.sync.run_queue import bring_work_forward, lane_of, queue_work


@dataclass(frozen=True, slots=True)
class RunView:
    """A sync run as pages show it."""

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
    orders_done: int | None = None
    orders_new: int | None = None
    is_first_load: bool = False

    @property
    def active(self) -> bool:
        """Whether it is queued or running."""
        return self.state in run_life.ACTIVE

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None while the total is not known."""
        if self.state == RunState.SUCCEEDED:
            return 1.0
        if not self.records_total:
            return None
        return min(1.0, self.records_done / self.records_total)

    def rate(self, now: datetime) -> float | None:
        """Records a second so far; None before the first record."""
        if self.started_at is None or not self.records_done:
            return None
        seconds = ((self.finished_at or now) - self.started_at).total_seconds()
        return self.records_done / seconds if seconds > 0 else None

    def eta(self, now: datetime) -> timedelta | None:
        """The time left at the rate so far; None while the rate or the total is unknown."""
        if self.state != RunState.RUNNING or not self.share or self.started_at is None:
            return None
        return (now - self.started_at) * (1 / self.share - 1)


@dataclass(frozen=True, slots=True)
class PageCounts:
    """The records of a page that count as progress, the orders among them, and the orders not stored before."""

    records: int
    orders: int
    new_orders: int


def request_sync(actor: Actor, store_id: int, now: datetime, trigger: Trigger = Trigger.BUTTON) -> int:
    """Request a sync of a store; returns the id of a run that begins after this call.

    Raises:
        NotAllowed: the actor's role may not sync.
        InvalidInput: the store is not connected.
        RateLimited: this store was synced by its button too often.
    """
    authorise(actor, Action.SYNC)
    if trigger == Trigger.BUTTON:
        rate_limits.take(rate_limits.SYNC, rate_limits.tenant_subject(actor.tenant_id, f"store {store_id}"), now)
    return request(actor.store_key(store_id), trigger, now)


def request(store: StoreKey, trigger: Trigger, now: datetime) -> int:
    """Request a run, as `request_sync`; the schedule joins a running one instead of following it.

    A run that lost its job gets a new one. A run that waits for Shopify goes on at once if a person requests it.
    """
    is_person = trigger != Trigger.SCHEDULE
    with tenant_session(store.tenant_id) as session:
        if session.scalar(select(Store.state).where(store.owns(Store))) != StoreState.CONNECTED:
            raise InvalidInput("This store is not connected; connect it again on the Stores page, then sync.")
        running = _lock_running(session, store)
        if running is not None:
            _revive(session, running, now, is_person)
            if not is_person:
                return running.run_id
        requested = _queue_run(session, store, Trigger(trigger), now)
        if running is None and requested.is_new:
            queue_work(session, store, requested.run_id)
        elif running is None:
            _revive(session, key_of(store, requested.run_id), now, is_person)
        return requested.run_id


def queue_follow_up(store: StoreKey) -> None:
    """Queue the job of the queued run, if there is one and no other run is running."""
    run_of = select(SyncRun.run_id).where(store.owns(SyncRun))
    with tenant_session(store.tenant_id) as session:
        if session.scalar(run_of.where(SyncRun.state == RunState.RUNNING)) is not None:
            return
        run_id = session.scalar(run_of.where(SyncRun.state == RunState.QUEUED))
        if run_id is not None:
            bring_work_forward(session, store, run_id)


def cancel(actor: Actor, store_id: int, now: datetime) -> bool:
    """End the running and the queued run; returns False where there is neither. Records already written stay, and the
    next run continues from there.

    Raises:
        NotAllowed: the actor's role may not sync.
    """
    authorise(actor, Action.SYNC)
    store = actor.store_key(store_id)
    with tenant_session(actor.tenant_id) as session:
        statement = (
            update(SyncRun)
            .where(store.owns(SyncRun), SyncRun.state.in_(run_life.ACTIVE))
            .values(state=RunState.CANCELED, finished_at=now, error="Canceled.")
            .returning(SyncRun.run_id)
        )
        canceled = session.scalars(statement).all()
        for run_id in canceled:
            # The job cancels the run's bulk operations at Shopify. And a job left waiting would delay the next run,
            # because a store's jobs run one at a time.
            bring_work_forward(session, store, run_id)
        return bool(canceled)


def recent(store: StoreKey, limit: int = 50) -> tuple[RunView, ...]:
    """The store's latest runs, newest first."""
    query = select(SyncRun).where(store.owns(SyncRun)).order_by(SyncRun.run_id.desc()).limit(limit)
    with tenant_session(store.tenant_id) as session:
        return tuple(_view(row) for row in session.scalars(query))


def last_requested(store: StoreKey) -> datetime | None:
    """When the store's latest run was requested; None if never."""
    with tenant_session(store.tenant_id) as session:
        return session.scalar(select(func.max(SyncRun.requested_at)).where(store.owns(SyncRun)))


def was_canceled(run: RunKey[SyncRun]) -> bool:
    """Whether a person canceled the run."""
    query = select(SyncRun.state).where(run.store.owns(SyncRun), SyncRun.run_id == run.run_id)
    with tenant_session(run.store.tenant_id) as session:
        return session.scalar(query) == RunState.CANCELED


def is_on_hold(store: StoreKey) -> bool:
    """Whether the store's first load was canceled: then only a person starts it again, never the schedule."""
    # A run that reads changes is no first load, even if the store has to be read from the start by now.
    state = case((SyncRun.since.is_(None), SyncRun.state))
    latest = select(state).where(store.owns(SyncRun)).order_by(SyncRun.run_id.desc()).limit(1)
    complete = select(Store.complete_until).where(store.owns(Store))
    with tenant_session(store.tenant_id) as session:
        return session.scalar(latest) == RunState.CANCELED and session.scalar(complete) is None


def key_of(store: StoreKey, run_id: int) -> RunKey[SyncRun]:
    """The key of a sync run."""
    return RunKey(SyncRun, store, run_id)


def claim(session: Session, run: RunKey[SyncRun], now: datetime) -> SyncRun:
    """Take up the run, or take it up again after a kill; returns its row.

    Raises:
        RunLost: it has ended, or another run of the store is running.
    """
    other = aliased(SyncRun)
    others = select(other.run_id).where(
        run.store.owns(other), other.run_id != run.run_id, other.state == RunState.RUNNING
    )
    started_at = func.coalesce(SyncRun.started_at, now)
    return run_life.claim(session, run, now, ~others.exists(), started_at=started_at)


def begin(session: Session, row: SyncRun, since: datetime | None, until: datetime, total: int | None) -> None:
    """Store the window of changes that the run reads, so that it is the same after every restart."""
    row.since, row.until, row.records_total = since, until, total
    session.flush()


def note_page(session: Session, row: SyncRun, cursors: dict[str, Any], read: PageCounts, now: datetime) -> None:
    """Note a page as done, in the transaction that wrote it.

    The condition on `cursors` stops a worker that was thought dead: another one has noted the same page since.

    Raises:
        RunLost: the run has ended, or another worker noted the page.
    """
    done = {
        "cursors": cursors,
        "records_done": SyncRun.records_done + read.records,
        "orders_done": func.coalesce(SyncRun.orders_done, 0) + read.orders,
        "orders_new": func.coalesce(SyncRun.orders_new, 0) + read.new_orders,
    }
    run_life.note(session, RunKey.of(row), now, SyncRun.cursors == row.cursors, **done, **run_life.RECOVERED)


def _lock_running(session: Session, store: StoreKey) -> RunKey[SyncRun] | None:
    """Lock the store's running run. It cannot end before the session's transaction does, and therefore sees the run
    that is queued behind it."""
    running = select(SyncRun.run_id).where(store.owns(SyncRun), SyncRun.state == RunState.RUNNING)
    run_id = session.scalar(running.with_for_update())
    return None if run_id is None else key_of(store, run_id)


def _queue_run(session: Session, store: StoreKey, trigger: Trigger, now: datetime) -> Requested:
    """Insert a queued run, or join the one there is: then the schedule's run becomes the person's."""
    person = literal(trigger, SyncRun.trigger.type)
    joined = {"trigger": case((SyncRun.trigger == Trigger.SCHEDULE, person), else_=SyncRun.trigger)}
    return run_life.request(session, SyncRun, store, now, joined, state=RunState.QUEUED, trigger=trigger)


def _revive(session: Session, run: RunKey[SyncRun], now: datetime, is_person: bool) -> None:
    """Queue a job for a run that lost its own. Bring a waiting job forward if a person asks."""
    if run_life.take_forgotten(session, run, now):
        queue_work(session, run.store, run.run_id)
    elif is_person:
        lane = lane_of(session, run.store, run.run_id, is_clicked=True)
        jobs.bring_forward(session, jobs.Task.SYNC_STORE, run.store, lane, run_id=run.run_id)


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
        orders_done=row.orders_done,
        orders_new=row.orders_new,
        is_first_load=row.until is not None and row.since is None,
    )
