"""The API and the webhooks describe the same shop: records mapped from either are equal."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import fields, replace

from core.domain import Order, Refund
from core.domain.ledger import sale_rows
from core.domain.sales import SaleRow
from core.shopify import documents, mapping
from core.simulator.admin_api.bulk import BulkOperations
from core.simulator.admin_api.cost import Bucket
from core.simulator.admin_api.graphql import answer
from core.simulator.admin_api.root_fields import RootFields
from core.simulator.life.abandoned_checkouts import make_abandoned_checkouts
from core.simulator.life.history import make_shop
from core.simulator.shop.shop import Shop, ShopSpec
from core.simulator.shop.subscriptions import Subscriptions
from core.simulator.webhooks.bodies import customer_body, product_body
from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.refund_bodies import refund_body
from core.simulator.webhooks.topics import encode_body
from tests.core.simulator.clocks import Clock
from tests.core.simulator.order_comparison import is_computable, without_split, without_splits

SIZES = {"lines": 50, "refunds": 20, "refundLines": 50, "agreements": 20, "sales": 50}


@pytest.fixture(scope="module", params=[False, True], ids=["tax on top", "tax included"])
def shop(request: pytest.FixtureRequest) -> Shop:
    return make_shop(ShopSpec(customers=80, orders=260, until=date(2026, 11, 20), taxes_included=request.param))


@pytest.fixture(scope="module")
def orders(shop: Shop) -> list[Order]:
    """Return all orders of the API, with their ledgers."""
    records: list[Order] = []
    gids = [f"gid://shopify/Order/{order_id}" for order_id in shop.orders]
    for start in range(0, len(gids), 8):
        data = ask(shop, "order_details", ids=gids[start : start + 8], **SIZES)
        records += [mapping.order(node) for node in data["nodes"]]
    return records


def ask(shop: Shop, document: str, **variables: Any) -> dict[str, Any]:
    clock = Clock()
    bulk = BulkOperations(shop.spec.domain, clock, _never)
    roots = RootFields(
        shop, Subscriptions(shop.spec.domain), clock, _never, _never, bulk, make_abandoned_checkouts(shop)
    )
    body = answer(roots, Bucket(10_000, 100, clock), {"query": documents.load(document), "variables": variables})
    assert "errors" not in body
    data: dict[str, Any] = json.loads(json.dumps(body["data"]), parse_float=Decimal)  # as over the wire
    return data


def test_an_order_is_the_same_by_webhook_and_by_api(shop: Shop, orders: list[Order]) -> None:
    for by_api in orders:
        raw = encode_body(order_body(shop, shop.orders[by_api.order_id]))
        (by_webhook,) = mapping.from_webhook("orders/updated", raw, triggered_at=None)
        assert isinstance(by_webhook, Order)
        made_order = shop.orders[by_api.order_id]
        only_by_api = {"source", "agreements", "agreed_refunds", "transactions"}
        only_by_api |= {"return_lines", "location_name", "journey"}
        if made_order.is_edited:  # A webhook's body has the totals after the edit.
            only_by_api |= {"total", "presentment_total"}
        ours, theirs = without_splits(by_webhook, made_order), without_splits(by_api, made_order)
        differing = {
            field.name: (getattr(ours, field.name), getattr(theirs, field.name))
            for field in fields(Order)
            if field.name not in only_by_api and getattr(ours, field.name) != getattr(theirs, field.name)
        }
        assert differing == {}, by_api.name


def test_a_refund_is_the_same_by_webhook_as_in_its_order(shop: Shop, orders: list[Order]) -> None:
    refunds = [refund for order in orders for refund in order.refunds]
    assert len(refunds) > 10
    for by_api in refunds:
        order, refund = shop.find_refund(by_api.refund_id)
        raw = encode_body(refund_body(shop, order, refund))
        (by_webhook,) = mapping.from_webhook("refunds/create", raw, triggered_at=None)
        assert isinstance(by_webhook, Refund)
        assert without_split(by_webhook, order) == without_split(by_api, order)


def test_the_lines_of_an_unedited_order_add_up_to_its_ledger(shop: Shop, orders: list[Order]) -> None:
    """Both the API's lines and a body's."""
    plain = [order for order in orders if is_computable(shop, shop.orders[order.order_id])]
    assert len(plain) > 200
    for order in plain:
        assert _sums(sale_rows(order)) == _sums(sale_rows(replace(order, agreements=None))), order.name
        raw = encode_body(order_body(shop, shop.orders[order.order_id]))
        (by_webhook,) = mapping.from_webhook("orders/updated", raw, triggered_at=None)
        assert isinstance(by_webhook, Order)
        assert _sums(sale_rows(by_webhook)) == _sums(sale_rows(order)), order.name


def test_customers_are_the_same_except_fields_that_webhooks_no_longer_have(shop: Shop) -> None:
    nodes = ask(shop, "customers", query="", first=100)["customers"]["nodes"]
    for node in nodes:
        by_api = mapping.customer(node)
        raw = encode_body(customer_body(shop, shop.customers[by_api.customer_id]))
        (by_webhook,) = mapping.from_webhook("customers/update", raw, triggered_at=None)
        only_by_api = {"tags", "locale", "orders_count", "amount_spent", "currency", "source"}
        only_by_api |= {"rfm_group", "predicted_spend_tier", "has_statistics"}
        for field in fields(by_api):
            if field.name not in only_by_api:
                assert getattr(by_webhook, field.name) == getattr(by_api, field.name), field.name
    assert len(nodes) == 80


def test_products_are_the_same_except_their_unit_costs(shop: Shop) -> None:
    for node in ask(shop, "products", query="", first=50, variants=20)["products"]["nodes"]:
        by_api = mapping.product(node)
        raw = encode_body(product_body(shop, shop.products[by_api.product_id]))
        (by_webhook,) = mapping.from_webhook("products/update", raw, triggered_at=None)
        costless = tuple(replace(variant, unit_cost=None) for variant in by_api.variants)
        assert by_webhook == replace(by_api, source=by_webhook.source, variants=costless)  # type: ignore[union-attr]


def _sums(rows: tuple[SaleRow, ...]) -> list[tuple[Any, ...]]:
    """The rows without the line of a gift card's sale, which only the API knows."""
    return sorted((row.happened_at, row.line_type, row.quantity, row.net, row.tax, row.discount) for row in rows)


def _never(*_: Any) -> Any:
    raise AssertionError("no test subscribes here")
