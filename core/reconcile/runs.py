"""Check runs as rows: request one, know which days are left to compare, note progress, and show it.

`core.reconcile.work` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from core import stores
from core.accounts import Action, Actor, authorise
from core.database import StoreKey, jobs, tenant_session
from core.database.models import CheckRun, DayCheck, Order
from core.database.models import RunState as RunState
from core.database.models import Trigger as Trigger
from core.domain.periods import last_time_of_day, local_day
from core.errors import InvalidInput
from core.stores import StoreState, StoreView, history
from core.sync import run_life
from core.sync.run_life import RunKey

RECENT = timedelta(days=60)
WHOLE_EVERY = timedelta(days=7)
NIGHT = time(3, 20)
"""The time of the nightly run on the store's clock: the day is over, and few orders come in."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """What remains of a run: the days to compare, oldest first, and how far it has looked for deleted records."""

    days: list[date]
    cursors: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunView:
    """A check run as pages show it. `days_done` counts some of `days`."""

    run_id: int
    trigger: Trigger
    state: RunState
    first_day: date
    last_day: date
    requested_at: datetime
    finished_at: datetime | None
    days_done: int
    error: str | None

    @property
    def days(self) -> int:
        """How many days it compares."""
        return (self.last_day - self.first_day).days + 1

    @property
    def active(self) -> bool:
        """Whether it is running."""
        return self.state == RunState.RUNNING


def request(actor: Actor, store_id: int, now: datetime, is_whole: bool = False) -> int:
    """Request a check of the recent days, or of all; returns the id of the run, which may be running already.

    Raises:
        NotAllowed: the actor's role may not.
        StoreNotFound: the tenant has no such store.
        InvalidInput: the store cannot be compared; the message says why.
    """
    authorise(actor, Action.SYNC)
    store = stores.find(actor.store_key(store_id))
    refusal = _refusal(store)
    if refusal:
        raise InvalidInput(refusal)
    return _request(store, Trigger.BUTTON, is_whole, now)


def request_due(key: StoreKey, now: datetime) -> int | None:
    """Request the run that is due by the schedule: the recent days once a night, all days once a week. Returns None
    where none is due. A run that lost its job gets a new one."""
    store = stores.find(key)
    if _refusal(store):
        return None
    with tenant_session(key.tenant_id) as session:
        running = _running(session, key)
        if running is not None and run_life.take_forgotten(session, running, now):
            queue_work(session, key, running.run_id)
            return running.run_id
        scheduled = select(func.max(CheckRun.requested_at)).where(key.owns(CheckRun))
        last = session.scalar(scheduled.where(CheckRun.trigger == Trigger.SCHEDULE))
        last_whole = session.scalar(scheduled.where(CheckRun.is_whole, CheckRun.state == RunState.SUCCEEDED))
    if last is not None and last >= last_time_of_day(NIGHT, store.time_zone, now):
        return None
    is_whole = last_whole is None or now - last_whole >= WHOLE_EVERY
    return _request(store, Trigger.SCHEDULE, is_whole, now)


def queue_work(session: Session, key: StoreKey, run_id: int, delay: timedelta = timedelta(0)) -> None:
    """Queue a job for the rest of the run, in the lane of clicked jobs if a person requested it."""
    query = select(CheckRun.trigger).where(key.owns(CheckRun), CheckRun.run_id == run_id)
    lane = jobs.Lane.LONG_CLICKED if session.scalar(query) == Trigger.BUTTON else jobs.Lane.LONG
    jobs.enqueue(session, jobs.Task.CHECK_DAYS, key, delay, lane, run_id=run_id)


def recent_days(store: StoreView, now: datetime) -> int:
    """How many days a check of the recent days compares for a person, today included."""
    today = local_day(now, store.time_zone)
    return (today - _first_recent(store, today, today)).days + 1


def recent(key: StoreKey, limit: int = 20) -> tuple[RunView, ...]:
    """The store's latest runs, newest first."""
    query = select(CheckRun).where(key.owns(CheckRun)).order_by(CheckRun.run_id.desc()).limit(limit)
    with tenant_session(key.tenant_id) as session:
        return tuple(_view(session, row) for row in session.scalars(query).all())


def key_of(store: StoreKey, run_id: int) -> RunKey[CheckRun]:
    """The key of a check run."""
    return RunKey(CheckRun, store, run_id)


