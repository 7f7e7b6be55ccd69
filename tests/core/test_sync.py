"""A store's data comes in whole, then by what changed; whatever interrupts it, it goes on where it was."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import requests
from sqlalchemy import update

from core import runs, stores, sync
from core.db import tenant_session
from core.demo.simulator import Simulator
from core.models import Customer, LineItem, Order, Product, Refund, Sale, Store, SyncRun, Variant
from core.runs import RunView
from tests.cast import Business, Cast
from tests.core.shopify.fakes import graphql_error, reply
from tests.core.transports import Killed, Wire, always, answering, killed_before, telling
from tests.stored import row, rows, total_sales


def ask(business: Business, now: datetime | None = None) -> int:
    return runs.request(business.tenant_id, business.store_id, "button", now or datetime.now(UTC))


def work(business: Business, run_id: int, transport: Wire | None = None, **options: Any) -> RunView:
    """One slice of work on the run; how it stands afterwards."""
    sync.work_on(business.tenant_id, business.store_id, run_id, transport, **options)
    return state(business, run_id)


def state(business: Business, run_id: int) -> RunView:
    return next(run for run in runs.recent(business.tenant_id, business.store_id) if run.run_id == run_id)


def jobs(database_url: str) -> int:
    """How many jobs for a sync wait."""
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sync_store'"
        return owner.execute(query).fetchone()[0]  # type: ignore[index]


def throttled() -> requests.Response:
    return reply("", 429, {"Retry-After": "30"})


def test_the_first_sync_brings_everything(connected: Cast, shopify: Simulator) -> None:
    run = work(connected.acme, ask(connected.acme))

    shop = shopify.live().shop
    assert (run.state, run.error) == ("succeeded", None)
    assert run.records_done == run.records_total == len(shop.products) + len(shop.customers) + len(shop.orders)
    assert {each["order_id"] for each in rows(connected.acme, Order)} == set(shop.orders)
    assert {each["customer_id"] for each in rows(connected.acme, Customer)} == set(shop.customers)
    assert {each["product_id"] for each in rows(connected.acme, Product)} == set(shop.products)
    assert len(rows(connected.acme, Variant)) == sum(len(each.variants) for each in shop.products.values())
    assert len(rows(connected.acme, Refund)) == sum(len(each.refunds) for each in shop.orders.values()) > 0
    assert len(rows(connected.acme, LineItem)) == sum(len(each.lines) for each in shop.orders.values())


def test_after_the_first_sync_the_sales_are_the_shops_own_to_the_cent(connected: Cast, shopify: Simulator) -> None:
    work(connected.acme, ask(connected.acme))

    truth = shopify.truth()
    assert total_sales(connected.acme) == truth.totals.total_sales > 0


def test_after_a_sync_the_store_is_complete_until_shortly_before_it_began(connected: Cast) -> None:
    before = datetime.now(UTC)
    work(connected.acme, ask(connected.acme))

    until = stores.find(connected.acme.tenant_id, connected.acme.store_id).complete_until
    assert until is not None
    assert before - sync.INDEX_LAG - timedelta(minutes=1) < until < datetime.now(UTC) - sync.INDEX_LAG


def test_the_next_sync_reads_only_what_changed(connected: Cast, shopify: Simulator) -> None:
    work(connected.acme, ask(connected.acme))
    new = shopify.sell(at=datetime.now(UTC))
    wire = Wire()

    run = work(connected.acme, ask(connected.acme), wire)

    assert run.state == "succeeded"
    assert new in {each["order_id"] for each in rows(connected.acme, Order)}
    assert run.records_done < 10, "not the whole shop again"
    assert all("updated_at:>=" in asked["query"] for asked in wire.of("orders"))


def test_what_changed_in_the_last_minutes_before_a_sync_is_read_again_by_the_next(
    connected: Cast, shopify: Simulator
) -> None:
    """Shopify's search lags behind its data: an order may not be found yet when the run asks for it."""
    work(connected.acme, ask(connected.acme))
    wire = Wire()

    work(connected.acme, ask(connected.acme), wire)

    complete = stores.find(connected.acme.tenant_id, connected.acme.store_id).complete_until
    assert complete is not None
    (asked,) = wire.of("counts")
    since = datetime.fromisoformat(asked["orders"].split("'")[1])
    assert since < complete - sync.OVERLAP + timedelta(minutes=1)


