"""Queues jobs in the caller's transaction, so that a job and the rows it is about exist together or not at all.

A job's arguments are the ids of its tenant and store, and ids of rows; the worker opens a session of that tenant.
Jobs that call Shopify run one at a time for each store and task. `core.worker.tasks` has the tasks themselves.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy.orm import Session

from core.database.job_tables import BRING_FORWARD, DELETE_ENDED, ENQUEUE_ONCE
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
    REDATE_SALES = "date_anew"
    ERASE_BODIES = "erase_bodies"
    REMAP_ORDERS = "improve_orders"
    AUDIT_ROLLUPS = "audit_rollups"
    COUNT_BASKETS = "count_baskets"
    REFRESH_MONEY = "refresh_money"
    REFRESH_STATISTICS = "refresh_statistics"
    MAIL_LINK = "mail_link"


class Queue(StrEnum):
    """The queues. Each has its own workers, except that SYNCS and LONG share theirs.

    So a job that waits for Shopify, or takes long, never delays a delivery.
    """

    DELIVERIES = "deliveries"
    SYNCS = "syncs"
    LONG = "long"
    IMPORTS = "imports"
    MAILS = "mails"


class Lane(Enum):
    """A queue and a priority: the highest runs first, then the oldest job. `core.worker.lanes` has the rules."""

    DELIVERIES = (Queue.DELIVERIES, 0)
    CLICKED = (Queue.SYNCS, 30)
    """Short jobs that a user waits for."""
    REFETCH = (Queue.SYNCS, 20)
    SCHEDULE = (Queue.SYNCS, 10)
    LONG_CLICKED = (Queue.LONG, 2)
    """Long jobs that a user waits for: a first load, a requested check."""
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
    Task.REDATE_SALES: Lane.LONG,
    Task.ERASE_BODIES: Lane.SCHEDULE,
    Task.REMAP_ORDERS: Lane.LONG,
    Task.AUDIT_ROLLUPS: Lane.LONG,
    Task.COUNT_BASKETS: Lane.LONG,
    Task.REFRESH_MONEY: Lane.LONG,
    Task.REFRESH_STATISTICS: Lane.LONG,
    Task.MAIL_LINK: Lane.MAILS,
}
"""The lane of a task's jobs, unless the caller names another."""

# Not deliveries: a job that waits for a lock is found at the next poll only, and they lock their rows anyway.
_ONE_AT_A_TIME = frozenset(Task) - {Task.APPLY_DELIVERIES, Task.MAIL_LINK}

# Never opened: every job is inserted by the connection of the caller's session.
_app = App(connector=SyncPsycopgConnector())


def enqueue(
    session: Session,
    task: Task,
    store: StoreKey,
    delay: timedelta = timedelta(0),
    lane: Lane | None = None,
    **arguments: Any,
) -> None:
    """Queue `task` for one store, to run after `delay`. The job exists once the session's transaction commits.

    Without `lane` it goes into the task's own lane.

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
        raise DatabaseUnavailable("The job could not be queued, because the database does not answer.") from error


def enqueue_mail(session: Session, kind: str, **subject: str | int) -> None:
    """Queue a mail with a link of this kind. The job exists once the session's transaction commits.

    `subject` names the recipient. The worker makes the link itself, so that no job holds a secret.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    connection = session.connection().connection.driver_connection
    deferrer = _app.configure_task(name=Task.MAIL_LINK, queue=Lane.MAILS.queue, connection=connection)
    try:
        deferrer.defer(kind=kind, **subject)
    except ConnectorException as error:
        raise DatabaseUnavailable("The mail could not be queued, because the database does not answer.") from error


def enqueue_once(
    session: Session,
    task: Task,
    store: StoreKey,
    delay: timedelta = timedelta(0),
    within: timedelta | None = None,
) -> None:
    """Queue `task` as `enqueue` does, unless the same job waits already.

    With `within`, a job that waits longer than that does not count. A running job never counts: it may have read its
    rows before the caller's change.
    """
    session.connection().exec_driver_sql(ENQUEUE_ONCE, once_values(task, store, delay, within))


def bring_forward(session: Session, task: Task, store: StoreKey, lane: Lane | None = None, **arguments: Any) -> bool:
    """Let the waiting job with exactly these arguments run now, in `lane` or its own; return False if none waits."""
    values = {
        "task": task,
        "args": json.dumps({**store.parameters, **arguments}),
        "queue": lane.queue if lane else None,
        "priority": lane.priority if lane else None,
    }
    return session.execute(BRING_FORWARD, values).first() is not None


def delete_ended(session: Session, before: datetime, limit: int) -> int:
    """Delete up to `limit` jobs that ended before that time, mostly failed ones; return their number."""
    return len(session.execute(DELETE_ENDED, {"before": before, "limit": limit}).all())


def once_values(
    task: Task,
    store: StoreKey,
    delay: timedelta = timedelta(0),
    within: timedelta | None = None,
) -> dict[str, Any]:
    """Return the values for ENQUEUE_ONCE, where it is a part of another statement."""
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
