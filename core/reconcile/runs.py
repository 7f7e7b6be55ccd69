"""Runs of the reconciliation as rows: ask for one, know which days are left to compare, note its end, and show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Date, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import stores
from core.accounts import Action, Actor, authorise
from core.database import StoreKey, jobs, tenant_session
from core.database.models import CheckRun, DayCheck, Order, Trigger
from core.database.models import RunState as RunState
from core.domain.periods import local_day
from core.errors import InvalidInput
from core.stores import StoreState, StoreView, history

RECENT = timedelta(days=60)
WHOLE_EVERY = timedelta(days=7)
NIGHT = time(3, 20)
"""When the schedule asks, on the store's clock: the day is over, and few orders come."""
_FORGOTTEN = timedelta(minutes=30)
"""Longer than any wait of a run: one that nobody touched for so long has lost its job."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a run: the days to compare, the oldest first, and how far it has looked for what is gone."""

    days: list[date]
    cursors: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as pages show it; `state` is running, succeeded or failed. `days_done` is of `days`."""

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
        """Whether it is still under way."""
        return self.state == RunState.RUNNING


def request(actor: Actor, store_id: int, now: datetime, whole: bool = False) -> int:
    """Ask for the recent days, or all of them, to be compared; returns the run, which may be under way already.

    Raises:
        NotAllowed: the actor's role may not.
        NotFound: the tenant has no such store.
        InvalidInput: the store cannot be compared; the message says why.
    """
    authorise(actor, Action.SYNC)
    store = stores.find(actor.store_key(store_id))
    refusal = _refusal(store)
    if refusal:
        raise InvalidInput(refusal)
    return _request(store, Trigger.BUTTON, whole, now)


def request_due(key: StoreKey, now: datetime) -> int | None:
    """Ask for the run that the schedule owes the store: the recent days once a night, all of them once a week; None
    where it owes none. A run that lost its job gets a new one."""
    store = stores.find(key)
    if _refusal(store):
        return None
    with tenant_session(key.tenant_id) as session:
        lost = _forgotten(session, key, now)
        if lost is not None:
            queue_work(session, key, lost)
            return lost
        scheduled = select(func.max(CheckRun.requested_at)).where(key.owns(CheckRun))
        last = session.scalar(scheduled.where(CheckRun.trigger == Trigger.SCHEDULE))
        last_whole = session.scalar(scheduled.where(CheckRun.is_whole, CheckRun.state == RunState.SUCCEEDED))
    if last is not None and last >= _last_night(store, now):
        return None
    whole = last_whole is None or now - last_whole >= WHOLE_EVERY
    return _request(store, Trigger.SCHEDULE, whole, now)


def queue_work(session: Session, key: StoreKey, run_id: int, delay: timedelta = timedelta(0)) -> None:
    """Queue a job for the rest of the run; a clicked run has the lane of clicked jobs."""
    own_rows = (CheckRun.tenant_id == key.tenant_id, CheckRun.run_id == run_id)
    clicked = session.scalar(select(CheckRun.trigger).where(*own_rows)) == Trigger.BUTTON
    lane = jobs.Lane.LONG_CLICKED if clicked else jobs.Lane.LONG
    jobs.enqueue(session, jobs.Task.CHECK_DAYS, key, delay, lane, run_id=run_id)


def recent_days(store: StoreView, now: datetime) -> int:
    """How many days are compared when a person asks for the recent ones; today is one of them."""
    today = local_day(now, store.time_zone)
    return (today - _first_recent(store, today, today)).days + 1


def recent(key: StoreKey, limit: int = 20) -> tuple[RunView, ...]:
    """The store's latest runs, newest first."""
    query = select(CheckRun).where(key.owns(CheckRun)).order_by(CheckRun.run_id.desc()).limit(limit)
    with tenant_session(key.tenant_id) as session:
        return tuple(_view(session, row) for row in session.scalars(query).all())


def claim(tenant_id: int, run_id: int, now: datetime) -> Left | None:
    """What is left of the run, for who works on it now; None once it ended."""
    with tenant_session(tenant_id) as session:
        run = session.scalar(_running(tenant_id, run_id).values(heartbeat_at=now).returning(CheckRun))
        if run is None:
            return None
        done = set(session.scalars(select(DayCheck.day).where(*_done_by(run))))
        days = ((run.first_day + timedelta(days=n)) for n in range((run.last_day - run.first_day).days + 1))
        return Left([day for day in days if day not in done], run.cursors)


def note_progress(tenant_id: int, run_id: int, now: datetime, cursors: dict[str, Any] | None = None) -> None:
    """Note progress, and how far the run has looked for deleted records; a wait, if there was one, is over."""
    values = {"heartbeat_at": now, "attempts": 0, "error": None} | ({"cursors": cursors} if cursors else {})
    with tenant_session(tenant_id) as session:
        session.execute(_running(tenant_id, run_id).values(values))