def test_a_second_sync_without_news_changes_nothing(connected: Cast) -> None:
    work(connected.acme, ask(connected.acme))
    before = stores.revision(connected.acme.tenant_id, connected.acme.store_id)

    assert work(connected.acme, ask(connected.acme)).state == "succeeded"
    assert stores.revision(connected.acme.tenant_id, connected.acme.store_id) == before


@pytest.mark.parametrize("request_number", [2, 3, 4, 5, 7])
def test_a_killed_run_goes_on_with_the_page_it_was_at(
    connected: Cast, shopify: Simulator, request_number: int
) -> None:
    run_id = ask(connected.acme)
    with pytest.raises(Killed):
        work(connected.acme, run_id, killed_before(request_number))
    interrupted = state(connected.acme, run_id)
    assert interrupted.state == "running"

    wire = Wire()
    finished = work(connected.acme, run_id, wire)

    assert finished.state == "succeeded"
    assert finished.records_done == finished.records_total, "no page was counted twice or left out"
    assert total_sales(connected.acme) == shopify.truth().totals.total_sales
    if interrupted.records_done:
        assert wire.of("counts") == [], "its window was fixed when it began"
        assert [asked["after"] for asked in wire.of("products")] == [], "products were done"


def test_a_page_and_its_cursor_are_written_together_or_not_at_all(connected: Cast) -> None:
    run_id = ask(connected.acme)
    with pytest.raises(Killed):
        work(connected.acme, run_id, killed_before(4))

    written = (
        len(rows(connected.acme, Product)) + len(rows(connected.acme, Customer)) + len(rows(connected.acme, Order))
    )
    assert state(connected.acme, run_id).records_done == written > 0


def test_long_work_is_done_in_slices_of_a_page_at_least_that_let_others_have_their_turn(
    connected: Cast, database_url: str
) -> None:
    run_id = ask(connected.acme)
    slices = 1
    while work(connected.acme, run_id, slice_length=timedelta(0)).active:
        slices += 1
        assert jobs(database_url) == slices, "queued again, behind the jobs of others"

    assert slices == 5, "one page of products, one of customers, three of orders"
    assert state(connected.acme, run_id).state == "succeeded"


def test_shopify_asking_to_wait_a_moment_is_waited_for(connected: Cast) -> None:
    run = work(connected.acme, ask(connected.acme), answering(graphql_error("THROTTLED", "Throttled")))

    assert run.state == "succeeded"


def test_shopify_asking_to_wait_longer_lets_the_run_wait_without_a_worker(connected: Cast, database_url: str) -> None:
    run_id = ask(connected.acme)

    run = work(connected.acme, run_id, always(lambda: reply("", 429, {"Retry-After": "900"})))

    assert (run.state, run.attempts) == ("running", 1)
    assert run.error is not None
    assert run.error.startswith("Waiting to go on: Shopify asks to wait")
    with psycopg.connect(database_url) as owner:
        query = "SELECT max(scheduled_at) - now() FROM procrastinate_jobs WHERE task_name = 'sync_store'"
        (delay,) = owner.execute(query).fetchone()  # type: ignore[misc]
    assert timedelta(seconds=800) < delay <= timedelta(seconds=900)
    assert work(connected.acme, run_id).state == "succeeded"


