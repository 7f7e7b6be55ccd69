"""Puts jobs on the queue, in the transaction of what they are about: neither is there without the other.

A job names its tenant and store and carries ids only; whoever runs it opens the tenant's session anew. What asks
Shopify runs one job at a time for each store and kind; `core.tasks` says what each does.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy.orm import Session

from core.errors import DatabaseUnavailable


class Task(StrEnum):
    """What can be asked of the worker."""

    APPLY_DELIVERIES = "apply_deliveries"
    REREAD_ORDERS = "reread_orders"
    SYNC_STORE = "sync_store"


class Queue(StrEnum):
    """What waits for Shopify is on a queue of its own, with its own workers: it never makes a delivery wait."""

    DELIVERIES = "deliveries"
    SYNCS = "syncs"


_QUEUES = {
    Task.APPLY_DELIVERIES: Queue.DELIVERIES,
    Task.REREAD_ORDERS: Queue.SYNCS,
    Task.SYNC_STORE: Queue.SYNCS,
}

# Not the deliveries: a job that waits for a lock is only noticed at the next poll, and they keep out of each other's
# way by the rows they lock.
_ONE_AT_A_TIME = frozenset({Task.REREAD_ORDERS, Task.SYNC_STORE})

# Never opened: every job goes through the connection of the caller's session.
_app = App(connector=SyncPsycopgConnector())


def enqueue(
    session: Session, task: Task, tenant_id: int, store_id: int, delay: timedelta = timedelta(0), **arguments: Any
) -> None:
    """Queue `task` for one store; it exists once the session's transaction commits, and runs after `delay`.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    deferrer = _app.configure_task(
        name=task,
        queue=_QUEUES[task],
        lock=f"{task}:{tenant_id}:{store_id}" if task in _ONE_AT_A_TIME else None,
        connection=session.connection().connection.driver_connection,
        schedule_in={"seconds": delay.total_seconds()} if delay else None,
    )
    try:
        deferrer.defer(tenant_id=tenant_id, store_id=store_id, **arguments)
    except ConnectorException as error:
        raise DatabaseUnavailable("The job could not be queued, because the database does not answer") from error
