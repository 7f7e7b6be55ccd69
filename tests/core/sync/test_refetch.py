"""Orders of webhooks are re-fetched in batches; an order whose answer is older than its webhook is retried."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import update

from core import stores
from core.database import StoreKey, tenant_session
from core.database.models import Deletion, Order, Sale, UnsettledOrder
from core.domain import Journey, Kind, Unreadable, Visit
from core.errors import Stopping
from core.ingest import Reading
from core.simulator.defaults import SCOPES
from core.simulator.http.simulator import Simulator
from core.simulator.webhooks.order_bodies import order_body
from core.sync import late_parts, refetch
from core.webhooks import apply
from tests.cast import NOW, Cast
from tests.core.shopify.fakes import reply
from tests.core.transports import Wire, always, failing
from tests.factories import order
from tests.shopify_sends import store_delivery
from tests.stored import rows, total_sales, write
from tests.stores import grant


def apply_webhook(cast: Cast, simulator: Simulator, order_id: int) -> None:
    """Store and apply the webhook of one of the shop's orders."""
    live = simulator.live_shop()
    store_delivery(
        cast.acme, "orders/updated", json.loads(json.dumps(order_body(live.shop, live.shop.orders[order_id])))
    )
    apply.apply_pending(cast.acme.key, datetime.now(UTC))


def settle(cast: Cast, transport: Wire | None = None) -> None:
    refetch.work_on(cast.acme.key, transport=transport)


def make_due(cast: Cast) -> None:
    """As if the time of the next retry had come."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(UnsettledOrder).values(due_at=NOW))


def inferred_an_hour_ago(cast: Cast) -> None:
    """As if the deletions had been inferred an hour ago: no answer can be older than that."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Deletion).values(deleted_at=datetime.now(UTC) - timedelta(hours=1)))


def settled(cast: Cast, now: datetime | None = None) -> refetch.Settled:
    store = stores.find(cast.acme.key)
    return refetch.count_settled(store, now or datetime.now(UTC))


