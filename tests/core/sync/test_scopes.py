"""Records without their scope are left out, and the page names the scope; all others come in, in every sync."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
import requests

from core import stores
from core.connections import connect as connecting
from core.database.models import (
    Checkout,
    Customer,
    InventoryLevel,
    LineItem,
    Location,
    Order,
    Product,
)
from core.shopify.auth import AdminToken
from core.shopify.documents import load
from core.simulator.admin_api.bulk import BulkOutcome
from core.simulator.defaults import SCOPES
from core.simulator.http.simulator import Simulator
from core.simulator.shop import inventory
from core.sync import first_load
from core.sync.first_load.plan import spans
from core.webhooks import apply
from tests.cast import Business, Cast
from tests.core.conftest import ACME_TOKEN
from tests.core.shopify.fakes import reply
from tests.core.sync.syncing import ask, work
from tests.core.transports import Wire
from tests.shopify_sends import ACME_SECRET, store_delivery
from tests.stored import rows, total_sales

OPTIONAL = (
    *("read_all_orders", "read_customer_merge", "read_inventory", "read_locations", "read_reports", "read_returns"),
)


def connect(cast: Cast, shopify: Simulator, missing: Iterable[str] = ()) -> stores.StoreView:
    """Acme connects its shop, which grants all scopes but these."""
    shopify.live_shop().shop.scopes = tuple(scope for scope in SCOPES if scope not in missing)
    return connecting.connect(
        cast.alice.actor, cast.acme.shop_domain, AdminToken(ACME_TOKEN, ACME_SECRET), datetime.now(UTC)
    )


def change_scopes(cast: Cast, shopify: Simulator, scopes: Iterable[str]) -> None:
    """Change the scopes that Acme's shop grants, and apply Shopify's webhook about them."""
    current = list(scopes)
    store_delivery(cast.acme, "app/scopes_update", {"current": current}, datetime.now(UTC) + timedelta(seconds=1))
    apply.apply_pending(cast.acme.key, datetime.now(UTC))
    shopify.live_shop().shop.scopes = tuple(current)


def view(business: Business) -> stores.StoreView:
    return stores.find(business.key)


def refusing(document: str) -> Wire:
    """As Shopify refuses a document to somebody who lacks a permission."""
    error = {"message": "Access denied.", "path": [document], "extensions": {"code": "ACCESS_DENIED"}}

    def refuse(_: int) -> requests.Response | None:
        return reply({"errors": [error], "data": None}) if wire.sent[-1].get("query") == load(document) else None

    wire = Wire(refuse)
    return wire


def levels(business: Business) -> dict[tuple[int, int], int]:
    return {
        (each["inventory_item_id"], each["location_id"]): each["available"] for each in rows(business, InventoryLevel)
    }


def true_levels(shopify: Simulator) -> dict[tuple[int, int], int]:
    shop = shopify.live_shop().shop
    every = [level for item in inventory.items(shop).values() for level in inventory.levels(shop, item)]
    return {(level.item.variant.inventory_item_id, level.location.location_id): level.units for level in every}


@pytest.mark.parametrize("missing", OPTIONAL)
def test_a_shop_that_grants_all_but_an_optional_scope_loads_and_syncs_to_the_end(
    cast: Cast, shopify: Simulator, missing: str
) -> None:
    connect(cast, shopify, [missing])

    first = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    new = shopify.sell(at=datetime.now(UTC))
    then = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert (first.state, first.error, then.state, then.error) == ("succeeded", None, "succeeded", None)
    assert new in {each["order_id"] for each in rows(cast.acme, Order)}
    store = view(cast.acme)
    assert (store.missing_scopes, store.withheld_fields, store.refused_entities) == ((), (), ())
    if missing == "read_all_orders":
        assert len(rows(cast.acme, Order)) < len(shopify.live_shop().shop.orders)
    else:
        assert total_sales(cast.acme) == shopify.truth().totals.total_sales > 0
    assert levels(cast.acme) == ({} if missing == "read_inventory" else true_levels(shopify))
    names = [each["name"] for each in rows(cast.acme, Location)]
    assert names == ([] if missing in ("read_inventory", "read_locations") else ["Warehouse", "Shop window"])


@pytest.mark.parametrize(("missing", "lost"), [("read_customers", Customer), ("read_products", Product)])
def test_a_shop_without_a_needed_scope_has_its_orders_read_and_names_the_missing_scope(
    cast: Cast, shopify: Simulator, missing: str, lost: type[Customer] | type[Product]
) -> None:
    connect(cast, shopify, [missing])

    first = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    new = shopify.sell(at=datetime.now(UTC))
    then = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert (first.state, first.error, then.state, then.error) == ("succeeded", None, "succeeded", None)
    assert new in {each["order_id"] for each in rows(cast.acme, Order)}
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales > 0
    assert rows(cast.acme, lost) == []
    assert view(cast.acme).missing_scopes == (missing,)
    named = {each["product_id"] for each in rows(cast.acme, LineItem)}
    assert (named == {None}) == (missing == "read_products")


def test_a_shop_that_grants_no_orders_is_read_without_and_says_so(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify, ["read_orders"])

    run = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert (run.state, run.error) == ("succeeded", None)
    assert rows(cast.acme, Order) == rows(cast.acme, Checkout) == []
    assert rows(cast.acme, Customer) != []
    assert view(cast.acme).missing_scopes == ("read_orders",)


def test_a_scope_to_write_is_one_to_read(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify)
    shopify.live_shop().shop.scopes = tuple(scope.replace("read_inventory", "write_inventory") for scope in SCOPES)
    change_scopes(cast, shopify, shopify.live_shop().shop.scopes)

    assert work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1)).state == "succeeded"
    assert levels(cast.acme) == true_levels(shopify)


def test_stock_comes_with_the_products_that_changed_where_locations_cannot_be_listed(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify, ["read_locations"])
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    before = levels(cast.acme)
    variant = next(v for product in shopify.live_shop().shop.products.values() for v in product.variants)
    shopify.sell(at=datetime.now(UTC), lines=[[variant.variant_id, 2]])
    wire = Wire()

    work(cast.acme, ask(cast.acme), wire, slice_length=timedelta(minutes=1))

    assert levels(cast.acme) == true_levels(shopify) != before
    assert wire.of("inventory_levels") == []
    (asked,) = wire.of("inventory_items")
    assert f"gid://shopify/InventoryItem/{variant.inventory_item_id}" in asked["ids"]


def test_stock_that_shopify_refuses_though_it_was_granted_is_noted_and_the_orders_go_on(
    cast: Cast, shopify: Simulator
) -> None:
    """As when a staff member's permission is missing."""
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    new = shopify.sell(at=datetime.now(UTC))

    run = work(cast.acme, ask(cast.acme), refusing("inventory_levels"), slice_length=timedelta(minutes=1))

    assert (run.state, run.error) == ("succeeded", None)
    assert new in {each["order_id"] for each in rows(cast.acme, Order)}
    assert view(cast.acme).refused_entities == ("locations",)