def claim(run: RunKey[CheckRun], now: datetime) -> Remaining:
    """Take up the run, or take it up again after a kill; returns what is left of it.

    Raises:
        RunLost: it has ended.
    """
    with tenant_session(run.store.tenant_id) as session:
        row = run_life.claim(session, run, now)
        done = set(session.scalars(select(DayCheck.day).where(*_done_by(row))))
        days = ((row.first_day + timedelta(days=n)) for n in range((row.last_day - row.first_day).days + 1))
        return Remaining([day for day in days if day not in done], row.cursors)


def note_progress(run: RunKey[CheckRun], now: datetime, cursors: dict[str, Any] | None = None) -> None:
    """Note progress, and how far the run has looked for deleted records.

    Raises:
        RunLost: the run has ended.
    """
    values = {"cursors": cursors} if cursors else {}
    with tenant_session(run.store.tenant_id) as session:
        run_life.note(session, run, now, **run_life.RECOVERED, **values)


def _request(store: StoreView, trigger: Trigger, is_whole: bool, now: datetime) -> int:
    """Insert a run and queue its job. Join a running one; it gets a new job only if it lost its own."""
    today = local_day(now, store.time_zone)
    # The schedule leaves out today, whose figures still change. A person wants to know how they are now.
    last = today if trigger == Trigger.BUTTON else today - timedelta(days=1)
    with tenant_session(store.tenant_id) as session:
        first = _first_recent(store, last, today)
        if is_whole:
            first = _first_of_all(session, store, first)
        values = {"trigger": trigger, "first_day": first, "last_day": last, "is_whole": is_whole}
        unchanged = {"trigger": CheckRun.trigger}
        requested = run_life.request(session, CheckRun, store.key, now, unchanged, state=RunState.RUNNING, **values)
        run = key_of(store.key, requested.run_id)
        if requested.is_new or run_life.take_forgotten(session, run, now):
            queue_work(session, store.key, run.run_id)
        return run.run_id


def _running(session: Session, key: StoreKey) -> RunKey[CheckRun] | None:
    """The store's running run."""
    run_id = session.scalar(select(CheckRun.run_id).where(key.owns(CheckRun), CheckRun.state == RunState.RUNNING))
    return None if run_id is None else key_of(key, run_id)


def _refusal(store: StoreView) -> str | None:
    if store.state != StoreState.CONNECTED:
        return "This store is not connected; connect it again on the Stores page, then check it."
    if store.complete_until is None:
        return "The first sync is still running; check the store after it."
    if not store.may_read("orders"):
        return "The app may not read orders; grant the scope read_orders in Shopify, then reconnect the store."
    return None


def _first_recent(store: StoreView, last: date, today: date) -> date:
    """The first of the recent days up to `last` whose orders Shopify certainly shows."""
    first = last - RECENT + timedelta(days=1)
    return first if history.SCOPE in store.scopes else max(first, today - history.SURELY_SHOWN)


def _first_of_all(session: Session, store: StoreView, recent: date) -> date:
    """The first day that can have an order, at latest `recent`."""
    if history.SCOPE not in store.scopes:
        return recent
    own_rows = (store.key.owns(Order), Order.deleted_at.is_(None))
    oldest = session.scalar(select(func.min(Order.business_date)).where(*own_rows))
    opened = local_day(store.shop_created_at, store.time_zone) if store.shop_created_at else None
    return min(day for day in (recent, oldest, opened) if day is not None)


def _done_by(run: CheckRun) -> tuple[Any, ...]:
    return (
        RunKey.of(run).store.owns(DayCheck),
        DayCheck.day.between(cast(run.first_day, Date), cast(run.last_day, Date)),
        DayCheck.checked_at >= run.requested_at,
    )


def _view(session: Session, row: CheckRun) -> RunView:
    done = (row.last_day - row.first_day).days + 1
    if row.state != RunState.SUCCEEDED:
        done = session.scalar(select(func.count()).select_from(DayCheck).where(*_done_by(row))) or 0
    return RunView(
        run_id=row.run_id,
        trigger=row.trigger,
        state=row.state,
        first_day=row.first_day,
        last_day=row.last_day,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        days_done=done,
        error=row.error,
    )
