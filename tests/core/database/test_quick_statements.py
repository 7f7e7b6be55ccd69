"""Quick statements: one transaction, of one tenant, over connections of their own pool."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select

from core.database import job_tables, jobs, run_at_once, tenant_session
from core.database.jobs import Task
from core.database.models import Store
from core.errors import DatabaseUnavailable
from tests.cast import Cast

NAMES = ("SELECT name FROM stores ORDER BY name", {})
RENAME = "UPDATE stores SET name = %(name)s WHERE tenant_id = %(tenant_id)s"


def names(cast: Cast) -> set[str]:
    found = set()
    for business in (cast.acme, cast.globex):
        with tenant_session(business.tenant_id) as session:
            found |= set(session.scalars(select(Store.name)))
    return found


def test_a_tenants_statements_see_that_tenants_rows_and_without_a_tenant_there_are_none(cast: Cast) -> None:
    for _ in range(3):  # over the same connection
        assert run_at_once(cast.acme.tenant_id, [NAMES]) == [[("Acme",)]]
        assert run_at_once(None, [NAMES]) == [[]]
        assert run_at_once(cast.globex.tenant_id, [NAMES, NAMES]) == [[("Globex",)], [("Globex",)]]


def test_a_tenants_statement_changes_no_row_of_another_tenant(cast: Cast) -> None:
    run_at_once(cast.acme.tenant_id, [(RENAME, {"name": "Taken", "tenant_id": cast.globex.tenant_id})])

    assert names(cast) == {"Acme", "Globex"}


def test_all_statements_hold_or_none_does(cast: Cast) -> None:
    new_name = {"name": "New", "tenant_id": cast.acme.tenant_id}

    with pytest.raises(psycopg.errors.DivisionByZero):
        run_at_once(cast.acme.tenant_id, [(RENAME, new_name), ("SELECT 1 / %(zero)s::int", {"zero": 0})])

    assert names(cast) == {"Acme", "Globex"}
    assert run_at_once(None, [NAMES]) == [[]], "nor is the tenant left on the connection"


def test_a_tenant_that_is_no_number_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        run_at_once("1'; RESET ROLE; --", [NAMES])  # type: ignore[arg-type]


def test_connections_that_broke_while_idle_are_replaced(cast: Cast, database_url: str) -> None:
    run_at_once(cast.acme.tenant_id, [NAMES])
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert run_at_once(cast.acme.tenant_id, [NAMES]) == [[("Acme",)]]


def test_a_statement_that_waits_is_refused_within_seconds(cast: Cast, database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("LOCK TABLE stores")
        with pytest.raises(DatabaseUnavailable, match="too busy"):
            run_at_once(cast.acme.tenant_id, [NAMES])


def queued(database_url: str) -> list[tuple[object, ...]]:
    """The jobs, with all that procrastinate knows of them but their numbers; times as seconds from now."""
    query = """
        SELECT queue_name, task_name, priority, lock, queueing_lock, args, status, attempts, worker_id,
               abort_requested, round(extract(epoch FROM scheduled_at - now()))::int
        FROM procrastinate_jobs ORDER BY id
    """
    with psycopg.connect(database_url) as owner:
        return owner.execute(query).fetchall()


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("delay", [timedelta(0), timedelta(seconds=30)])
def test_a_job_that_is_queued_once_is_as_procrastinate_itself_would_queue_it(
    cast: Cast, database_url: str, task: Task, delay: timedelta
) -> None:
    acme = cast.acme
    for enqueue in (jobs.enqueue_once, jobs.enqueue):
        with tenant_session(acme.tenant_id) as session:
            enqueue(session, task, acme.key, delay)

    once, itself = queued(database_url)
    assert once == itself


def test_a_job_is_not_queued_again_while_one_waits_unless_that_one_is_scheduled_for_later(
    cast: Cast, database_url: str
) -> None:
    acme, globex = cast.acme, cast.globex

    def ask(within: timedelta | None = None) -> int:
        with tenant_session(acme.tenant_id) as session:
            jobs.enqueue_once(session, Task.REFETCH_ORDERS, acme.key, delay=timedelta(seconds=30), within=within)
        return len(queued(database_url))

    with tenant_session(globex.tenant_id) as session:
        jobs.enqueue_once(session, Task.REFETCH_ORDERS, globex.key)

    assert [ask(), ask(), ask(within=timedelta(seconds=60))] == [2, 2, 2]
    assert ask(within=timedelta(seconds=1)) == 3


def test_a_job_of_statements_that_failed_does_not_exist(cast: Cast, database_url: str) -> None:
    values = jobs.once_values(Task.APPLY_DELIVERIES, cast.acme.key)

    with suppress(psycopg.errors.DivisionByZero):
        run_at_once(
            cast.acme.tenant_id, [(job_tables.ENQUEUE_ONCE, values), ("SELECT 1 / %(zero)s::int", {"zero": 0})]
        )
    assert queued(database_url) == []

    run_at_once(cast.acme.tenant_id, [(job_tables.ENQUEUE_ONCE, values)])
    assert len(queued(database_url)) == 1
