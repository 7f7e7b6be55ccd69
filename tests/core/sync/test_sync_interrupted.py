"""Whatever interrupts a sync (a kill, a stop, trouble, a refusal): it goes on where it was, or says why not."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import requests

from core import stores
from core.database import tenant_session
from core.database.models import Customer, Order, Product, Store, SyncRun
from core.simulator.http.simulator import Simulator
from core.sync import steps
from core.sync.run_life import TRIES
from tests.cast import Cast
from tests.core.shopify.fakes import graphql_error, reply
from tests.core.sync.syncing import ask, jobs, state, work
from tests.core.transports import Killed, Wire, always, answering, killed_before, signaling
from tests.stored import rows, total_sales


@pytest.fixture
def loaded(connected: Cast) -> Cast:
    """The cast, with Acme's first load long behind it: what is left to sync comes in pages."""
    with tenant_session(connected.acme.tenant_id) as session:
        store = session.get(Store, (connected.acme.tenant_id, connected.acme.store_id))
        assert store is not None
        store.complete_until = datetime(2020, 1, 1, tzinfo=UTC)
    return connected


def throttled() -> requests.Response:
    return reply("", 429, {"Retry-After": "30"})


@pytest.mark.parametrize("request_number", [2, 3, 4, 5, 7])
def test_a_killed_run_goes_on_with_the_page_it_was_at(loaded: Cast, shopify: Simulator, request_number: int) -> None:
    run_id = ask(loaded.acme)
    with pytest.raises(Killed):
        work(loaded.acme, run_id, killed_before(request_number))
    interrupted = state(loaded.acme, run_id)
    assert interrupted.state == "running"

    wire = Wire()
    finished = work(loaded.acme, run_id, wire, slice_length=timedelta(minutes=1))

    assert finished.state == "succeeded"
    assert finished.records_done == finished.records_total, "no page was counted twice or left out"
    assert total_sales(loaded.acme) == shopify.truth().totals.total_sales
    if interrupted.records_done:
        assert wire.of("counts") == [], "its window was fixed when it began"
        assert [asked["after"] for asked in wire.of("products")] == [], "products were done"


def test_a_page_and_its_cursor_are_written_together_or_not_at_all(loaded: Cast) -> None:
    run_id = ask(loaded.acme)
    with pytest.raises(Killed):
        work(loaded.acme, run_id, killed_before(4))

    written = len(rows(loaded.acme, Product)) + len(rows(loaded.acme, Customer)) + len(rows(loaded.acme, Order))
    assert state(loaded.acme, run_id).records_done == written > 0


def test_long_work_is_done_in_slices_of_a_page_at_least_that_let_others_have_their_turn(
    loaded: Cast, database_url: str
) -> None:
    run_id = ask(loaded.acme)
    slices = 1
    while work(loaded.acme, run_id, slice_length=timedelta(0)).active:
        slices += 1
        assert jobs(database_url) == slices, "queued again, behind the jobs of others"

    assert slices == 8, (
        "a page of products, of customers, of stock at each of two locations, of checkouts, three of orders"
    )
    assert state(loaded.acme, run_id).state == "succeeded"


def test_shopify_asking_to_wait_a_moment_is_waited_for(connected: Cast) -> None:
    run = work(connected.acme, ask(connected.acme), answering(graphql_error("THROTTLED", "Throttled")))

    assert run.state == "succeeded"


def test_shopify_asking_to_wait_longer_lets_the_run_wait_without_a_worker(connected: Cast, database_url: str) -> None:
    run_id = ask(connected.acme)

    run = work(connected.acme, run_id, always(lambda: reply("", 429, {"Retry-After": "900"})))

    assert (run.state, run.attempts) == ("running", 1)
    assert run.error is not None
    assert run.error.startswith("Waiting: Shopify limits the rate")
    with psycopg.connect(database_url) as owner:
        query = "SELECT max(scheduled_at) - now() FROM procrastinate_jobs WHERE task_name = 'sync_store'"
        (delay,) = owner.execute(query).fetchone()  # type: ignore[misc]
    assert timedelta(seconds=800) < delay <= timedelta(seconds=900)
    assert work(connected.acme, run_id).state == "succeeded"


def test_a_run_that_only_ever_waits_is_given_up_with_the_reason(connected: Cast, database_url: str) -> None:
    run_id = ask(connected.acme)

    for _ in range(TRIES):
        run = work(connected.acme, run_id, always(lambda: reply("", 429, {"Retry-After": "900"})))

    assert (run.state, run.error) == ("failed", "Shopify limits the rate of requests; Xeno will retry.")


