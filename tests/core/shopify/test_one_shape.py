"""Against the simulator: the API and the webhooks give the same records of a shop, and its figures are exact to the
cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_SHOP
from core.domain import Customer, Order, Product, Refund, Source
from core.domain.ledger import sale_rows
from core.domain.sales import LineType, SaleRow
from core.errors import CredentialsRefused, ShopUnavailable
from core.shopify import auth, mapping, pages, webhooks
from core.shopify.client import ShopifyClient
from core.shopify.webhooks import Subscribed
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from core.simulator.webhooks import bodies, order_bodies, topics
from tests.core.simulator.order_comparison import without_split, without_splits
from tests.simulated import every

NOW = datetime(2026, 11, 21, tzinfo=UTC)
APP = auth.ClientCredentials(DEMO_CLIENT_ID, DEMO_SECRET)
ADDRESS = "http://127.0.0.1:1/webhooks/shopify"


@pytest.fixture(scope="module", params=[False, True], ids=["prices without tax", "prices with tax"])
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    spec = ShopSpec(seed=3, customers=60, orders=150, taxes_included=request.param)
    # Points that come back at once: these tests are about what is read, not about waiting for it.
    with Simulator([Setup(spec, restore_rate=1_000_000)]).running() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[ShopifyClient]:
    token = auth.fetch_access_token(DEMO_SHOP, APP, admin_url=simulator.admin_url, now=NOW)
    client = ShopifyClient(DEMO_SHOP, token.value, admin_url=simulator.admin_url)
    yield client
    client.close()


def delivered(topic: str, body: Any) -> Any:
    (record,) = mapping.from_webhook(topic, topics.encode_body(body), NOW)
    return record


def test_the_whole_shop_is_read(simulator: Simulator, client: ShopifyClient) -> None:
    shop = simulator.live_shop().shop
    assert {order.order_id for order in every(pages.orders_page, client, 50)} == set(shop.orders)
    assert {customer.customer_id for customer in every(pages.customers_page, client, 25)} == set(shop.customers)
    assert {product.product_id for product in every(pages.products_page, client, 10)} == set(shop.products)
    assert pages.counts(client) == pages.Totals(150, 60, len(shop.products))
    assert pages.shop(client).domain == DEMO_SHOP
    assert auth.missing_scopes(pages.shop(client).scopes) == ()


def test_an_order_says_the_same_by_webhook_and_by_api(simulator: Simulator, client: ShopifyClient) -> None:
    shop = simulator.live_shop().shop
    for order in pages.orders_by_ids(client, shop.orders):
        made = shop.orders[order.order_id]
        delivery: Order = delivered("orders/updated", order_bodies.order_body(shop, made))
        rewritten = (
            {"total": delivery.total, "presentment_total": delivery.presentment_total} if made.is_edited else {}
        )
        by_webhook = {"transactions": (), "agreements": None, "agreed_refunds": (), "source": Source.WEBHOOK}
        by_webhook |= {"return_lines": (), "location_name": None, "journey": None}
        by_api = replace(order, **by_webhook, **rewritten)
        assert without_splits(delivery, made) == without_splits(by_api, made), (
            "but for the total as placed, which edits rewrite"
        )


def test_a_refund_says_the_same_alone_and_in_its_order(simulator: Simulator, client: ShopifyClient) -> None:
    shop = simulator.live_shop().shop
    seen = 0
    for order in every(pages.orders_page, client, 50):
        for refund, made in zip(order.refunds, shop.orders[order.order_id].refunds, strict=True):
            body = order_bodies.refund_body(shop, shop.orders[order.order_id], made)
            delivery: Refund = delivered("refunds/create", body)
            order_made = shop.orders[order.order_id]
            assert without_split(delivery, order_made) == without_split(refund, order_made)
            seen += 1
    assert seen > 3


def test_every_return_is_read_with_its_reason_and_its_line(simulator: Simulator, client: ShopifyClient) -> None:
    shop = simulator.live_shop().shop
    theirs = {
        (back.return_id, line.refund_line_id, line.line_id, line.quantity, back.reason.lower())
        for order in shop.orders.values()
        for back in order.returns
        for line in back.lines
    }
    ours = {
        (line.return_id, line.return_line_id, line.line_item_id, line.quantity, line.reason)
        for order in pages.orders_by_ids(client, shop.orders)
        for line in order.return_lines
    }
    assert theirs, "or this test would prove nothing"
    assert ours == theirs


def test_a_customer_is_the_same_record_except_for_fields_that_webhooks_lost(
    simulator: Simulator, client: ShopifyClient
) -> None:
    shop = simulator.live_shop().shop
    for customer in every(pages.customers_page, client, 50):
        delivery: Customer = delivered(
            "customers/update", bodies.customer_body(shop, shop.customers[customer.customer_id])
        )
        lost = {"tags": None, "locale": None, "orders_count": None, "amount_spent": None}
        lost |= {"rfm_group": None, "predicted_spend_tier": None, "has_statistics": False}
        assert delivery == replace(customer, **lost, source=Source.WEBHOOK)


def test_a_product_says_the_same_but_for_its_costs(simulator: Simulator, client: ShopifyClient) -> None:
    shop = simulator.live_shop().shop
    for product in every(pages.products_page, client, 50):
        delivery: Product = delivered("products/update", bodies.product_body(shop, shop.products[product.product_id]))
        priced = tuple(replace(variant, unit_cost=None) for variant in product.variants)
        assert delivery == replace(product, variants=priced, source=Source.WEBHOOK)


def test_the_orders_read_add_up_to_the_shops_own_totals(simulator: Simulator, client: ShopifyClient) -> None:
    orders = [order for order in every(pages.orders_page, client, 50) if order.currency == "EUR"]
    rows = [row for order in orders for row in sale_rows(order)]
    sold = [row for row in rows if row.line_type == "product" and row.action != "return"]
    truth = simulator.truth().totals
    assert _sum(sold, "net") + _sum(sold, "discount") == truth.gross_sales
    assert _sum(sold, "discount") == truth.discounts
    assert _sum([row for row in rows if row.line_type != LineType.UNKNOWN], "tax") == truth.taxes
    assert _sum([row for row in rows if row.line_type == "shipping"], "net") == truth.shipping


def _sum(rows: list[SaleRow], name: str) -> Decimal:
    return sum((getattr(row, name) for row in rows), Decimal(0))


def test_topics_are_subscribed_once_and_given_up(client: ShopifyClient) -> None:
    first = webhooks.subscribe(client, ADDRESS)
    again = webhooks.subscribe(client, ADDRESS)
    ended = webhooks.unsubscribe(client, ADDRESS)
    assert {outcome.result for outcome in first} == {Subscribed.CREATED}
    assert {outcome.result for outcome in again} == {Subscribed.KEPT}
    assert sorted(outcome.topic for outcome in ended) == sorted(webhooks.TOPICS)


def test_a_wrong_secret_and_an_unknown_shop_are_refused_as_shopify_does(simulator: Simulator) -> None:
    wrong = auth.ClientCredentials(DEMO_CLIENT_ID, "shpss_wrong")
    with pytest.raises(CredentialsRefused):
        auth.fetch_access_token(DEMO_SHOP, wrong, admin_url=simulator.admin_url, now=NOW)
    with pytest.raises(ShopUnavailable):
        auth.fetch_access_token("nobody.myshopify.com", APP, admin_url=simulator.admin_url, now=NOW)
    with pytest.raises(CredentialsRefused):
        ShopifyClient(DEMO_SHOP, "shpat_wrong", admin_url=simulator.admin_url).execute("shop")
