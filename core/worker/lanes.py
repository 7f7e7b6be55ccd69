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
from typing import Any, LiteralString

from procrastinate import App
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

from core.database.jobs import Lane, Queue

SHARED = (Queue.SYNCS, Queue.LONG)


class LaneManager(JobManager):
    """procrastinate's manager of jobs, except that it takes the next job of the shared queues by the rules above."""

    def __init__(self, connector: BaseConnector, slots: int) -> None:
        super().__init__(connector)
        self._limits = {
            "clicked": Lane.CLICKED.priority,
            "of_a_store": max(1, slots // 2),
            "of_a_store_clicked": max(1, slots - 1),
        }

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """As the library's: the job that is this worker's from now on, or None.

        Raises:
            ConnectorException: PostgreSQL did not answer; a job may have been taken all the same.
        """
        asked = list(queues or ())
        if not set(asked) & set(SHARED):
            return await super().fetch_job(queues, worker_id)
        values: dict[str, Any] = {**self._limits, "queues": asked, "shared": list(SHARED), "worker_id": worker_id}
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
        """The queues that the next job may come from. The library reads it before each job, and counts a job among
        `_running_jobs` as soon as it was taken."""
        is_last = self.concurrency > 1 and len(self._running_jobs) >= self.concurrency - 1
        return (Queue.SYNCS,) if is_last else SHARED

    @queues.setter
    def queues(self, _: Iterable[str] | None) -> None:
        """The library's constructor sets it."""


TAKE_NEXT: LiteralString = """
    WITH held AS (
        SELECT args -> 'tenant_id' AS tenant_id, args -> 'store_id' AS store_id, count(*) AS jobs
        FROM procrastinate_jobs
        WHERE status = 'doing' AND worker_id IS NOT NULL AND queue_name = ANY(%(shared)s)
        GROUP BY 1, 2
    ), next AS (
        SELECT job.id
        FROM procrastinate_jobs job
        LEFT JOIN held ON held.tenant_id = job.args -> 'tenant_id' AND held.store_id = job.args -> 'store_id'
        WHERE job.status = 'todo' AND job.queue_name = ANY(%(queues)s)
          AND coalesce(job.scheduled_at <= now(), true)
          AND coalesce(held.jobs, 0) <
              CASE WHEN job.priority >= %(clicked)s THEN %(of_a_store_clicked)s ELSE %(of_a_store)s END
          AND NOT EXISTS (
              SELECT FROM procrastinate_jobs other
              WHERE other.lock = job.lock AND (
                  other.status = 'doing' OR (
                      other.status = 'todo' AND coalesce(other.scheduled_at <= now(), true)
                      AND (other.priority, -other.id) > (job.priority, -job.id)
                  )
              )
          )
        ORDER BY job.priority DESC, job.id
        LIMIT 1 FOR UPDATE OF job SKIP LOCKED
    )
    UPDATE procrastinate_jobs job SET status = 'doing', worker_id = %(worker_id)s
    FROM next WHERE job.id = next.id
    RETURNING job.id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts,
              worker_id
"""
"""Takes one job. Unlike the library's, it lets no job that waits for a later time hold up another of its lock."""