def jobs(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        found = owner.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'settle_orders'").fetchone()
        return found[0] if found else 0


def test_an_order_counts_by_its_webhook_and_settles_when_it_is_re_fetched(
    connected: Cast, shopify: Simulator
) -> None:
    sold = shopify.sell()
    apply_webhook(connected, shopify, sold)
    (by_webhook,) = rows(connected.acme, Order)
    assert (by_webhook["source"], settled(connected)) == ("webhook", refetch.Settled(orders=1, waiting=1))

    settle(connected)

    (by_api,) = rows(connected.acme, Order)
    assert by_api["source"] == "api"
    assert by_api["agreements"] is not None
    assert by_api["total"] == by_webhook["total"]
    assert settled(connected).share == 1.0
    assert rows(connected.acme, UnsettledOrder) == []


def test_many_orders_are_read_in_few_requests(connected: Cast, shopify: Simulator) -> None:
    for _ in range(20):
        apply_webhook(connected, shopify, shopify.sell())
    wire = Wire()

    settle(connected, wire)

    assert {each["source"] for each in rows(connected.acme, Order)} == {"api"}
    assert len(wire.sent) <= 6


def test_an_order_that_shopify_does_not_know_is_retried_with_backoff_and_given_up(
    connected: Cast, shopify: Simulator
) -> None:
    with tenant_session(connected.acme.tenant_id) as session:
        refetch.request(session, connected.acme.key, [42], NOW)

    settle(connected)
    (waiting,) = rows(connected.acme, UnsettledOrder)
    assert waiting["tries"] == 1
    assert timedelta(0) < waiting["due_at"] - datetime.now(UTC) <= timedelta(minutes=1)

    for _ in range(refetch.TRIES):
        make_due(connected)
        settle(connected)
    assert rows(connected.acme, UnsettledOrder) == []


def test_an_order_that_was_deleted_before_its_late_webhook_came_does_not_stay(
    connected: Cast, shopify: Simulator
) -> None:
    """No webhook reported its deletion, and no sync would find it: a deleted record does not change."""
    live = shopify.live_shop()
    sold = shopify.sell()
    late = json.loads(json.dumps(order_body(live.shop, live.shop.orders[sold])))
    live.trigger("delete_order", {"order_id": sold})
    store_delivery(connected.acme, "orders/create", late)
    apply.apply_pending(connected.acme.key, datetime.now(UTC))

    for tries in range(refetch.DELETED_AFTER):
        settle(connected)
        (waiting,) = rows(connected.acme, UnsettledOrder)
        assert waiting["tries"] == tries + 1
        make_due(connected)
    assert [each["deleted_at"] for each in rows(connected.acme, Order)] == [None], "it may yet appear"
    settle(connected)

    (order,) = rows(connected.acme, Order)
    assert order["deleted_at"] is not None
    assert total_sales(connected.acme) == 0
    assert rows(connected.acme, UnsettledOrder) == []


def test_an_order_wrongly_inferred_as_deleted_is_restored_by_the_api_and_not_by_a_webhook_alone(
    connected: Cast, shopify: Simulator
) -> None:
    live = shopify.live_shop()
    sold = shopify.sell()
    apply_webhook(connected, shopify, sold)
    settle(connected)
    before = total_sales(connected.acme)
    hidden = live.shop.orders[sold]
    late = json.loads(json.dumps(order_body(live.shop, hidden)))
    with live.lock:
        del live.shop.orders[sold]
        live.shop.revision += 1
    store_delivery(connected.acme, "orders/updated", late)
    apply.apply_pending(connected.acme.key, datetime.now(UTC))
    for _ in range(refetch.DELETED_AFTER + 1):
        settle(connected)
        make_due(connected)
    assert total_sales(connected.acme) == 0

    store_delivery(connected.acme, "orders/create", late)
    apply.apply_pending(connected.acme.key, datetime.now(UTC))
    assert total_sales(connected.acme) == 0, "a webhook may be late"
    with live.lock:
        live.shop.orders[sold] = hidden
        live.shop.revision += 1
    make_due(connected)
    inferred_an_hour_ago(connected)
    settle(connected)
    assert total_sales(connected.acme) == before


def test_an_old_order_that_shopify_hides_from_the_app_is_not_inferred_as_deleted(
    connected: Cast, shopify: Simulator
) -> None:
    grant(connected.acme, [scope for scope in SCOPES if scope != "read_all_orders"])
    old = order(created_at=datetime.now(UTC) - timedelta(days=70))
    write(connected.acme, old)
    with tenant_session(connected.acme.tenant_id) as session:
        refetch.request(session, connected.acme.key, [old.order_id], NOW)

    for _ in range(refetch.DELETED_AFTER + 2):
        settle(connected)
        make_due(connected)

    (kept,) = rows(connected.acme, Order)
    assert kept["deleted_at"] is None


def test_a_worker_that_stops_while_shopify_is_away_leaves_the_orders_on_the_list(
    connected: Cast, shopify: Simulator
) -> None:
    apply_webhook(connected, shopify, shopify.sell())

    leaving = threading.Event()
    leaving.set()
    with pytest.raises(Stopping):
        refetch.work_on(connected.acme.key, transport=always(lambda: reply({}, status=503)), stop=leaving)

    assert settled(connected).waiting == 1
    settle(connected)
    assert settled(connected).waiting == 0


def test_orders_that_could_not_be_read_let_others_pass(connected: Cast, shopify: Simulator) -> None:
    apply_webhook(connected, shopify, shopify.sell())
    apply_webhook(connected, shopify, shopify.sell())
    make_due(connected)

    with pytest.raises(LookupError):
        settle(connected, failing(LookupError("nobody thought of it")))

    now = datetime.now(UTC)
    waiting = rows(connected.acme, UnsettledOrder)
    assert [row["tries"] for row in waiting] == [0, 0], "that says nothing of whether they are there"
    assert all(timedelta(seconds=50) < row["due_at"] - now < timedelta(minutes=4) for row in waiting)
    assert len({row["due_at"] for row in waiting}) == 2


def test_an_order_that_shopify_did_not_answer_for_is_retried(cast: Cast) -> None:
    write(cast.acme, Unreadable(Kind.ORDER, 42, "Shopify does not answer", may_heal=True))
    write(cast.acme, Unreadable(Kind.ORDER, 43, "totalPriceSet is missing"))

    (waiting,) = rows(cast.acme, UnsettledOrder)
    assert (waiting["order_id"], waiting["tries"]) == (42, 0)


def test_a_store_that_must_be_reconnected_waits_without_an_error(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        refetch.request(session, cast.acme.key, [1], NOW)

    settle(cast)

    (waiting,) = rows(cast.acme, UnsettledOrder)
    assert waiting["tries"] == 1


def test_a_list_without_a_job_gets_one_and_a_list_with_a_job_gets_no_second(cast: Cast, database_url: str) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        refetch.request(session, cast.acme.key, [1, 2], NOW)
    refetch.queue_if_due(cast.acme.key, NOW)
    assert jobs(database_url) == 1

    with psycopg.connect(database_url) as owner:
        owner.execute("DELETE FROM procrastinate_jobs")
    refetch.queue_if_due(cast.acme.key, NOW)
    refetch.queue_if_due(cast.globex.key, NOW)
    assert jobs(database_url) == 1


def test_the_share_is_of_the_last_thirty_days_and_of_this_store_alone(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, processed_at=NOW))
    write(cast.acme, order(order_id=2, processed_at=NOW - timedelta(days=60)))
    write(cast.globex, order(order_id=3, processed_at=NOW))
    with tenant_session(cast.globex.tenant_id) as session:
        refetch.request(session, cast.globex.key, [3], NOW)

    assert settled(cast, NOW) == refetch.Settled(orders=1, waiting=0)


def test_another_tenants_list_is_not_read(cast: Cast) -> None:
    with tenant_session(cast.globex.tenant_id) as session:
        refetch.request(session, cast.globex.key, [3], NOW)

    refetch.work_on(StoreKey(cast.acme.tenant_id, cast.globex.store_id))

    assert rows(cast.globex, UnsettledOrder)[0]["tries"] == 0


def test_duties_and_fees_that_a_webhook_does_not_sell_are_there_once_the_order_was_re_fetched(
    connected: Cast, shopify: Simulator
) -> None:
    order_id = shopify.sell(at=datetime.now(UTC), duties="6.00", fees="1.50")
    apply_webhook(connected, shopify, order_id)
    settle(connected)

    levied = {each["line_type"]: each["net"] for each in rows(connected.acme, Sale)}
    assert (levied["duty"], levied["fee"]) == (Decimal("6.00"), Decimal("1.50"))


def test_an_order_that_was_read_before_its_visits_were_known_is_requested_once(cast: Cast) -> None:
    early, late = NOW - timedelta(minutes=90), NOW - timedelta(minutes=30)
    for number, placed, changes in (
        (1, early, {"source_name": "web"}),
        (2, late, {"source_name": "web"}),
        (3, early, {"source_name": "pos"}),
        (4, early, {"source_name": "web", "journey": Journey(last=Visit(source="direct"))}),
    ):
        at = {"created_at": placed, "processed_at": placed, "updated_at": placed}
        write(cast.acme, order(order_id=number, **at, **changes), reading=Reading(placed))
    late_parts.request_visits(cast.acme.key, NOW)
    assert [each["order_id"] for each in rows(cast.acme, UnsettledOrder)] == [1]
