"""The worker while PostgreSQL is away: it waits, goes on, and loses no job; it never ends with status 0."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import requests

from core.database.jobs import Task
from core.sync import runs
from tests.cast import Cast
from tests.core.database.doors import Door, door_to
from tests.core.webhooks.test_apply import an_order
from tests.core.worker.test_worker import queue
from tests.end_to_end.processes import Installation, Process, installed, wait_until
from tests.end_to_end.test_crashes import connect_demo_store
from tests.shopify_sends import deliveries, store_delivery


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    with door_to(database_url) as made:
        yield made


@pytest.fixture
def installation(cast: Cast, door: Door, tmp_path: Path) -> Iterator[Installation]:
    """One whose worker and commands reach the database through the door."""
    with installed(door.url, tmp_path) as made:
        yield made


def started(installation: Installation) -> Process:
    worker = installation.worker()
    wait_until(lambda: "worker started" in worker.log_tail(), "the worker starts", worker.log_tail)
    return worker


def apply_one(cast: Cast, worker: Process, order_id: int) -> float:
    """Seconds until a delivery that comes now is applied."""
    begun = time.monotonic()
    store_delivery(cast.acme, "orders/create", an_order(order_id))
    queue(cast.acme, Task.APPLY_DELIVERIES)
    wait_until(
        lambda: {delivery.state for delivery in deliveries(cast.acme)} == {"applied"},
        "it is applied",
        worker.log_tail,
        30,
    )
    return time.monotonic() - begun


def test_a_worker_survives_that_postgresql_stops_and_comes_back(
    installation: Installation, cast: Cast, door: Door
) -> None:
    worker = started(installation)
    apply_one(cast, worker, 1)

    door.shut()
    time.sleep(3)
    assert worker.popen is not None
    assert worker.popen.poll() is None, worker.log_tail()
    door.open()

    assert apply_one(cast, worker, 2) < 15
    assert worker.popen.poll() is None, worker.log_tail()
    assert "the worker waits for it" in worker.log_tail()
    assert "Traceback" not in worker.log_tail()


def test_a_worker_that_starts_without_a_database_waits_for_it(
    installation: Installation, cast: Cast, door: Door
) -> None:
    door.shut()
    worker = installation.worker()
    wait_until(lambda: "the worker waits for the database" in worker.log_tail(), "it says so", worker.log_tail)
    door.open()

    apply_one(cast, worker, 1)


def test_a_worker_whose_connections_are_cut_listens_again(installation: Installation, cast: Cast, door: Door) -> None:
    worker = started(installation)
    apply_one(cast, worker, 1)
    passed = door.passed

    door.cut()
    # Three lanes, each with its listener: before, the first of them to reconnect was the only one.
    wait_until(lambda: door.passed >= passed + 3, "the listeners are connected again", worker.log_tail)

    apply_one(cast, worker, 2)
    assert worker.popen is not None
    assert worker.popen.poll() is None


def test_a_job_whose_connections_are_cut_ends_and_holds_no_lock(
    installation: Installation, cast: Cast, door: Door, database_url: str
) -> None:
    """Its outcome cannot be noted at first. A job that stayed taken would keep its store from every other sync."""
    installation.simulator("--orders", "5", "--customers", "2")
    (store,) = connect_demo_store(installation, cast.dana)
    faults = f"{installation.simulator_url}/simulator/{store.shop_domain}/faults"
    requests.post(faults, json={"api_slow": 1, "api_slow_seconds": 2}, timeout=10).raise_for_status()
    worker = started(installation)
    with psycopg.connect(database_url, autocommit=True) as owner:
        doing = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sync_store' AND status = 'doing'"
        wait_until(lambda: owner.execute(doing).fetchone() == (1,), "the sync runs", worker.log_tail)

        door.shut()
        requests.delete(faults, timeout=10).raise_for_status()
        time.sleep(3)
        door.open()

        ended = lambda: not any(run.active for run in runs.recent(store.key))  # noqa: E731
        wait_until(ended, "the sync ends", worker.log_tail, seconds=90)
        held = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND lock LIKE 'sync_store%'"
        wait_until(lambda: owner.execute(held).fetchone() == (0,), "no lock is held", worker.log_tail)
    (run,) = runs.recent(store.key)
    assert run.state == "succeeded", run.error
    assert run.requested_at < datetime.now(UTC)


def test_a_worker_that_is_stopped_while_the_database_is_away_ends_soon(
    installation: Installation, door: Door
) -> None:
    worker = started(installation)
    door.shut()
    time.sleep(0.5)
    assert worker.popen is not None

    begun = time.monotonic()
    worker.popen.terminate()

    assert worker.popen.wait(30) == 0, worker.log_tail()
    assert time.monotonic() - begun < 20
