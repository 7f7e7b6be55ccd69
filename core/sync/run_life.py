"""The life of a run: request, claim, note, wait, finish, lost. A sync, a check and an import share it.

A run is a row that says how far its work is. A job works on it for one slice of time and then queues the next job.
Any job may be killed, and any job may run twice. Therefore each write is one UPDATE with the condition that the run
is still active. It matches no row once the run has ended or another worker went past it. `RunLost` then undoes the
transaction, so that two workers never both write the same step.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from requests.adapters import BaseAdapter
from sqlalchemy import ColumnElement, and_, func, literal_column, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import logs
from core.database import StoreKey, tenant_session
from core.database.models import RetriedRun, Run, RunState
from core.errors import NotFound, PermanentError, RunLost, Stopping, TransientError
from core.sync.time_slice import Step, TimeSlice, take_steps

ACTIVE = (RunState.QUEUED, RunState.RUNNING)
TRIES = 12
"""Waits in a row, without progress in between, before a run is given up: about an hour."""
FORGOTTEN = timedelta(minutes=30)
"""Longer than any wait of a run: an active run with an older heartbeat has lost its job."""
RECOVERED: Mapping[str, Any] = {"attempts": 0, "error": None}
"""The columns of a run that made progress: its past waits no longer count."""

log = logs.get(__name__)
R = TypeVar("R", bound=Run)
Retried = TypeVar("Retried", bound=RetriedRun)


@dataclass(frozen=True, slots=True)
class RunKey(Generic[R]):
    """Names a run: its table, its store, its number."""

    model: type[R]
    store: StoreKey
    run_id: int

    @classmethod
    def of(cls, row: R) -> RunKey[R]:
        return cls(type(row), row.store_key, row.run_id)

    @property
    def is_active(self) -> ColumnElement[bool]:
        """Matches the row of the run while it is queued or running."""
        return and_(self.store.owns(self.model), self.model.run_id == self.run_id, self.model.state.in_(ACTIVE))


class Requested(NamedTuple):
    """The run that answers a request; `is_new` is False for a run that was there before."""

    run_id: int
    is_new: bool


def request(
    session: Session, model: type[Run], store: StoreKey, now: datetime, joined: Mapping[str, Any], **values: Any
) -> Requested:
    """Insert a run. Where the store has one in this state already (a unique index says so), set `joined` there."""
    statement = insert(model).values(**store.parameters, requested_at=now, **values)
    if joined:
        statement = statement.on_conflict_do_update(
            index_elements=["tenant_id", "store_id"],
            index_where=literal_column("state") == literal_column(f"'{values['state']}'"),
            set_=joined,
        )
    is_new: ColumnElement[bool] = literal_column("xmax = 0")
    return Requested(*session.execute(statement.returning(model.run_id, is_new)).one())


def claim(session: Session, run: RunKey[R], now: datetime, *conditions: ColumnElement[bool], **values: Any) -> R:
    """Take up a run, or take it up again after a kill; returns its row.

    Raises:
        RunLost: it has ended, or `conditions` do not hold.
    """
    return _update(session, run, conditions, {"state": RunState.RUNNING, "heartbeat_at": now, **values})


def note(session: Session, run: RunKey[R], now: datetime, *conditions: ColumnElement[bool], **values: Any) -> None:
    """Note progress and a heartbeat, in the transaction that made the progress.

    Raises:
        RunLost: the run has ended, or another worker went past `conditions`.
    """
    _update(session, run, conditions, {"heartbeat_at": now, **values})


def note_trouble(session: Session, run: RunKey[Retried], sentence: str, now: datetime) -> int:
    """Note why the run waits; returns its waits since it last made progress.

    Raises:
        RunLost: it has ended.
    """
    waits = {"error": sentence, "attempts": run.model.attempts + 1, "heartbeat_at": now}
    return _update(session, run, (), waits).attempts


def finish(session: Session, run: RunKey[R], now: datetime, error: str | None = None) -> R:
    """End the run: succeeded, or failed with the sentence `error`; returns its row.

    Raises:
        RunLost: it had ended before.
    """
    state = RunState.FAILED if error else RunState.SUCCEEDED
    return _update(session, run, (), {"state": state, "finished_at": now, "error": error})


def take_forgotten(session: Session, run: RunKey[R], now: datetime) -> bool:
    """Renew the heartbeat of an active run that has lost its job; returns whether it had. The caller queues a job.

    Of two concurrent callers, only one succeeds: the other would queue a second job.
    """
    worked_at = func.coalesce(run.model.heartbeat_at, run.model.requested_at)
    try:
        note(session, run, now, worked_at < now - FORGOTTEN)
    except RunLost:
        return False
    return True


class Work(ABC):
    """Work of one job on one run: what a step is, and what happens to the run between and after steps."""

    @abstractmethod
    def open(self) -> AbstractContextManager[Step]:
        """Claim the run and open what its steps need; the value takes one step."""

    @abstractmethod
    def go_on_later(self, pause: timedelta) -> None:
        """Have another job go on with the run after `pause`."""

    @abstractmethod
    def retry(self, error: TransientError) -> None:
        """Note why the run waits, and have another job retry the step after a backoff."""

    @abstractmethod
    def succeed(self) -> None:
        """End the run, after its last step."""

    @abstractmethod
    def fail(self, error: Exception) -> None:
        """End the run with a sentence about the error, which a retry cannot cure."""


class RunWork(Work, Generic[Retried]):
    """Work on a run that calls Shopify and notes its waits on its own row.

    A kind adds `open`, `queue` and `note_end`. `transport` replaces the network; `stop` is set to end the process.
    """

    broken: ClassVar[str]
    """The sentence for a fault of ours."""

    def __init__(self, run: RunKey[Retried], transport: BaseAdapter | None, stop: threading.Event) -> None:
        self.run, self.transport, self.stop = run, transport, stop

    @abstractmethod
    def queue(self, session: Session, delay: timedelta) -> None:
        """Queue a job for the rest of the run."""

    def note_end(self, session: Session, row: Retried) -> None:  # most kinds have nothing to add
        """Write what ends with the run, in the transaction that ends it."""

    def go_on_later(self, pause: timedelta) -> None:
        with tenant_session(self.run.store.tenant_id) as session:
            self.queue(session, pause)

    def retry(self, error: TransientError) -> None:
        """Wait longer each time, up to ten minutes; fail after `TRIES`."""
        with tenant_session(self.run.store.tenant_id) as session:
            attempts = note_trouble(session, self.run, f"Waiting: {error}", datetime.now(UTC))
        log.warning("a run waits", attempts=attempts, reason=str(error))
        if attempts >= TRIES:
            self._end(str(error))
        else:
            self.go_on_later(timedelta(seconds=error.wait_after(attempts)))

    def succeed(self) -> None:
        self._end(None)

    def fail(self, error: Exception) -> None:
        self._end(str(error) if isinstance(error, PermanentError) else self.broken)

    def _end(self, error: str | None) -> None:
        with tenant_session(self.run.store.tenant_id) as session:
            row = finish(session, self.run, datetime.now(UTC), error)
            self.note_end(session, row)


def work_on(work: Work, time_slice: TimeSlice) -> None:
    """Take steps of a run for one slice of time. What a step raises decides what becomes of the run.

    Every error leaves a queued job, a failed run or a run of another worker. A run that stays active without a job
    would keep its store from ever being synced, or checked, again.

    Raises:
        DatabaseUnavailable: the outcome could not be noted; the queue retries the job.
    """
    try:
        _advance(work, time_slice)
    except RunLost as reason:
        log.warning("another worker has the run", reason=str(reason))


def _advance(work: Work, time_slice: TimeSlice) -> None:
    """Take steps; then end the run, or queue the job that goes on with it."""
    try:
        with work.open() as take_step:
            outcome = take_steps(take_step, time_slice)
    except Stopping:
        work.go_on_later(timedelta(0))
    except TransientError as error:
        work.retry(error)
    except RunLost:
        raise
    except NotFound:
        log.warning("the store of a run was deleted")
    except PermanentError as error:
        log.warning("a run failed", reason=str(error))
        work.fail(error)
    except Exception as error:
        log.exception("a run met an unexpected error")
        work.fail(error)
    else:
        if outcome.is_done:
            work.succeed()
            log.info("a run succeeded")
        else:
            work.go_on_later(outcome.pause)


def _update(session: Session, run: RunKey[R], conditions: tuple[ColumnElement[bool], ...], values: Any) -> R:
    statement = update(run.model).where(run.is_active, *conditions).values(values).returning(run.model)
    row = session.scalars(statement, execution_options={"populate_existing": True}).first()
    if row is None:
        raise RunLost("The run has ended, or another worker goes on with it.")
    return row
