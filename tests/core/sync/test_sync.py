"""A store's data comes in whole, then by what changed, to the cent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core import stores
from core.database import tenant_session
from core.database.models import (
    Checkout,
    Customer,
    InventoryLevel,
    LineItem,
    Order,
    Product,
    Refund,
    Sale,
    Store,
    Variant,
)
from core.simulator.defaults import SCOPES
from core.simulator.http.simulator import Simulator
from core.simulator.shop import inventory
from core.stores import StoreView
from core.sync import steps
from tests.cast import Cast
from tests.core.sync.syncing import ask, jobs, work
from tests.core.transports import Killed, Wire, killed_before
from tests.stored import row, rows, total_sales
from tests.stores import grant


def levied(connected: Cast) -> tuple[Decimal, Decimal]:
    """All duties and additional fees in Acme's ledger."""
    sold = rows(connected.acme, Sale)
    duties, fees = (sum((each["net"] for each in sold if each["line_type"] == kind), Decimal(0)) for kind in KINDS)
    return duties, fees


KINDS = ("duty", "fee")


def limit(cast: Cast, shopify: Simulator, *missing: str) -> StoreView:
    """Acme connects its shop, which does not grant these scopes."""
    shopify.live_shop().shop.scopes = tuple(scope for scope in SCOPES if scope not in missing)
    return grant(cast.acme, shopify.live_shop().shop.scopes)


def test_the_first_sync_brings_everything(connected: Cast, shopify: Simulator) -> None:
    run = work(connected.acme, ask(connected.acme))

    shop = shopify.live_shop().shop
    assert (run.state, run.error) == ("succeeded", None)
    assert run.records_done == run.records_total == len(shop.products) + len(shop.customers) + len(shop.orders)
    assert (run.orders_done, run.orders_new) == (len(shop.orders), None)
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
    assert levied(connected) == (truth.totals.duties, truth.totals.fees)
    assert truth.totals.duties > truth.totals.fees > 0


def test_an_order_that_bears_duties_and_was_never_touched_has_them_from_its_first_reading(
    connected: Cast, shopify: Simulator
) -> None:
    work(connected.acme, ask(connected.acme))
    before = shopify.truth().totals

    shopify.sell(at=datetime.now(UTC), duties="6.00", fees="1.50")
    work(connected.acme, ask(connected.acme))

    after = shopify.truth().totals
    assert (after.duties - before.duties, after.fees - before.fees) == (Decimal("6.00"), Decimal("1.50"))
    assert levied(connected) == (after.duties, after.fees)
    assert total_sales(connected.acme) == after.total_sales


def test_after_a_sync_the_store_is_complete_until_shortly_before_it_began(connected: Cast) -> None:
    before = datetime.now(UTC)
    work(connected.acme, ask(connected.acme))

    until = stores.find(connected.acme.key).complete_until
    assert until is not None
    assert before - steps.INDEX_LAG - timedelta(minutes=1) < until < datetime.now(UTC) - steps.INDEX_LAG


def test_the_next_sync_reads_only_changed_records(connected: Cast, shopify: Simulator) -> None:
    work(connected.acme, ask(connected.acme))
    new = shopify.sell(at=datetime.now(UTC))
    wire = Wire()

    run = work(connected.acme, ask(connected.acme), wire)

    assert run.state == "succeeded"
    assert new in {each["order_id"] for each in rows(connected.acme, Order)}
    assert run.records_done < 10, "not the whole shop again"
    assert (run.orders_done, run.orders_new) == (1, 1)
    assert all("updated_at:>=" in asked["query"] for asked in wire.of("orders"))


def test_changes_of_the_last_minutes_before_a_sync_are_read_again_by_the_next(
    connected: Cast, shopify: Simulator
) -> None:
    """Shopify's search lags behind its data: an order may not be found yet when the run asks for it."""
    work(connected.acme, ask(connected.acme))
    wire = Wire()

    work(connected.acme, ask(connected.acme), wire)

    complete = stores.find(connected.acme.key).complete_until
    assert complete is not None
    (asked,) = wire.of("counts")
    since = datetime.fromisoformat(asked["orders"].split("'")[1])
    assert since < complete - steps.OVERLAP + timedelta(minutes=1)


def test_a_second_sync_without_news_changes_nothing(connected: Cast) -> None:
    work(connected.acme, ask(connected.acme))
    before = stores.find(connected.acme.key).revision

    assert work(connected.acme, ask(connected.acme)).state == "succeeded"
    assert stores.find(connected.acme.key).revision == before


def test_entities_that_the_app_may_not_read_are_neither_counted_nor_fetched(
    connected: Cast, shopify: Simulator
) -> None:
    limit(connected, shopify, "read_customers")
    wire = Wire()

    run = work(connected.acme, ask(connected.acme), wire)

    assert run.state == "succeeded"
    assert run.records_done == run.records_total
    assert wire.of("customers") == []
    assert [asked["withCustomers"] for asked in wire.of("counts")] == [False]
    assert rows(connected.acme, Customer) == []
    assert rows(connected.acme, Order) != []


def test_two_syncs_asked_for_at_once_are_one(connected: Cast, database_url: str) -> None:
    first, second = ask(connected.acme), ask(connected.acme)

    assert first == second
    assert jobs(database_url) == 1
    assert work(connected.acme, first).state == "succeeded"
    assert ask(connected.acme) != first


def test_a_shop_whose_scopes_grew_is_read_from_the_start_again(connected: Cast, shopify: Simulator) -> None:
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
    run = work(acme, ask(acme), wire)
    shop = shopify.live_shop().shop
    assert run.records_total == len(shop.products) + len(shop.customers) + len(shop.orders)
    assert [asked["query"] for asked in wire.of("orders")] == [], "a first load again, by bulk operations"
    assert row(acme, Store)["complete_until"] is not None


def test_a_checkout_without_a_webhook_comes_with_the_next_sync(connected: Cast, shopify: Simulator) -> None:
    work(connected.acme, ask(connected.acme))
    checkouts_before = len(rows(connected.acme, Checkout))

    abandoned_id = shopify.abandon(at=datetime.now(UTC))
    run = work(connected.acme, ask(connected.acme))

    assert (run.state, run.error) == ("succeeded", None)
    checkouts = {checkout["checkout_id"]: checkout for checkout in rows(connected.acme, Checkout)}
    assert len(checkouts) == checkouts_before + 1
    assert (checkouts[abandoned_id]["source"], checkouts[abandoned_id]["completed_at"]) == ("api", None)


def test_stock_without_a_webhook_comes_with_the_next_sync(connected: Cast, shopify: Simulator) -> None:
    work(connected.acme, ask(connected.acme))
    before = {(each["inventory_item_id"], each["location_id"]): each for each in rows(connected.acme, InventoryLevel)}
    shop = shopify.live_shop().shop
    variant = next(variant for product in shop.products.values() for variant in product.variants)

    shopify.sell(at=datetime.now(UTC), lines=[[variant.variant_id, 2]])
    wire = Wire()
    run = work(connected.acme, ask(connected.acme), wire)

    assert (run.state, run.records_done) == ("succeeded", run.records_total), "levels are not in the progress"
    after = {(each["inventory_item_id"], each["location_id"]): each for each in rows(connected.acme, InventoryLevel)}
    assert after.keys() == before.keys()
    changed = {key: after[key]["available"] for key in after if after[key] != before[key]}
    (level, _) = inventory.levels(shop, inventory.Item(*shop.variant(variant.variant_id)))
    assert changed == {(variant.inventory_item_id, level.location.location_id): level.units}
    assert len(wire.of("inventory_levels")) == 2, "each location is asked for what changed there"