def test_a_run_that_only_ever_waits_is_given_up_with_the_reason(connected: Cast, database_url: str) -> None:
    run_id = ask(connected.acme)

    for _ in range(sync.TRIES):
        run = work(connected.acme, run_id, always(lambda: reply("", 429, {"Retry-After": "900"})))

    assert (run.state, run.error) == ("failed", "Shopify asks to wait; it is tried again later")


def test_a_page_that_came_through_ends_the_counting_of_waits(connected: Cast) -> None:
    run_id = ask(connected.acme)
    work(connected.acme, run_id, always(lambda: reply("", 429, {"Retry-After": "900"})))

    run = work(connected.acme, run_id)

    assert (run.state, run.attempts, run.error) == ("succeeded", 0, None)


def test_refused_credentials_fail_the_run_and_the_store_says_to_reconnect(connected: Cast, database_url: str) -> None:
    run_id = ask(connected.acme)

    run = work(connected.acme, run_id, always(lambda: reply({"errors": "[API] Invalid API key"}, 401)))

    assert run.state == "failed"
    store = stores.find(connected.acme.tenant_id, connected.acme.store_id)
    assert store.state == "reconnect"
    assert (
        store.state_reason
        == run.error
        == ("Shopify no longer accepts this store's access token; connect the store again")
    )
    assert jobs(database_url) == 1, "the first one; it is not queued again"


def test_a_frozen_shop_fails_the_run_and_stays_connected(connected: Cast) -> None:
    run = work(connected.acme, ask(connected.acme), always(lambda: reply({"errors": "Unavailable Shop"}, 402)))

    assert run.state == "failed"
    assert run.error == "acme.myshopify.com is frozen until its Shopify bill is paid"
    assert stores.find(connected.acme.tenant_id, connected.acme.store_id).state == "connected"


def test_what_the_app_may_not_read_is_neither_counted_nor_asked_for(connected: Cast) -> None:
    mine = (Store.tenant_id == connected.acme.tenant_id, Store.store_id == connected.acme.store_id)
    with tenant_session(connected.acme.tenant_id) as session:
        session.execute(update(Store).where(*mine).values(missing_scopes=["read_customers"]))
    wire = Wire()

    run = work(connected.acme, ask(connected.acme), wire)

    assert run.state == "succeeded"
    assert run.records_done == run.records_total
    assert wire.of("customers") == []
    assert [asked["withCustomers"] for asked in wire.of("counts")] == [False]
    assert rows(connected.acme, Customer) == []
    assert rows(connected.acme, Order) != []


def test_a_disconnected_stores_run_fails_and_the_store_stays_disconnected(connected: Cast) -> None:
    run_id = ask(connected.acme)
    stores.forget_credentials(connected.acme.tenant_id, connected.acme.store_id, datetime.now(UTC))

    run = work(connected.acme, run_id)

    assert (run.state, run.error) == (
        "failed",
        "This store is disconnected; connect it again on the Stores page.",
    )
    assert stores.find(connected.acme.tenant_id, connected.acme.store_id).state == "disconnected"


def test_an_answer_that_nobody_thought_of_fails_the_run_instead_of_blocking_the_store(connected: Cast) -> None:
    def nonsense(number: int) -> requests.Response | None:
        return reply({"data": {"products": 5}}) if number == 2 else None

    run = work(connected.acme, ask(connected.acme), Wire(nonsense))

    assert (run.state, run.error) == ("failed", sync.BROKEN)
    assert work(connected.acme, ask(connected.acme)).state == "succeeded"


def test_told_to_stop_a_sync_that_waits_for_shopify_ends_within_a_second_and_goes_on_later(
    connected: Cast, database_url: str
) -> None:
    run_id = ask(connected.acme)
    stop, asked = threading.Event(), threading.Event()
    wire = telling(asked, throttled)
    worker = threading.Thread(target=work, args=(connected.acme, run_id, wire), kwargs={"stop": stop})
    worker.start()
    assert asked.wait(10)
    time.sleep(0.1)

    told_at = time.monotonic()
    stop.set()
    worker.join(5)

    assert time.monotonic() - told_at < 1
    run = state(connected.acme, run_id)
    assert (run.state, run.attempts) == ("running", 0)
    assert jobs(database_url) == 2, "queued again for the next start"
    assert work(connected.acme, run_id).state == "succeeded"


