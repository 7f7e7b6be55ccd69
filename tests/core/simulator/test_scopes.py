"""A field without its scope is refused like at Shopify, and a bulk operation as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core.shopify import documents
from core.simulator.defaults import SCOPES
from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec

SPEC = ShopSpec(customers=3, orders=5, until=date(2026, 11, 20), days=20)
ITEMS = "query { inventoryItems(first: 1) { nodes { id inventoryLevels(first: 1) { nodes { location { %s } } } } } }"


@pytest.fixture
def shop() -> Iterator[LiveShop]:
    simulator = Simulator([Setup(SPEC)])
    yield simulator.live_shop()
    simulator.stop()


def ask(shop: LiveShop, text: str, **variables: Any) -> dict[str, Any]:
    return shop.answer({"query": text, "variables": variables})


def lacking(shop: LiveShop, *missing: str) -> LiveShop:
    shop.shop.scopes = tuple(scope for scope in SCOPES if scope not in missing)
    return shop


def test_a_field_that_may_be_null_is_null_and_the_error_says_where_and_what_it_takes(shop: LiveShop) -> None:
    answer = ask(lacking(shop, "read_customers"), "query { orders(first: 2) { nodes { name customer { id } } } }")

    assert [(node["name"] is None, node["customer"]) for node in answer["data"]["orders"]["nodes"]] == [
        (False, None)
    ] * 2
    first, _ = answer["errors"]
    assert first["message"] == "Access denied for customer field. Required access: `read_customers` access scope."
    assert first["path"] == ["orders", "nodes", 0, "customer"]
    assert first["extensions"]["code"] == "ACCESS_DENIED"
    assert first["extensions"]["requiredAccess"] == "`read_customers` access scope."


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("query { customers(first: 1) { nodes { id } } }", "read_customers"),
        ("query { products(first: 1) { nodes { id } } }", "read_products"),
        ("query { locations(first: 1) { nodes { id } } }", "read_locations"),
        ("query { abandonedCheckouts(first: 1) { nodes { id } } }", "read_orders"),
    ],
)
def test_a_refused_field_that_must_not_be_null_leaves_no_data(shop: LiveShop, text: str, missing: str) -> None:
    answer = ask(lacking(shop, missing), text)

    (error,) = answer["errors"]
    assert (answer["data"], error["extensions"]["code"], len(error["path"])) == (None, "ACCESS_DENIED", 1)
    assert "errors" not in ask(lacking(shop), text)


def test_of_a_location_read_inventory_shows_its_id_and_nothing_else(shop: LiveShop) -> None:
    lacking(shop, "read_locations")

    assert "errors" not in ask(shop, ITEMS % "id")
    assert ask(shop, ITEMS % "id name")["errors"][0]["path"][-1] == "name"
    assert ask(lacking(shop, "read_inventory"), ITEMS % "id")["errors"][0]["path"][-1] == "inventoryLevels"
    assert "errors" not in ask(shop, "query { inventoryItems(first: 1) { nodes { id unitCost { amount } } } }")


def test_a_write_scope_includes_reading(shop: LiveShop) -> None:
    shop.shop.scopes = ("write_products",)

    assert "errors" not in ask(shop, "query { productsCount { count } }")
    assert ask(shop, "query { ordersCount { count } }")["data"] == {"ordersCount": None}


def test_the_shop_itself_needs_no_scope(shop: LiveShop) -> None:
    shop.shop.scopes = ()

    assert "errors" not in ask(shop, documents.load("shop"))


@pytest.mark.parametrize(
    ("inside", "missing", "error"),
    [
        ("id customer { id }", "read_customers", "ACCESS_DENIED"),
        ("id lineItems { edges { node { id product { id } } } }", "read_products", "ACCESS_DENIED"),
        ("id", "read_orders", "ACCESS_DENIED"),
        ("id", "read_customers", None),
    ],
)
def test_a_bulk_operation_without_a_scope_is_refused_as_a_whole(
    shop: LiveShop, inside: str, missing: str, error: str | None
) -> None:
    lacking(shop, missing)
    shop.bulk.run("query { orders { edges { node { %s } } } }" % inside)  # noqa: UP031

    (number,) = shop.bulk.by_number
    assert shop.bulk.refreshed_node(number)["errorCode"] == error
