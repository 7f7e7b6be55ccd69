"""Which job a worker takes next: by lane, never the last free slot for a long one, never every slot for one store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from procrastinate import App, PsycopgConnector

from core import database, reconcile, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.jobs import Lane, Queue, Task
from core.database.models import Store
from core.reconcile.runs import request as request_check
from core.sync import runs
from core.worker.lanes import SHARED, LaneManager, SharedWorker
from tests.cast import NOW, Cast

Waiting = tuple[Lane, int]
"""A lane, and the store of the job that waits there."""


def put(cast: Cast, waiting: Sequence[Waiting], delay: timedelta = timedelta(0)) -> None:
    """Jobs, in this order."""
    with tenant_session(cast.acme.tenant_id) as session:
        for lane, store_id in waiting:
            jobs.enqueue(
                session,
                Task.CHECK_DAYS,
                StoreKey(cast.acme.tenant_id, store_id),
                delay,
                lane,
                name=lane.name,
            )


def taken(slots: int, running: int = 0) -> list[str]:
    """The lanes of the jobs that a worker with so many slots takes one after the other while `running` others run,
    and none of them ends."""

    async def take() -> list[str]:
        conninfo, options = database.driver_conninfo()
        app = App(connector=PsycopgConnector(conninfo=conninfo, kwargs=options, min_size=1, max_size=2))
        app.job_manager = LaneManager(app.connector, slots)
        async with app.open_async():
            worker = SharedWorker(app, slots)
            worker_id = await app.job_manager.register_worker()
            found: list[str] = []
            worker._running_jobs.update(dict.fromkeys(range(slots, slots + running)))  # type: ignore[arg-type]
            for number in range(slots - running):
                job = await app.job_manager.fetch_job(worker.queues, worker_id)
                if job is None:
                    break
                found.append(str(job.task_kwargs["name"]))
                worker._running_jobs[number] = job  # type: ignore[index,assignment]  # as the library notes it
            return found

    return asyncio.run(take())


def test_the_lanes_come_in_their_order_and_within_one_who_waits_longest(cast: Cast) -> None:
    every = [Lane.LONG, Lane.LONG_CLICKED, Lane.SCHEDULE, Lane.REFETCH, Lane.CLICKED]
    put(cast, [(lane, store) for store, lane in enumerate(every)])

    assert taken(slots=8) == ["CLICKED", "REFETCH", "SCHEDULE", "LONG_CLICKED", "LONG"]


def test_the_last_free_slot_is_not_given_to_a_long_job(cast: Cast) -> None:
    put(cast, [(Lane.LONG, store) for store in range(22)])

    assert taken(slots=4) == ["LONG"] * 3


def test_the_last_free_slot_beside_short_jobs_is_not_given_to_a_long_one(cast: Cast) -> None:
    put(cast, [(Lane.SCHEDULE, 1), (Lane.SCHEDULE, 2), (Lane.SCHEDULE, 3), (Lane.LONG, 4)])

    assert taken(slots=4) == ["SCHEDULE"] * 3


def test_a_short_job_gets_the_last_slot_beside_long_ones(cast: Cast) -> None:
    put(cast, [(Lane.LONG, store) for store in range(22)])
    assert taken(slots=4, running=3) == []
    put(cast, [(Lane.SCHEDULE, 30), (Lane.CLICKED, 31)])

    assert taken(slots=4, running=3) == ["CLICKED"]


def test_a_worker_with_one_slot_runs_a_long_job_when_nothing_else_waits(cast: Cast) -> None:
    put(cast, [(Lane.LONG, 1)])
    assert taken(slots=1) == ["LONG"]
    put(cast, [(Lane.LONG, 2), (Lane.CLICKED, 3)])
    assert taken(slots=1) == ["CLICKED"]


def test_one_store_holds_half_of_the_slots_and_one_more_by_a_click(cast: Cast) -> None:
    """A Shopify that lets its requests time out keeps none of the other stores from a slot."""
    with tenant_session(cast.acme.tenant_id) as session:
        for task in (Task.REFETCH_ORDERS, Task.CHECK_SUBSCRIPTIONS, Task.SYNC_STORE, Task.ERASE_BODIES):
            jobs.enqueue(session, task, StoreKey(cast.acme.tenant_id, 1), name="dead")
    assert taken(slots=4) == ["dead", "dead"]

    put(cast, [(Lane.CLICKED, 1), (Lane.CLICKED, 1), (Lane.SCHEDULE, 2)])
    assert taken(slots=4) == ["CLICKED", "SCHEDULE"]


def test_a_job_scheduled_for_later_blocks_no_other_of_its_lock(cast: Cast) -> None:
    put(cast, [(Lane.CLICKED, 1)], delay=timedelta(minutes=10))
    put(cast, [(Lane.LONG, 1)])

    assert taken(slots=4) == ["LONG"]


def test_two_jobs_of_one_lock_run_one_after_the_other(cast: Cast) -> None:
    put(cast, [(Lane.LONG, 1), (Lane.LONG, 1)])

    assert taken(slots=4) == ["LONG"]


def lanes_of(cast: Cast, task: Task) -> list[tuple[Any, ...]]:
    query = "SELECT queue_name, priority FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' ORDER BY id"
    with psycopg.connect(database.database_url().set(drivername="postgresql").render_as_string(False)) as owner:
        return owner.execute(query, [task]).fetchall()


@pytest.mark.parametrize(
    ("trigger", "first", "lane"),
    [
        ("button", False, Lane.CLICKED),
        ("command", False, Lane.CLICKED),
        ("schedule", False, Lane.SCHEDULE),
        ("connect", True, Lane.LONG_CLICKED),
        ("schedule", True, Lane.LONG),
    ],
)
def test_a_sync_waits_in_the_lane_of_its_kind(cast: Cast, trigger: str, first: bool, lane: Lane) -> None:
    acme = cast.acme
    if not first:
        complete(cast)

    runs.request(acme.key, trigger, NOW)

    assert lanes_of(cast, Task.SYNC_STORE) == [(lane.queue, lane.priority)]


def test_a_click_takes_a_sync_of_the_schedule_into_its_own_lane(cast: Cast) -> None:
    complete(cast)
    run_id = runs.request(cast.acme.key, "schedule", NOW)

    assert runs.request(cast.acme.key, "button", NOW) == run_id

    assert lanes_of(cast, Task.SYNC_STORE) == [(Queue.SYNCS, Lane.CLICKED.priority)]


def test_a_check_is_long_and_a_requested_one_comes_first(cast: Cast) -> None:
    for each in (cast.acme, cast.globex):
        complete(cast, each.tenant_id, each.store_id)
    acme = cast.acme

    reconcile.request_due(cast.globex.key, NOW)
    request_check(cast.alice.actor, acme.store_id, NOW)

    assert lanes_of(cast, Task.CHECK_DAYS) == [
        (Queue.LONG, Lane.LONG.priority),
        (Queue.LONG, Lane.LONG_CLICKED.priority),
    ]
    assert Queue.LONG in SHARED


def complete(cast: Cast, tenant_id: int | None = None, store_id: int | None = None) -> None:
    """The first load is over, and orders may be read."""
    tenant_id, store_id = tenant_id or cast.acme.tenant_id, store_id or cast.acme.store_id
    with tenant_session(tenant_id) as session:
        store = session.get_one(Store, (tenant_id, store_id))
        store.complete_until = NOW
        store.scopes = ["read_orders", "read_products", "read_customers"]
    assert stores.find(StoreKey(tenant_id, store_id)).complete_until == NOW
