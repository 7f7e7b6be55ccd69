"""The worker as a process: it starts, or says why not, and ends soon after a signal."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from core.database import jobs, tenant_session
from core.database.jobs import Task
from core.sync import runs
from core.worker.process import STOP_WITHIN
from tests.cast import Business, Cast, add_store
from tests.core.webhooks.test_apply import an_order
from tests.end_to_end.processes import SECRET_KEY, wait_until
from tests.shopify_sends import ACME_SECRET, deliveries, give_secret, store_delivery

ROOT = Path(__file__).parents[3]


def start(**settings: str) -> subprocess.Popen[str]:
    """A worker that knows these settings only: elsewhere than in a checkout, where `make run` leaves a `.env`."""
    env = {"SECRET_KEY": "k" * 32, "PATH": "", "HOME": "/nowhere", "PYTHONPATH": str(ROOT), **settings}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "core.worker"], cwd="/", env=env, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_without_work_ends_at_once_on_a_signal(database_url: str, number: signal.Signals) -> None:
    worker = start(DATABASE_URL=database_url)
    # Should it never start, reading on would wait for ever.
    guard = Timer(60, worker.kill)
    guard.start()
    assert worker.stderr is not None
    for line in worker.stderr:
        if "worker started" in line:
            break

    signalled_at = time.monotonic()
    worker.send_signal(number)
    _, errors = worker.communicate(timeout=20)
    guard.cancel()

    assert worker.returncode == 0, errors
    assert time.monotonic() - signalled_at < 10
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"DATABASE_URL": "mysql://localhost/xeno"},
            "The worker stopped: DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host/database.\n",
        ),
        ({"SECRET_KEY": ""}, "The worker stopped: SECRET_KEY is not set; see .env.example for what it is.\n"),
    ],
)
def test_a_worker_with_wrong_settings_does_not_start_and_says_why(settings: dict[str, str], sentence: str) -> None:
    worker = start(**settings)
    _, errors = worker.communicate(timeout=60)

    assert (worker.returncode, errors) == (1, sentence)


@contextlib.contextmanager
def silent_shopify() -> Iterator[str]:
    """Takes every connection, and never answers; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/{{shop}}"


def queue(business: Business, task: Task) -> None:
    with tenant_session(business.tenant_id) as session:
        jobs.enqueue(session, task, business.key)


def test_however_many_stores_wait_for_shopify_a_delivery_is_applied(cast: Cast, database_url: str) -> None:
    """More than Python would have threads for by itself: 36 on the largest machine."""
    stores = [
        add_store(cast.dana.tenant_id, str(number), f"shop-{number}.myshopify.com", "EUR", "UTC")
        for number in range(40)
    ]
    for store in stores:
        give_secret(store, ACME_SECRET)
        queue(store, Task.CHECK_SUBSCRIPTIONS)
    settings = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "WORKER_CONCURRENCY": "40"}
    with silent_shopify() as address:
        worker = start(**settings, SHOPIFY_ADMIN_URL=address, PUBLIC_WEBHOOK_URL="https://hooks.example.com")
        try:
            with psycopg.connect(database_url, autocommit=True) as owner:
                begun = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
                wait_until(lambda: owner.execute(begun).fetchone() == (40,), "all wait for Shopify", seconds=20)
            store_delivery(cast.acme, "orders/create", an_order(1))
            queue(cast.acme, Task.APPLY_DELIVERIES)
            wait_until(lambda: deliveries(cast.acme)[0].state == "applied", "the delivery is applied", seconds=20)
        finally:
            worker.kill()
            worker.communicate(timeout=20)


def test_a_store_without_answers_from_shopify_leaves_slots_to_others(cast: Cast, database_url: str) -> None:
    """Before, its jobs of different kinds took every slot, each for as long as its requests time out."""
    for business in (cast.acme, cast.globex):
        give_secret(business, ACME_SECRET)
    queue(cast.acme, Task.CHECK_SUBSCRIPTIONS)
    runs.request(cast.acme.key, "button", datetime.now(UTC))
    queue(cast.globex, Task.CHECK_SUBSCRIPTIONS)
    settings = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "WORKER_CONCURRENCY": "2"}
    with silent_shopify() as address:
        worker = start(**settings, SHOPIFY_ADMIN_URL=address, PUBLIC_WEBHOOK_URL="https://hooks.example.com")
        try:
            with psycopg.connect(database_url, autocommit=True) as owner:
                begun = (
                    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND args @> %s::jsonb "
                    "AND queue_name IN ('syncs', 'long')"
                )
                globex, acme = (
                    [json.dumps({"tenant_id": each.tenant_id, "store_id": each.store_id})]
                    for each in (cast.globex, cast.acme)
                )
                wait_until(
                    lambda: owner.execute(begun, globex).fetchone() == (1,), "the other one's runs", seconds=20
                )
                assert owner.execute(begun, acme).fetchone() == (1,)
            # A process that has to stop does not wait for answers that never come.
            worker.send_signal(signal.SIGTERM)
            worker.wait(STOP_WITHIN + 10)
        finally:
            worker.kill()
            worker.communicate(timeout=20)