def test_a_page_that_came_through_ends_the_counting_of_waits(connected: Cast) -> None:
    run_id = ask(connected.acme)
    work(connected.acme, run_id, always(lambda: reply("", 429, {"Retry-After": "900"})))

    run = work(connected.acme, run_id)

    assert (run.state, run.attempts, run.error) == ("succeeded", 0, None)


def test_refused_credentials_fail_the_run_and_the_store_says_to_reconnect(connected: Cast, database_url: str) -> None:
    run_id = ask(connected.acme)

    run = work(connected.acme, run_id, always(lambda: reply({"errors": "[API] Invalid API key"}, 401)))

    assert run.state == "failed"
    store = stores.find(connected.acme.key)
    assert store.state == "reconnect"
    assert (
        store.state_reason
        == run.error
        == ("Shopify no longer accepts this store's access token; connect the store again.")
    )
    assert jobs(database_url) == 1, "the first one; it is not queued again"


def test_a_frozen_shop_fails_the_run_and_stays_connected(connected: Cast) -> None:
    run = work(connected.acme, ask(connected.acme), always(lambda: reply({"errors": "Unavailable Shop"}, 402)))

    assert run.state == "failed"
    assert run.error == "acme.myshopify.com is frozen until its Shopify bill is paid."
    assert stores.find(connected.acme.key).state == "connected"


def test_a_disconnected_stores_run_fails_and_the_store_stays_disconnected(connected: Cast) -> None:
    run_id = ask(connected.acme)
    stores.delete_credentials(connected.acme.key, datetime.now(UTC))

    run = work(connected.acme, run_id)

    assert (run.state, run.error) == (
        "failed",
        "This store is disconnected; connect it again on the Stores page.",
    )
    assert stores.find(connected.acme.key).state == "disconnected"


def test_an_unexpected_answer_fails_the_run_instead_of_blocking_the_store(connected: Cast) -> None:
    def nonsense(number: int) -> requests.Response | None:
        return reply({"data": {"products": 5}}) if number == 2 else None

    run = work(connected.acme, ask(connected.acme), Wire(nonsense))

    assert (run.state, run.error) == ("failed", steps.BROKEN)
    assert work(connected.acme, ask(connected.acme)).state == "succeeded"


def test_at_a_stop_a_sync_that_waits_for_shopify_ends_within_a_second_and_goes_on_later(
    connected: Cast, database_url: str
) -> None:
    run_id = ask(connected.acme)
    stop, asked = threading.Event(), threading.Event()
    wire = signaling(asked, throttled)
    worker = threading.Thread(target=work, args=(connected.acme, run_id, wire), kwargs={"stop": stop})
    worker.start()
    assert asked.wait(10)
    time.sleep(0.1)

    stopped_at = time.monotonic()
    stop.set()
    worker.join(5)

    assert time.monotonic() - stopped_at < 1
    run = state(connected.acme, run_id)
    assert (run.state, run.attempts) == ("running", 0)
    assert jobs(database_url) == 2, "queued again for the next start"
    assert work(connected.acme, run_id).state == "succeeded"


def test_at_a_stop_between_pages_a_sync_goes_on_later(loaded: Cast) -> None:
    run_id = ask(loaded.acme)
    stop = threading.Event()

    def stop_soon(number: int) -> None:
        if number == 3:
            stop.set()

    run = work(loaded.acme, run_id, Wire(stop_soon), stop=stop)
    assert run.state == "running"
    assert 0 < run.records_done < (run.records_total or 0)
    assert work(loaded.acme, run_id).state == "succeeded"


def test_a_worker_that_was_thought_dead_cannot_write_its_page(loaded: Cast) -> None:
    """It wakes up with its page after another worker went on with the run: that page is dropped."""
    run_id = ask(loaded.acme)
    wakes = threading.Event()

    def meanwhile(number: int) -> None:
        if number == 2 and not wakes.is_set():
            wakes.set()
            assert work(loaded.acme, run_id).state == "succeeded"

    finished = work(loaded.acme, run_id, Wire(meanwhile))

    assert finished.state == "succeeded"
    assert finished.records_done == finished.records_total


def test_an_ended_run_is_not_worked_on_again(connected: Cast) -> None:
    run_id = ask(connected.acme)
    work(connected.acme, run_id)
    wire = Wire()

    assert work(connected.acme, run_id, wire).state == "succeeded"
    assert wire.sent == []


def test_a_store_that_is_no_longer_there_ends_its_run_in_silence(cast: Cast, database_url: str) -> None:
    run_id = ask(cast.acme)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM stores WHERE tenant_id = %s", [cast.acme.tenant_id])

    steps.work_on(cast.acme.key, run_id)

    assert rows(cast.acme, SyncRun) == []
