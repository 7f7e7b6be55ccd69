"""The app that runs tasks and their schedule; how a task is registered and retried, and called for each store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import wraps
from typing import TypedDict

from procrastinate import App, PsycopgConnector, RetryStrategy

from core import logs, stores
from core.database import StoreKey
from core.database.jobs import Lane, Task
from core.errors import TransientError, XenoError

DEAD_AFTER = 20
"""Seconds without a heartbeat after which a worker counts as killed and its jobs run again."""

log = logs.get(__name__)
app = App(connector=PsycopgConnector(), import_paths=["core.worker.tasks", "core.worker.schedule"])
stopping = threading.Event()
"""Set when the worker is to stop: a sync then ends after its page, and continues at the next start."""

PerStore = Callable[[StoreKey, datetime], object]

RETRY = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions=[TransientError])
RETRY_MAIL = RetryStrategy(max_attempts=12, exponential_wait=2, retry_exceptions=[TransientError])
"""Retries for a little over two hours; by then most links have expired."""
RETRY_ALWAYS = RetryStrategy(wait=30, retry_exceptions=[TransientError])


class _Scheduled(TypedDict):
    """The options of a task that the schedule queues."""

    name: str
    aliases: list[str]
    queue: str
    priority: int
    queueing_lock: str


def scheduled(name: str, lane: Lane) -> _Scheduled:
    """Return the options of a scheduled task: at most one job of it waits at a time.

    Its name in the job table is not its module's, which may move. The aliases are those of earlier versions.
    """
    aliases = [f"core.tasks.{name}", f"core.worker.tasks.{name}"]
    return _Scheduled(name=name, aliases=aliases, queue=lane.queue, priority=lane.priority, queueing_lock=name)


def task_of_store(name: Task, retry: RetryStrategy) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a task whose jobs are each about one store. Their log lines carry the store's ids.

    A job holds plain ids, as JSON; the function gets a `StoreKey`, and the ids of rows as they are.
    """

    def register(work: Callable[..., None]) -> Callable[..., None]:
        @wraps(work)
        def run(tenant_id: int, store_id: int, **row_ids: int) -> None:
            with logs.bound(tenant_id=tenant_id, store_id=store_id):
                work(StoreKey(tenant_id, store_id), **row_ids)

        return app.task(name=name, retry=retry)(run)

    return register


def for_each_store(act: PerStore, timestamp: int) -> None:
    """Call `act` for every connected store, as `for_each`."""
    for_each(stores.list_connected(), act, timestamp)


def for_each(keys: Iterable[StoreKey], act: PerStore, timestamp: int) -> None:
    """Call `act` for every store. An error of one store is logged, and the next store still has its turn."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for store in keys:
        with logs.bound(**store.parameters):
            try:
                act(store, now)
            except XenoError as error:
                log.warning("skipped until the next run", task=act.__name__, reason=str(error))
            except Exception:
                log.exception("skipped until the next run", task=act.__name__)
