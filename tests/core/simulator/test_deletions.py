"""Deletions and merges in the shop: their webhooks, and the truth, which follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from core.config import DEMO_SHOP, DEMO_TOKEN
from core.domain import Deleted, Kind, Merged
from core.shopify import mapping
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from core.simulator.shop.truth import Truth
from core.simulator.webhooks.order_bodies import order_body
from tests.core.simulator.clocks import Clock
from tests.core.simulator.receivers import Received, Receiver
from tests.core.simulator.test_webhooks import key_differences, sample

SPEC = ShopSpec(customers=20, orders=40)
TOPICS = ("ORDERS_DELETE", "CUSTOMERS_UPDATE", "CUSTOMERS_DELETE", "CUSTOMERS_MERGE", "PRODUCTS_DELETE")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def sim(clock: Clock, receiver: Receiver) -> Iterator[Simulator]:
    with Simulator([SPEC], clock=clock, backoff=()).running() as running:
        for topic in TOPICS:
            running.live_shop().trigger("subscribe", {"topic": topic, "uri": receiver.url})
        yield running


@pytest.fixture
def received(sim: Simulator, receiver: Receiver) -> Callable[[str], Received]:
    def of(topic: str) -> Received:
        assert sim.sender.wait_until_sent()
        return receiver.of(topic)

    return of


def happen(sim: Simulator, kind: str, **args: Any) -> dict[str, Any]:
    answer = requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/{kind}", json=args, timeout=10)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def refusal(sim: Simulator, kind: str, **args: Any) -> str:
    answer = requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/{kind}", json=args, timeout=10)
    assert answer.status_code == 422
    return str(answer.json()["errors"])


def ask(sim: Simulator, query: str) -> Any:
    answer = requests.post(
        f"{sim.url}/{DEMO_SHOP}/admin/api/2026-10/graphql.json",
        json={"query": query},
        headers={"X-Shopify-Access-Token": DEMO_TOKEN},
        timeout=10,
    )
    return answer.json()["data"]


def mapped(delivered: Received) -> Any:
    return mapping.from_webhook(delivered.topic, delivered.raw, NOW)


def test_a_deleted_order_leaves_the_truth_and_its_customer_s_totals(
    sim: Simulator, received: Callable[[str], Received]
) -> None:
    def numbers() -> tuple[Any, ...]:
        return sim.truth().to_json(), customer.orders_count, customer.amount_spent

    customer = sim.live_shop().shop.buyers[0]
    before = numbers()
    order_id = sim.sell(customer_id=customer.customer_id)
    assert numbers() != before
    happen(sim, "delete_order", order_id=order_id)
    assert numbers() == before
    assert mapped(received("orders/delete")) == (Deleted(Kind.ORDER, order_id, NOW),)
    assert received("customers/update").body["id"] == customer.customer_id
    assert ask(sim, f'{{ order(id: "gid://shopify/Order/{order_id}") {{ id }} }}') == {"order": None}


def test_the_only_order_of_a_customer_can_be_deleted_and_then_the_customer(sim: Simulator) -> None:
    customer_id = happen(sim, "new_customer")["customer_id"]
    order_id = sim.sell(customer_id=customer_id)
    assert "cannot be deleted" in refusal(sim, "delete_customer", customer_id=customer_id)
    happen(sim, "delete_order", order_id=order_id)
    happen(sim, "delete_customer", customer_id=customer_id)
    assert customer_id not in sim.live_shop().shop.customers
    assert customer_id not in {buyer.customer_id for buyer in sim.live_shop().shop.buyers}


def test_the_webhook_of_a_deleted_customer_has_the_id_alone(
    sim: Simulator, received: Callable[[str], Received]
) -> None:
    customer_id = happen(sim, "delete_customer", customer_id=happen(sim, "new_customer")["customer_id"])[
        "customer_id"
    ]
    delivered = received("customers/delete")
    assert mapped(delivered) == (Deleted(Kind.CUSTOMER, customer_id, NOW),)
    assert list(key_differences(delivered.body, sample("customers/delete"))) == []
    assert ask(sim, f'{{ customer(id: "gid://shopify/Customer/{customer_id}") {{ id }} }}') == {"customer": None}


def test_merged_customers_are_one_with_the_orders_of_both(
    sim: Simulator, received: Callable[[str], Received]
) -> None:
    shop = sim.live_shop().shop
    counted = sim.truth().by_customer  # not those who bought in the shop's former currency alone
    survivor, merged = [buyer for buyer in shop.buyers if str(buyer.customer_id) in counted][:2]
    spent, orders = survivor.amount_spent + merged.amount_spent, survivor.orders_count + merged.orders_count
    before = sim.truth()
    happen(sim, "merge_customers", kept_id=survivor.customer_id, merged_id=merged.customer_id)
    assert (survivor.amount_spent, survivor.orders_count) == (spent, orders)
    after = sim.truth()
    assert (after.totals, after.customers) == (before.totals, before.customers - 1)
    assert _net(after, survivor.customer_id) == _net(before, survivor.customer_id) + _net(before, merged.customer_id)
    delivered = received("customers/merge")
    assert mapped(delivered) == (Merged(survivor.customer_id, merged.customer_id, NOW),)
    assert list(key_differences(delivered.body | {"errors": []}, sample("customers/merge") | {"errors": []})) == []
    assert received("customers/update").body["id"] == survivor.customer_id


def test_checkouts_of_merged_customers_are_the_survivors_even_after_another_merge(sim: Simulator) -> None:
    shop = sim.live_shop().shop
    checkout = next(iter(shop.checkouts.values()))
    first, second, *_ = (buyer for buyer in shop.buyers if buyer is not checkout.customer)
    happen(sim, "merge_customers", kept_id=first.customer_id, merged_id=checkout.customer.customer_id)
    happen(sim, "merge_customers", kept_id=second.customer_id, merged_id=first.customer_id)
    query = f'{{ node(id: "gid://shopify/AbandonedCheckout/{checkout.checkout_id}") {{ ... on AbandonedCheckout'
    data = ask(sim, query + " { customer { id } } } }")
    assert data == {"node": {"customer": {"id": f"gid://shopify/Customer/{second.customer_id}"}}}


def test_a_customer_is_not_merged_with_itself(sim: Simulator) -> None:
    customer_id = sim.live_shop().shop.buyers[0].customer_id
    assert "name two" in refusal(sim, "merge_customers", kept_id=customer_id, merged_id=customer_id)


def test_lines_that_sold_a_deleted_product_keep_its_title_and_lose_its_ids(
    sim: Simulator, received: Callable[[str], Received]
) -> None:
    shop = sim.live_shop().shop
    product = next(iter(shop.products.values()))
    variant_id = product.variants[0].variant_id
    order_id = sim.sell(lines=[[variant_id, 2]])
    before = sim.truth().to_json()
    happen(sim, "delete_product", product_id=product.product_id)
    assert sim.truth().to_json() == before
    assert mapped(received("products/delete")) == (Deleted(Kind.PRODUCT, product.product_id, NOW),)
    line = order_body(shop, shop.orders[order_id])["line_items"][0]
    assert (line["title"], line["product_id"], line["variant_id"]) == (product.title, None, None)
    assert not line["product_exists"]
    lines = "lineItems(first: 5) { nodes { title product { id } variant { id } } }"
    node = ask(sim, f'{{ order(id: "gid://shopify/Order/{order_id}") {{ {lines} }} }}')["order"]["lineItems"]["nodes"]
    assert node == [{"title": product.title, "product": None, "variant": None}]
    assert ask(sim, f'{{ productVariant(id: "gid://shopify/ProductVariant/{variant_id}") {{ id }} }}') == {
        "productVariant": None
    }


def test_goods_of_a_deleted_product_may_come_back_and_cannot_be_bought(sim: Simulator) -> None:
    product = next(iter(sim.live_shop().shop.products.values()))
    variant_id = product.variants[0].variant_id
    order_id = sim.sell(lines=[[variant_id, 1]])
    happen(sim, "delete_product", product_id=product.product_id)
    returned = sim.truth().totals.returns
    sim.refund(order_id)
    assert sim.truth().totals.returns > returned
    answer = requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/sell", json={"lines": [[variant_id, 1]]}, timeout=10)
    assert (answer.status_code, answer.json()["errors"]) == (404, "The product of this variant was deleted")


def test_the_gift_card_stays(sim: Simulator) -> None:
    card = next(product for product in sim.live_shop().shop.products.values() if product.is_gift_card)
    assert "gift card" in refusal(sim, "delete_product", product_id=card.product_id)


def test_an_event_without_an_id_chooses_by_chance(sim: Simulator) -> None:
    shop = sim.live_shop().shop
    sizes = len(shop.orders), len(shop.customers), len(shop.products)
    happen(sim, "delete_order")
    happen(sim, "merge_customers")
    happen(sim, "delete_product")
    assert (len(shop.orders), len(shop.customers), len(shop.products)) == tuple(size - 1 for size in sizes)
    assert happen(sim, "refund")["refund_id"]


def test_some_or_all_subscriptions_are_dropped_without_a_webhook(sim: Simulator, receiver: Receiver) -> None:
    known = sim.live_shop().subscriptions.by_id
    dropped = happen(sim, "drop_subscriptions", count=2)["dropped"]
    assert len(dropped) == 2
    assert len(known) == len(TOPICS) - 2
    assert {*dropped, *happen(sim, "drop_subscriptions")["dropped"]} == set(TOPICS)
    assert known == {}
    sim.sell()
    assert sim.sender.wait_until_sent()
    assert receiver.received == []
    assert "count is how many" in refusal(sim, "drop_subscriptions", count="all")


def test_deletions_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    journal = tmp_path / "simulator.jsonl"
    first = Simulator([SPEC], clock=clock, journal=journal)
    for kind in ("delete_order", "merge_customers", "delete_product", "drop_subscriptions", "sell", "refund"):
        first.live_shop().trigger(kind)
    first.stop()
    second = Simulator([SPEC], clock=clock, journal=journal)
    assert second.truth().to_json() == first.truth().to_json()
    assert second.live_shop().shop.products.keys() == first.live_shop().shop.products.keys()
    second.stop()


def _net(true: Truth, customer_id: int) -> Decimal:
    return true.by_customer[str(customer_id)].net_sales