def test_checkouts_that_shopify_refuses_keep_no_sync_from_its_end(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    new = shopify.sell(at=datetime.now(UTC))
    wire = refusing("checkouts")

    run = work(cast.acme, ask(cast.acme), wire, slice_length=timedelta(minutes=1))

    assert (run.state, run.error) == ("succeeded", None)
    assert new in {each["order_id"] for each in rows(cast.acme, Order)}
    assert len(wire.of("checkouts")) == 1
    assert view(cast.acme).refused_entities == ("checkouts",)


def test_a_first_load_whose_stock_is_refused_goes_on_and_the_next_connection_reads_it(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify)
    parts = spans(datetime.now(UTC), shopify.live_shop().shop.created_at, first_load.ENTITIES)
    place = [part.entity for part in parts].index("inventory")
    shopify.live_shop().bulk.set_next([BulkOutcome.COMPLETED] * place + [BulkOutcome.ACCESS_DENIED])

    run = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert (run.state, run.error) == ("succeeded", None)
    assert view(cast.acme).refused_entities == ("inventory",)
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales > 0
    connect(cast, shopify)
    assert (view(cast.acme).refused_entities, view(cast.acme).complete_until) == ((), None)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    assert levels(cast.acme) == true_levels(shopify)


def test_checkouts_that_shopify_does_not_let_the_app_collect_are_noted_and_left_out(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify)
    parts = spans(datetime.now(UTC), shopify.live_shop().shop.created_at, first_load.ENTITIES)
    assert parts[-1].entity == "checkouts"
    shopify.live_shop().bulk.set_next([BulkOutcome.COMPLETED] * (len(parts) - 1) + [BulkOutcome.ACCESS_DENIED])

    run = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert (run.state, run.error) == ("succeeded", None)
    assert view(cast.acme).refused_entities == ("checkouts",)
