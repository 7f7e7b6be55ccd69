"""The SQL on procrastinate's tables and functions. Check it here when that library is updated.

procrastinate has no call for these: queue a job unless one waits, run a waiting job now, delete old jobs, and take
the next job by rules of our own.
"""

from __future__ import annotations

from typing import LiteralString

from sqlalchemy import text

ENQUEUE_ONCE: LiteralString = """
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

BRING_FORWARD = text("""
    UPDATE procrastinate_jobs
    SET scheduled_at = least(scheduled_at, now()),
        queue_name = coalesce(:queue, queue_name), priority = coalesce(:priority, priority)
    WHERE status = 'todo' AND task_name = :task AND args = CAST(:args AS jsonb)
    RETURNING id
""")
# A job's rows in procrastinate_events are deleted with it, by a foreign key.
DELETE_ENDED = text("""
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT j.id FROM procrastinate_jobs j
        WHERE j.status NOT IN ('todo', 'doing')
          AND NOT EXISTS (SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= :before)
        ORDER BY j.id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id
""")

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
"""Takes the next job of the shared queues, by the rules of `core.worker.lanes`. Unlike the library's statement, a job
scheduled for later does not block another job of its lock."""
