"""Puts jobs on the queue, in the transaction of what they are about: neither is there without the other.

A job names its tenant and store and carries ids only; whoever runs it opens the tenant's session anew. Jobs of one
store and kind share a lock, so that they run one at a time; `core.tasks` says what each does.
"""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import text
from sqlalchemy.orm import Session


class Task(StrEnum):
    """What can be asked of the worker."""

    APPLY_DELIVERIES = "apply_deliveries"
    SETTLE_ORDERS = "settle_orders"
    SYNC_STORE = "sync_store"
    IMPORT_ORDERS = "import_orders"
    CHECK_DAYS = "check_days"
    CHECK_SUBSCRIPTIONS = "check_subscriptions"
    DATE_ANEW = "date_anew"


class Queue(StrEnum):
    """What waits for Shopify is on a queue of its own, with its own workers: it never makes a delivery wait. Nor does
    an import, which may take long, make a sync wait."""

    DELIVERIES = "deliveries"
    SYNCS = "syncs"
    IMPORTS = "imports"


_QUEUES = {
    Task.APPLY_DELIVERIES: Queue.DELIVERIES,
    Task.SETTLE_ORDERS: Queue.SYNCS,
    Task.SYNC_STORE: Queue.SYNCS,
    Task.IMPORT_ORDERS: Queue.IMPORTS,
    Task.CHECK_DAYS: Queue.SYNCS,
    Task.CHECK_SUBSCRIPTIONS: Queue.SYNCS,
    Task.DATE_ANEW: Queue.SYNCS,
}

# Never opened: every job goes through the connection of the caller's session.
_app = App(connector=SyncPsycopgConnector())


def enqueue(
    session: Session, task: Task, tenant_id: int, store_id: int, delay: timedelta = timedelta(0), **arguments: Any
) -> None:
    """Queue `task` for one store; it exists once the session's transaction commits, and runs after `delay`."""
    deferrer = _app.configure_task(
        name=task,
        queue=_QUEUES[task],
        lock=f"{task}:{tenant_id}:{store_id}",
        connection=session.connection().connection.driver_connection,
        schedule_in={"seconds": delay.total_seconds()} if delay else None,
    )
    deferrer.defer(tenant_id=tenant_id, store_id=store_id, **arguments)


def enqueue_once(
    session: Session,
    task: Task,
    tenant_id: int,
    store_id: int,
    delay: timedelta = timedelta(0),
    sooner: bool = False,
) -> None:
    """As `enqueue`, unless such a job waits already; with `sooner`, one that waits for its time does not count.

    Nor does one that is being run: it may be past the point where it would have seen what this one is about.
    """
    mine = {"task": task, "sooner": sooner, "args": json.dumps({"tenant_id": tenant_id, "store_id": store_id})}
    if not session.scalar(_WAITS, mine):
        enqueue(session, task, tenant_id, store_id, delay)


_WAITS = text("""
    SELECT EXISTS (
        SELECT FROM procrastinate_jobs WHERE status = 'todo' AND task_name = :task AND args = CAST(:args AS jsonb)
            AND NOT (:sooner AND coalesce(scheduled_at > now(), false))
    )
""")