def note_trouble(tenant_id: int, run_id: int, sentence: str, now: datetime) -> int:
    """Note what the run waits for; returns how often it has waited since it got on last, 0 where it has ended."""
    waits = {"error": sentence, "attempts": CheckRun.attempts + 1, "heartbeat_at": now}
    with tenant_session(tenant_id) as session:
        return session.scalar(_running(tenant_id, run_id).values(waits).returning(CheckRun.attempts)) or 0


def finish(tenant_id: int, run_id: int, now: datetime, error: str | None = None) -> None:
    """End the run: succeeded, or failed for the reason given."""
    state = RunState.FAILED if error else RunState.SUCCEEDED
    with tenant_session(tenant_id) as session:
        session.execute(_running(tenant_id, run_id).values(state=state, finished_at=now, error=error))


def _request(store: StoreView, trigger: Trigger, whole: bool, now: datetime) -> int:
    with tenant_session(store.tenant_id) as session:
        run_id = _new(session, store, trigger, whole, now)
        if run_id is None:
            run_id = _forgotten(session, store.key, now)
        if run_id is not None:
            queue_work(session, store.key, run_id)
            return run_id
        latest = select(CheckRun.run_id).where(store.key.owns(CheckRun))
        return session.scalars(latest.order_by(CheckRun.run_id.desc()).limit(1)).one()


def _new(session: Session, store: StoreView, trigger: Trigger, whole: bool, now: datetime) -> int | None:
    """A new run; None if there is one under way."""
    today = local_day(now, store.time_zone)
    # A day that is not over changes while it is compared; but who asks wants to know how it is now.
    last = today if trigger == Trigger.BUTTON else today - timedelta(days=1)
    first = _first_recent(store, last, today)
    if whole:
        first = _first_of_all(session, store, first)
    values = {"tenant_id": store.tenant_id, "store_id": store.store_id, "trigger": trigger, "requested_at": now}
    days = {"first_day": first, "last_day": last, "is_whole": whole}
    statement = insert(CheckRun).values(state=RunState.RUNNING, **values, **days).on_conflict_do_nothing()
    return session.scalar(statement.returning(CheckRun.run_id))


def _forgotten(session: Session, key: StoreKey, now: datetime) -> int | None:
    """The run under way, if nobody has touched it for long; two who ask at once cannot both find it."""
    touched = func.coalesce(CheckRun.heartbeat_at, CheckRun.requested_at)
    statement = (
        update(CheckRun)
        .where(key.owns(CheckRun), CheckRun.state == RunState.RUNNING, touched < now - _FORGOTTEN)
        .values(heartbeat_at=now)
        .returning(CheckRun.run_id)
    )
    return session.scalar(statement)


def _refusal(store: StoreView) -> str | None:
    if store.state != StoreState.CONNECTED:
        return "This store is not connected; connect it again on the Stores page, then check it."
    if store.complete_until is None:
        return "The first sync has not ended yet; check the store once it has."
    if not store.may_read("orders"):
        return "The app may not read orders; grant it the scope read_orders in Shopify, then reconnect the store."
    return None


def _first_recent(store: StoreView, last: date, today: date) -> date:
    """The first of the recent days up to `last` that Shopify surely shows."""
    first = last - RECENT + timedelta(days=1)
    return first if history.SCOPE in store.scopes else max(first, today - history.SURELY_SHOWN)


def _first_of_all(session: Session, store: StoreView, recent: date) -> date:
    """The first day that there can be an order of, not after the first of the `recent` ones."""
    if history.SCOPE not in store.scopes:
        return recent
    own_rows = (store.key.owns(Order), Order.deleted_at.is_(None))
    oldest = session.scalar(select(func.min(Order.business_date)).where(*own_rows))
    opened = local_day(store.shop_created_at, store.time_zone) if store.shop_created_at else None
    return min(day for day in (recent, oldest, opened) if day is not None)


def _last_night(store: StoreView, now: datetime) -> datetime:
    """The latest instant at which the store's clock showed the hour of the night's run."""
    local = now.astimezone(store.time_zone)
    tonight = datetime.combine(local.date(), NIGHT, store.time_zone)
    return tonight if tonight <= now else tonight - timedelta(days=1)


def _running(tenant_id: int, run_id: int) -> Any:
    return update(CheckRun).where(
        CheckRun.tenant_id == tenant_id, CheckRun.run_id == run_id, CheckRun.state == RunState.RUNNING
    )


def _done_by(run: CheckRun) -> tuple[Any, ...]:
    return (
        DayCheck.tenant_id == run.tenant_id,
        DayCheck.store_id == run.store_id,
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
