"""Asking for a sync, working on it as the worker does, and looking at how it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg

from core.sync import runs, steps
from core.sync.runs import RunView
from tests.cast import Business
from tests.core.transports import Wire


def ask(business: Business, now: datetime | None = None) -> int:
    return runs.request(business.key, "button", now or datetime.now(UTC))


def work(business: Business, run_id: int, transport: Wire | None = None, **options: Any) -> RunView:
    """One slice of work on the run; how it stands afterwards."""
    steps.work_on(business.key, run_id, transport, **options)
    return state(business, run_id)


def state(business: Business, run_id: int) -> RunView:
    return next(run for run in runs.recent(business.key) if run.run_id == run_id)


def jobs(database_url: str, task: str = "sync_store") -> int:
    """How many jobs of a task wait, by default for a sync."""
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s"
        return owner.execute(query, [task]).fetchone()[0]  # type: ignore[index]