def test_told_to_stop_between_pages_a_sync_goes_on_later(connected: Cast) -> None:
    run_id = ask(connected.acme)
    stop = threading.Event()

    def stop_soon(number: int) -> None:
        if number == 3:
            stop.set()

    run = work(connected.acme, run_id, Wire(stop_soon), stop=stop)
    assert run.state == "running"
    assert 0 < run.records_done < (run.records_total or 0)
    assert work(connected.acme, run_id).state == "succeeded"


def test_a_worker_that_was_thought_dead_cannot_write_its_page(connected: Cast) -> None:
    """It wakes up with its page after another worker went on with the run: that page is dropped."""
    run_id = ask(connected.acme)
    wakes = threading.Event()

    def meanwhile(number: int) -> None:
        if number == 2 and not wakes.is_set():
            wakes.set()
            assert work(connected.acme, run_id).state == "succeeded"

    finished = work(connected.acme, run_id, Wire(meanwhile))

    assert finished.state == "succeeded"
    assert finished.records_done == finished.records_total


def test_an_ended_run_is_not_worked_on_again(connected: Cast) -> None:
    run_id = ask(connected.acme)
    work(connected.acme, run_id)
    wire = Wire()

    assert work(connected.acme, run_id, wire).state == "succeeded"
    assert wire.sent == []


def test_two_syncs_asked_for_at_once_are_one(connected: Cast, database_url: str) -> None:
    first, second = ask(connected.acme), ask(connected.acme)

    assert first == second
    assert jobs(database_url) == 1
    assert work(connected.acme, first).state == "succeeded"
    assert ask(connected.acme) != first


def test_a_store_that_is_no_longer_there_ends_its_run_in_silence(cast: Cast, database_url: str) -> None:
    run_id = ask(cast.acme)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM stores WHERE tenant_id = %s", [cast.acme.tenant_id])

    sync.work_on(cast.acme.tenant_id, cast.acme.store_id, run_id)

    assert rows(cast.acme, SyncRun) == []


def test_a_shop_whose_scopes_grew_is_read_from_the_start_again(connected: Cast) -> None:
    """Else customers of years would be missing for ever: only changes since the last sync would be asked for."""
    acme = connected.acme
    work(acme, ask(acme))
    run_id = ask(acme)
    with pytest.raises(Killed):
        work(acme, run_id, killed_before(3))
    with tenant_session(acme.tenant_id) as session:
        store = session.get(Store, (acme.tenant_id, acme.store_id))
        assert store is not None
        store.complete_until = None

    work(acme, run_id)

    assert row(acme, Store)["complete_until"] is None, "the run under way read changes only"
    wire = Wire()
    work(acme, ask(acme), wire)
    assert {asked["query"].split(":")[0] for asked in wire.of("orders")} == {"updated_at"}
    assert all(">=" not in asked["query"] for asked in wire.of("orders"))
    assert row(acme, Store)["complete_until"] is not None


def test_orders_that_changed_without_a_word_are_read_back_whole(connected: Cast, shopify: Simulator) -> None:
    work(connected.acme, ask(connected.acme))
    order_id = shopify.sell(at=datetime.now(UTC))
    shopify.refund(order_id)

    sync.reread_orders(connected.acme.tenant_id, connected.acme.store_id, [order_id, 404])

    (kept,) = [each for each in rows(connected.acme, Order) if each["order_id"] == order_id]
    assert kept["agreements"] is not None
    sold = [each["net"] + each["tax"] for each in rows(connected.acme, Sale) if each["order_id"] == order_id]
    assert sum(sold, Decimal(0)) == 0
