"""The order of jobs: which waiting job a worker takes next. Deliveries and imports have workers of their own.

All other jobs share WORKER_CONCURRENCY slots, by the priority of their lane (`core.database.jobs.Lane`): clicked
jobs, then re-fetches, then scheduled jobs, then long jobs. Two further rules:

* A long job never takes the last free slot, so that others find one. A worker with a single slot has none to spare:
  there a long job runs when no other waits, and releases the slot after each short step.
* One store holds half of the slots at most, and never all of them, not even with clicked jobs: when one store's
  requests to Shopify time out, other stores continue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from procrastinate import App
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

from core.database.job_tables import TAKE_NEXT
from core.database.jobs import Lane, Queue

SHARED = (Queue.SYNCS, Queue.LONG)


class LaneManager(JobManager):
    """Procrastinate's manager of jobs, except that it takes the next job of the shared queues by the rules above."""

    def __init__(self, connector: BaseConnector, slots: int) -> None:
        super().__init__(connector)
        self._limits = {
            "clicked": Lane.CLICKED.priority,
            "of_a_store": max(1, slots // 2),
            "of_a_store_clicked": max(1, slots - 1),
        }

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Take the next job for this worker and return it; None if there is none.

        Raises:
            ConnectorException: PostgreSQL did not answer. It may have taken a job nevertheless.
        """
        names = list(queues or ())
        if not set(names) & set(SHARED):
            return await super().fetch_job(queues, worker_id)
        values: dict[str, Any] = {**self._limits, "queues": names, "shared": list(SHARED), "worker_id": worker_id}
        try:
            rows = await self.connector.execute_query_all_async(TAKE_NEXT, **values)
        except UniqueViolation:
            # Another process took a job of the same lock at this moment.
            return None
        return Job.from_row(rows[0]) if rows else None


class SharedWorker(Worker):
    """A worker of the shared queues. Its free slots decide which queues it reads."""

    def __init__(self, app: App, concurrency: int, **options: Any) -> None:
        super().__init__(app, queues=SHARED, concurrency=concurrency, **options)

    @property
    def queues(self) -> Iterable[str] | None:
        """The queues that the next job may come from.

        The library reads this before each job, and adds a job to `_running_jobs` as soon as it is taken.
        """
        is_last = self.concurrency > 1 and len(self._running_jobs) >= self.concurrency - 1
        return (Queue.SYNCS,) if is_last else SHARED

    @queues.setter
    def queues(self, _: Iterable[str] | None) -> None:
        """Ignore the library's constructor, which sets it."""
