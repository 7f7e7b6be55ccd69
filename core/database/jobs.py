"""Puts jobs on the queue, in the transaction of what they are about: neither is there without the other.

A job names its tenant and store and carries ids only; its worker opens a session of the tenant. What asks
Shopify runs one job at a time for each store and kind; `core.worker.tasks` says what each does.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, LiteralString

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.database.store_key import StoreKey
from core.errors import DatabaseUnavailable


class Task(StrEnum):
    """The tasks of the worker.

    The values stand in queued jobs. They stay when a member is renamed, so that jobs of an older version still run.
    """

    APPLY_DELIVERIES = "apply_deliveries"
    REFETCH_ORDERS = "settle_orders"
    SYNC_STORE = "sync_store"
    IMPORT_ORDERS = "import_orders"
    CHECK_DAYS = "check_days"
    CHECK_SUBSCRIPTIONS = "check_subscriptions"
    CONFIRM_DELIVERIES = "confirm_deliveries"
    DATE_ANEW = "date_anew"
    ERASE_BODIES = "erase_bodies"
    REMAP_ORDERS = "improve_orders"
    MAIL_LINK = "mail_link"


class Queue(StrEnum):
    """Each has workers of its own, except that SYNCS and LONG share theirs. A job that waits for Shopify, or takes
    long, never delays a delivery."""

    DELIVERIES = "deliveries"
    SYNCS = "syncs"
    LONG = "long"
    IMPORTS = "imports"
    MAILS = "mails"


class Lane(Enum):
    """A queue, and a priority in it: the highest is first, then the oldest job. `core.worker.lanes` has the rules."""

    DELIVERIES = (Queue.DELIVERIES, 0)
    CLICKED = (Queue.SYNCS, 30)
    """Short jobs that a person waits for."""
    REFETCH = (Queue.SYNCS, 20)
    SCHEDULE = (Queue.SYNCS, 10)
    LONG_CLICKED = (Queue.LONG, 2)
    """Long jobs that a person waits for: a first load, a requested check."""
    LONG = (Queue.LONG, 1)
    """Long jobs in the background: nightly checks, stores that are read again."""
    IMPORTS = (Queue.IMPORTS, 0)
    MAILS = (Queue.MAILS, 0)

    @property
    def queue(self) -> Queue:
        """The queue that its jobs wait in."""
        return self.value[0]

    @property
    def priority(self) -> int:
        """The priority of its jobs."""
        return self.value[1]


_LANES = {
    Task.APPLY_DELIVERIES: Lane.DELIVERIES,
    Task.REFETCH_ORDERS: Lane.REFETCH,
    Task.SYNC_STORE: Lane.SCHEDULE,
    Task.IMPORT_ORDERS: Lane.IMPORTS,
    Task.CHECK_DAYS: Lane.LONG,
    Task.CHECK_SUBSCRIPTIONS: Lane.SCHEDULE,
    Task.CONFIRM_DELIVERIES: Lane.REFETCH,
    Task.DATE_ANEW: Lane.LONG,
    Task.ERASE_BODIES: Lane.SCHEDULE,
    Task.REMAP_ORDERS: Lane.LONG,
    Task.MAIL_LINK: Lane.MAILS,
}
"""Where a task's jobs wait, unless who queues one says another lane."""

# Not the deliveries: a job that waits for a lock is only noticed at the next poll, and they keep out of each other's
# way by the rows they lock.
_ONE_AT_A_TIME = frozenset(Task) - {Task.APPLY_DELIVERIES, Task.MAIL_LINK}

# Never opened: every job goes through the connection of the caller's session.
_app = App(connector=SyncPsycopgConnector())


