"""What the jobs and the schedule do, run by a real worker over the real queue."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from procrastinate import PsycopgConnector
from psycopg.types.json import Jsonb

from core import accounts, database, privacy, reconcile, stores
from core.config import settings
from core.database import StoreKey, jobs, tenant_session
from core.database.jobs import Queue, Task
from core.database.models import Order
from core.errors import ShopifyDown
from core.simulator.http.simulator import Simulator
from core.sync import refetch, run_life, runs
from core.worker import registration, schedule
from tests.cast import NOW, Business, Cast, sign_in
from tests.core.shopify.fakes import reply
from tests.core.transports import Wire, always
from tests.core.webhooks.test_apply import an_order
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import rows


def work(*queues: Queue) -> None:
    """Run every queued job with a worker, then end it."""

    async def run() -> None:
        conninfo, options = database.driver_conninfo()
        connector = PsycopgConnector(conninfo=conninfo, kwargs=options, min_size=1, max_size=4)
        with registration.app.replace_connector(connector) as opened:
            async with opened.open_async():
                # Without the schedule: these tests queue the jobs that they run.
                opened.periodic_registry.periodic_tasks.clear()
                await opened.run_worker_async(
                    queues=list(queues or Queue), wait=False, listen_notify=False, install_signal_handlers=False
                )

    asyncio.run(run())


def queue(cast: Cast, task: Task, **arguments: Any) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        jobs.enqueue(session, task, cast.acme.key, **arguments)


def ask_to_read_back(cast: Cast, order_id: int) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        refetch.request(session, cast.acme.key, [order_id], datetime.now(UTC))


def states(database_url: str) -> dict[str, str]:
    with psycopg.connect(database_url) as owner:
        return dict(owner.execute("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id").fetchall())


def minute(now: datetime) -> int:
    return int(now.timestamp())


def test_a_queued_delivery_is_applied_by_the_worker(cast: Cast, database_url: str) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    queue(cast, Task.APPLY_DELIVERIES)

    work(Queue.DELIVERIES)

    assert [delivery.state for delivery in deliveries(cast.acme)] == ["applied"]
    assert states(database_url) == {
        "apply_deliveries": "todo",  # the sweep, a moment later
        "settle_orders": "todo",
    }


def test_a_redaction_is_carried_out_by_the_worker_to_its_receipt(cast: Cast) -> None:
    store_delivery(cast.acme, "tender_transactions/create", {"email": "ada@example.com"})
    store_delivery(cast.acme, "customers/redact", {"customer": {"id": 81, "email": "ada@example.com"}})
    queue(cast, Task.APPLY_DELIVERIES)

    work(Queue.DELIVERIES)
    assert [receipt.done_at for receipt in privacy.receipts(cast.alice.actor)] == [None]
    work(Queue.SYNCS)

    assert None not in [receipt.done_at for receipt in privacy.receipts(cast.alice.actor)]
    assert deliveries(cast.acme)[0].body == b"{}"


def test_a_queued_sync_is_worked_on_until_it_has_ended(connected: Cast, database_url: str) -> None:
    run_id = runs.request(connected.acme.key, "button", NOW)

    work(Queue.SYNCS, Queue.LONG)

    (run,) = runs.recent(connected.acme.key)
    assert (run.run_id, run.state) == (run_id, "succeeded")
    assert rows(connected.acme, Order) != []


def test_a_sync_requested_during_another_includes_later_changes(
    connected: Cast, shopify: Simulator, database_url: str
) -> None:
    """Over the real queue: the run under way has read past the order that the person waits for."""
    acme = connected.acme
    first = runs.request(acme.key, "button", datetime.now(UTC))
    work(Queue.SYNCS, Queue.LONG)
    under_way = runs.request(acme.key, "schedule", datetime.now(UTC))
    with tenant_session(acme.tenant_id) as session:
        run = runs.claim(session, runs.key_of(acme.key, under_way), datetime.now(UTC))
        assert run is not None
        now = datetime.now(UTC)
        runs.begin(session, run, now - timedelta(hours=1), now - timedelta(minutes=30), None)
    order_id = shopify.sell(at=datetime.now(UTC))

    clicked = runs.request(acme.key, "button", datetime.now(UTC))
    work(Queue.SYNCS, Queue.LONG)

    outcomes = {run.run_id: run.state for run in runs.recent(acme.key)}
    assert outcomes == dict.fromkeys((first, under_way, clicked), "succeeded")
    assert order_id in [order["order_id"] for order in rows(acme, Order)]


def test_an_order_on_the_list_is_refetched(connected: Cast, shopify: Simulator, database_url: str) -> None:
    order_id = shopify.sell(at=datetime.now(UTC))
    ask_to_read_back(connected, order_id)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")

    work(Queue.SYNCS)

    assert [order["order_id"] for order in rows(connected.acme, Order)] == [order_id]


def test_a_job_of_a_transaction_that_failed_does_not_exist(cast: Cast, database_url: str) -> None:
    def fail() -> None:
        with tenant_session(cast.acme.tenant_id) as session:
            jobs.enqueue(session, Task.APPLY_DELIVERIES, cast.acme.key)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert states(database_url) == {}


def test_a_delayed_job_waits(cast: Cast, database_url: str) -> None:
    queue(cast, Task.APPLY_DELIVERIES, delay=timedelta(minutes=5))

    work()

    assert states(database_url) == {"apply_deliveries": "todo"}


def test_two_syncs_of_one_store_run_one_after_the_other_and_a_delivery_waits_for_nothing(
    cast: Cast, database_url: str
) -> None:
    queue(cast, Task.APPLY_DELIVERIES)
    for run_id in (1, 2):
        queue(cast, Task.SYNC_STORE, run_id=run_id)

    with psycopg.connect(database_url) as owner:
        locks = owner.execute("SELECT lock, queue_name FROM procrastinate_jobs ORDER BY id").fetchall()
    acme_key = f"{cast.acme.tenant_id}:{cast.acme.store_id}"
    assert locks == [
        (None, "deliveries"),
        (f"sync_store:{acme_key}", "syncs"),
        (f"sync_store:{acme_key}", "syncs"),
    ]


def test_a_permanent_refusal_ends_the_refetch_and_a_transient_one_is_retried(connected: Cast) -> None:
    acme = connected.acme

    def read_back(transport: Wire) -> None:
        ask_to_read_back(connected, 1)
        refetch.work_on(acme.key, transport)

    with pytest.raises(ShopifyDown):
        read_back(always(lambda: reply("", 503, {"Retry-After": "120"})))
    assert stores.find(acme.key).state == "connected"
    read_back(always(lambda: reply({"errors": "Invalid API key"}, 401)))
    assert stores.find(acme.key).state == "reconnect"


def test_the_schedule_requests_a_sync_of_each_connected_store_when_it_is_due(cast: Cast) -> None:
    every = timedelta(minutes=settings().sync_minutes)
    stores.mark_reconnect(cast.globex.key, "x")

    schedule.schedule_syncs(timestamp=minute(NOW))
    (first,) = runs.recent(cast.acme.key)
    with tenant_session(cast.acme.tenant_id) as session:
        run_life.finish(session, runs.key_of(cast.acme.key, first.run_id), NOW)
    schedule.schedule_syncs(timestamp=minute(NOW + every - timedelta(minutes=1)))
    assert runs.recent(cast.acme.key)[0].run_id == first.run_id

    schedule.schedule_syncs(timestamp=minute(NOW + every))
    assert [run.trigger for run in runs.recent(cast.acme.key)] == ["schedule", "schedule"]
    assert runs.recent(cast.globex.key) == ()


@pytest.mark.parametrize("broken", ["acme", "globex"])
def test_an_error_of_one_store_does_not_skip_the_others(cast: Cast, database_url: str, broken: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            "UPDATE stores SET complete_until = now(), scopes = '{read_orders,read_products,read_customers}'"
        )
        hurt: Business = getattr(cast, broken)
        owner.execute("UPDATE stores SET time_zone = 'Nowhere' WHERE tenant_id = %s", [hurt.tenant_id])
    well = cast.globex if broken == "acme" else cast.acme

    schedule.schedule_checks(timestamp=minute(NOW))
    assert [run.trigger for run in reconcile.runs.recent(StoreKey(well.tenant_id, well.store_id))] == ["schedule"]
    schedule.check_all_subscriptions(timestamp=minute(NOW))
    schedule.keep_tokens_alive(timestamp=minute(NOW))


def test_deliveries_whose_job_gave_up_are_applied_by_the_schedule(cast: Cast) -> None:
    for business in (cast.acme, cast.globex):
        store_delivery(business, "orders/create", an_order(1))

    schedule.apply_forgotten(timestamp=minute(NOW))

    for business in (cast.acme, cast.globex):
        assert [delivery.state for delivery in deliveries(business)] == ["applied"]


def test_the_schedule_deletes_expired_sessions(cast: Cast, database_url: str) -> None:
    token = sign_in(cast.alice, NOW)
    later = NOW + timedelta(days=settings().session_days, hours=1)
    assert accounts.session_of(token, NOW) is not None

    schedule.purge_expired(timestamp=minute(later))

    with psycopg.connect(database_url) as owner:
        assert owner.execute("SELECT count(*) FROM user_sessions").fetchone() == (0,)


def test_the_job_of_a_killed_worker_is_retried(cast: Cast, database_url: str) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    queue(cast, Task.APPLY_DELIVERIES)
    with psycopg.connect(database_url, autocommit=True) as owner:
        dead = owner.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id"
        ).fetchone()
        owner.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", dead)
        owner.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args, status) VALUES (%s, %s, %s, 'todo')",
            ["core.tasks.revive_jobs", Queue.DELIVERIES, Jsonb({"timestamp": minute(NOW)})],
        )

    work(Queue.DELIVERIES)
    work(Queue.DELIVERIES)

    assert [delivery.state for delivery in deliveries(cast.acme)] == ["applied"]


def test_each_scheduled_task_keeps_its_time_and_its_name_in_the_job_table() -> None:
    schedule = {periodic.task.name: periodic.cron for periodic in PERIODIC}

    assert schedule == {
        "schedule_syncs": "* * * * *",
        "confirm_forgotten": "* * * * *",
        "apply_forgotten": "* * * * *",
        "settle_forgotten": "* * * * *",
        "schedule_audits": "*/10 * * * *",
        "schedule_sums": "* * * * *",
        "schedule_checks": "*/10 * * * *",
        "schedule_improvements": "* * * * *",
        "schedule_statistics": "*/6 * * * *",
        "check_all_subscriptions": "7 * * * *",
        "keep_tokens_alive": "17 * * * *",
        "purge_expired": "0 * * * *",
        "prune_old": "41 4 * * *",
        "revive_jobs": "* * * * * */10",
    }


PERIODIC = list(registration.app.periodic_registry.periodic_tasks.values())