def enqueue(
    session: Session,
    task: Task,
    store: StoreKey,
    delay: timedelta = timedelta(0),
    lane: Lane | None = None,
    **arguments: Any,
) -> None:
    """Queue `task` for one store; it exists once the session's transaction commits, and runs after `delay`. `lane` is
    the task's own where it is not given.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    lane = lane or _LANES[task]
    deferrer = _app.configure_task(
        name=task,
        queue=lane.queue,
        priority=lane.priority,
        lock=_lock(task, store),
        connection=session.connection().connection.driver_connection,
        schedule_in={"seconds": delay.total_seconds()} if delay else None,
    )
    try:
        deferrer.defer(**store.parameters, **arguments)
    except ConnectorException as error:
        raise DatabaseUnavailable("The job could not be queued, because the database does not answer") from error


def enqueue_mail(session: Session, kind: str, **subject: str | int) -> None:
    """Queue a mail with a link of this kind; it exists once the session's transaction commits.

    `subject` says to whom, never the link: the worker makes that, so that no job holds a secret.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    connection = session.connection().connection.driver_connection
    deferrer = _app.configure_task(name=Task.MAIL_LINK, queue=Lane.MAILS.queue, connection=connection)
    try:
        deferrer.defer(kind=kind, **subject)
    except ConnectorException as error:
        raise DatabaseUnavailable("The mail could not be queued, because the database does not answer") from error


def enqueue_once(
    session: Session,
    task: Task,
    store: StoreKey,
    delay: timedelta = timedelta(0),
    within: timedelta | None = None,
) -> None:
    """As `enqueue`, unless such a job waits already; with `within`, one that waits for a later time does not count.

    Nor does one that is being run: it may be past the point where it would have seen what this one is about.
    """
    session.connection().exec_driver_sql(ONCE, once_values(task, store, delay, within))


def bring_forward(session: Session, task: Task, store: StoreKey, lane: Lane | None = None, **arguments: Any) -> bool:
    """Let the job that waits, with these very arguments, run now, in this lane or its own; False if none waits."""
    values = {
        "task": task,
        "args": json.dumps({**store.parameters, **arguments}),
        "queue": lane.queue if lane else None,
        "priority": lane.priority if lane else None,
    }
    return session.execute(_BRING_FORWARD, values).first() is not None


def forget_ended(session: Session, before: datetime, limit: int) -> int:
    """Delete jobs that ended, as a rule by failing for good, and have not been touched since; returns how many."""
    return len(session.execute(_FORGET_ENDED, {"before": before, "limit": limit}).all())


def once_values(
    task: Task,
    store: StoreKey,
    delay: timedelta = timedelta(0),
    within: timedelta | None = None,
) -> dict[str, Any]:
    """The values for ONCE, where `enqueue_once` is to be a part of another statement."""
    return {
        "job_task": task.value,
        "job_queue": _LANES[task].queue.value,
        "job_priority": _LANES[task].priority,
        "job_lock": _lock(task, store),
        "job_args": json.dumps(store.parameters),
        "job_delay": delay or None,
        "job_within": within,
    }


def _lock(task: Task, store: StoreKey) -> str | None:
    return f"{task}:{store.tenant_id}:{store.store_id}" if task in _ONE_AT_A_TIME else None


ONCE: LiteralString = """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        %(job_queue)s, %(job_task)s, %(job_priority)s, %(job_lock)s, NULL, %(job_args)s,
        now() + %(job_delay)s::interval
    )::procrastinate_job_to_defer_v1])
    WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs
        WHERE status = 'todo' AND task_name = %(job_task)s AND args = %(job_args)s::jsonb
          AND coalesce(scheduled_at <= now() + %(job_within)s::interval, true)
    )
"""

_BRING_FORWARD = text("""
    UPDATE procrastinate_jobs
    SET scheduled_at = least(scheduled_at, now()),
        queue_name = coalesce(:queue, queue_name), priority = coalesce(:priority, priority)
    WHERE status = 'todo' AND task_name = :task AND args = CAST(:args AS jsonb)
    RETURNING id
""")
# What happened to a job goes with it.
_FORGET_ENDED = text("""
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT j.id FROM procrastinate_jobs j
        WHERE j.status NOT IN ('todo', 'doing')
          AND NOT EXISTS (SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= :before)
        ORDER BY j.id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id
""")
