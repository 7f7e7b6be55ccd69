"""Events are sent to their subscribers, signed and in the shape of Shopify's own webhooks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.config import DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN
from core.domain import InventoryLevel
from core.shopify import bulk, inventory, pages, webhooks
from core.shopify.client import ShopifyClient
from core.simulator.admin_api.bulk import BulkOutcome
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.clocks import Clock
from tests.core.simulator.receivers import Received, Receiver

SAMPLES = Path(__file__).parents[2] / "payloads" / "webhooks"
SPEC = ShopSpec(customers=20, orders=40)


@pytest.fixture
def sim(clock: Clock) -> Iterator[Simulator]:
    with Simulator([SPEC], clock=clock, backoff=(0.02, 0.04, 0.08)).running() as running:
        yield running


@pytest.fixture
def received(sim: Simulator, receiver: Receiver) -> Callable[[], list[Received]]:
    """Subscribe to everything; return what was received so far, once everything is sent."""
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    outcomes = webhooks.subscribe(client, receiver.url)
    assert {outcome.result for outcome in outcomes} == {webhooks.Subscribed.CREATED}
    client.close()

    def received() -> list[Received]:
        assert sim.sender.wait_until_sent()
        return receiver.received

    return received


def sample(topic: str) -> Any:
    return json.loads((SAMPLES / f"{topic.replace('/', '__')}.json").read_text())


def test_a_sale_is_sent_at_once_signed_and_with_shopify_s_headers(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    order_id = sim.sell()
    received()
    delivered = receiver.of("orders/create")
    assert delivered.body["id"] == order_id
    headers = webhooks.WebhookHeaders.parse(delivered.headers)
    assert webhooks.verify(delivered.raw, delivered.headers["X-Shopify-Hmac-Sha256"], [DEMO_SECRET])
    assert not webhooks.verify(delivered.raw, delivered.headers["X-Shopify-Hmac-Sha256"], ["another secret"])
    assert (headers.topic, headers.shop, headers.api_version) == ("orders/create", DEMO_SHOP, "2026-10")
    assert re.fullmatch(r"2026-11-20T12:00:00\.\d{9}Z", delivered.headers["X-Shopify-Triggered-At"])
    recorded = json.loads((SAMPLES / "delivered-2024-10" / "orders__create.json").read_text())["headers"]
    ours = {name.lower() for name in delivered.headers}
    assert {name for name in recorded if name.startswith("x-shopify-")} - {"x-shopify-test"} <= ours


def test_deliveries_have_their_own_ids_and_share_the_id_of_their_event(
    sim: Simulator, received: Callable[[], list[Received]]
) -> None:
    sim.cancel(sim.sell())
    deliveries = received()
    assert len({delivery.headers["X-Shopify-Webhook-Id"] for delivery in deliveries}) == len(deliveries)
    sold = {delivery.headers["X-Shopify-Event-Id"] for delivery in deliveries if delivery.topic == "orders/create"}
    cancelled = {
        delivery.headers["X-Shopify-Event-Id"]
        for delivery in deliveries
        if delivery.topic in ("orders/cancelled", "refunds/create")
    }
    assert (len(sold), len(cancelled)) == (1, 1)
    assert sold != cancelled


def test_bodies_have_exactly_the_keys_of_shopify_s(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    variants = [next(iter(product.variants)).variant_id for product in sim.live_shop().shop.products.values()]
    order_id = sim.sell(new_customer=True, lines=[[variants[0], 2], [variants[1], 1]])
    sim.refund(order_id)
    sim.cancel(sim.sell(new_customer=True))
    customer_id = next(iter(sim.live_shop().shop.customers))
    sim.update_customer(customer_id, first_name="Ada")
    received()
    for topic in (
        "orders/create",
        "orders/updated",
        "orders/cancelled",
        "refunds/create",
        "customers/create",
        "customers/update",
        "products/update",
    ):
        assert list(key_differences(receiver.of(topic).body, sample(topic))) == [], topic


def test_an_edit_is_sent_with_ids_and_deltas_only(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    variant = next(iter(sim.live_shop().shop.products.values())).variants[0].variant_id
    order_id = sim.sell(lines=[[variant, 3]])
    line_id = sim.live_shop().shop.orders[order_id].lines[0].line_id
    added = sim.edit(order_id, variant_id=variant, quantity=2)["added"]
    sim.edit(order_id, line_id=line_id, quantity=1)
    received()
    recorded = json.loads((SAMPLES / "delivered-2024-10" / "orders__edited.json").read_text())["body"]
    bodies = [delivery.body["order_edit"] for delivery in receiver.received if delivery.topic == "orders/edited"]
    assert list(key_differences({"order_edit": bodies[0]}, recorded)) == []
    assert bodies[0]["line_items"] == {"additions": [{"id": added[0], "delta": 2}], "removals": []}
    assert bodies[1]["line_items"] == {"additions": [], "removals": [{"id": line_id, "delta": 1}]}


def test_every_version_of_an_order_has_a_later_time(sim: Simulator, received: Callable[[], list[Received]]) -> None:
    order_id = sim.sell(lines=[[next(iter(sim.live_shop().shop.products.values())).variants[0].variant_id, 3]])
    line_id = sim.live_shop().shop.orders[order_id].lines[0].line_id
    sim.refund(order_id, units={line_id: 1})
    sim.edit(order_id)
    sim.cancel(order_id)
    by_event: dict[str, set[str]] = {}
    for delivery in received():
        if delivery.topic.startswith("orders/") and delivery.topic != "orders/edited":
            by_event.setdefault(delivery.headers["X-Shopify-Event-Id"], set()).add(delivery.body["updated_at"])
    versions = list(by_event.values())
    assert [len(times) for times in versions] == [1, 1, 1, 1]
    assert len(set.union(*versions)) == 4


def test_times_in_bodies_are_the_shop_s_and_amounts_have_all_their_cents(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    sim.sell()
    received()
    body = receiver.of("orders/create").body
    assert body["created_at"] == "2026-11-20T13:00:00+01:00"
    assert re.fullmatch(r"\d+\.\d\d", body["total_price"])
    assert body["total_price_set"]["shop_money"] == {"amount": body["total_price"], "currency_code": "EUR"}


def test_refunds_carry_their_two_numbers_as_shopify_does(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    order_id = sim.sell(lines=[[next(iter(sim.live_shop().shop.products.values())).variants[0].variant_id, 1]])
    sim.refund(order_id, discrepancy="1.50", units={sim.live_shop().shop.orders[order_id].lines[0].line_id: 1})
    received()
    body = receiver.of("refunds/create").body
    line = body["refund_line_items"][0]
    assert isinstance(line["subtotal"], float)
    assert line["subtotal_set"]["shop_money"]["amount"] == f"{line['subtotal']:.2f}"
    assert [(adjustment["kind"], adjustment["amount"]) for adjustment in body["order_adjustments"]] == [
        ("refund_discrepancy", "1.50")
    ]


def test_a_receiver_that_fails_gets_the_same_bytes_again(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    receiver.answers = [500, 302, 401]
    sim.update_product(next(iter(sim.live_shop().shop.products)), title="Renamed")
    deliveries = received()
    assert [delivery.topic for delivery in deliveries] == ["products/update"] * 4
    assert len({(delivery.raw, delivery.headers["X-Shopify-Webhook-Id"]) for delivery in deliveries}) == 1
    assert deliveries[0].body["title"] == "Renamed"
    assert (sim.sender.sent, sim.sender.failed) == (1, 0)


def test_retries_of_a_receiver_that_never_answers_end(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    receiver.answers = [503] * 20
    sim.update_product(next(iter(sim.live_shop().shop.products)))
    assert len(received()) == 4
    assert (sim.sender.sent, sim.sender.failed) == (0, 1)


def test_the_backoff_between_retries_grows(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    receiver.answers = [500, 500, 500]
    began = time.monotonic()
    sim.update_product(next(iter(sim.live_shop().shop.products)))
    received()
    assert time.monotonic() - began >= 0.02 + 0.04 + 0.08


def test_no_webhook_is_sent_after_unsubscribing(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    webhooks.unsubscribe(client, receiver.url)
    client.close()
    sim.sell()
    assert received() == []


def key_differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Return where the keys of two bodies differ, at any depth. Of lists, the first rows are compared."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from (f"{path}/{key} is not Shopify's" for key in ours.keys() - theirs.keys())
        yield from (f"{path}/{key} is missing" for key in theirs.keys() - ours.keys())
        for key in ours.keys() & theirs.keys():
            yield from key_differences(ours[key], theirs[key], f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and ours and theirs:
        yield from key_differences(ours[0], theirs[0], f"{path}[]")


def test_an_abandoned_checkout_sends_its_cart_and_itself(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    checkout_id = sim.abandon()
    received()
    cart, checkout = receiver.of("carts/update").body, receiver.of("checkouts/create").body
    assert "id" not in checkout, "as since 2026-04"
    assert (checkout["name"], checkout["cart_token"]) == (f"#{checkout_id}", cart["token"])
    assert checkout["completed_at"] is None
    units = [line["quantity"] for line in cart["line_items"]]
    assert units == [line["quantity"] for line in checkout["line_items"]]
    for body, topic in ((cart, "carts/update"), (checkout, "checkouts/create")):
        assert body.keys() <= sample(topic).keys()
        assert body["line_items"][0].keys() <= sample(topic)["line_items"][0].keys()


def test_a_cart_that_was_left_sends_itself_and_no_checkout(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    token = sim.fill_cart()
    (sent,) = received()
    assert (sent.topic, sent.body["id"], sent.body["token"]) == ("carts/create", token, token)
    assert sent.body.keys() <= sample("carts/create").keys()
    assert sent.body["line_items"][0].keys() <= sample("carts/create")["line_items"][0].keys()


def test_the_api_lists_an_abandoned_checkout(sim: Simulator) -> None:
    checkout_id = sim.abandon()
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    (checkout,) = pages.checkouts_page(client, f"id:{checkout_id}", None).records
    client.close()
    assert (checkout.checkout_id, checkout.completed_at) == (checkout_id, None)  # type: ignore[union-attr]


def test_the_end_of_a_bulk_operation_sends_its_status(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    sim.live_shop().bulk.set_next([BulkOutcome.COMPLETED, BulkOutcome.PARTIAL])
    started = [bulk.start(client, "customers", ""), bulk.start(client, "products", "")]
    client.close()

    ended = {body["admin_graphql_api_id"]: body for body in wait_for(receiver, "bulk_operations/finish", 2)}
    assert list(ended) == started or list(ended) == started[::-1]
    assert [(ended[str(operation)]["status"], ended[str(operation)]["error_code"]) for operation in started] == [
        ("completed", None),
        ("failed", "timeout"),
    ]
    assert ended[str(started[0])].keys() == sample("bulk_operations/finish").keys()


def wait_for(receiver: Receiver, topic: str, count: int) -> list[Any]:
    """Wait for so many bodies of a topic, and return them."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        bodies = [delivery.body for delivery in receiver.received if delivery.headers["X-Shopify-Topic"] == topic]
        if len(bodies) >= count:
            return bodies
        time.sleep(0.01)
    raise AssertionError(f"{topic} did not come {count} times")


def test_a_sale_sends_the_new_stock_level_and_the_api_has_the_same(
    sim: Simulator, receiver: Receiver, received: Callable[[], list[Received]]
) -> None:
    variant = next(iter(sim.live_shop().shop.products.values())).variants[0]
    sim.sell(lines=[[variant.variant_id, 1]])
    received()
    body = receiver.of("inventory_levels/update").body
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    first = inventory.levels_page(client, "", None)
    second = inventory.levels_page(client, "", first.end_cursor)
    client.close()

    listed = [level for page in (first, second) for level in page.records if isinstance(level, InventoryLevel)]
    levels = [level for level in listed if level.inventory_item_id == variant.inventory_item_id]
    assert [level.location_name for level in levels] == ["Warehouse", "Shop window"]
    assert sum(level.available or 0 for level in levels) == variant.stock
    assert (levels[0].location_id, levels[0].available) == (body["location_id"], body["available"])
    assert levels[0].updated_at == datetime.fromisoformat(body["updated_at"])
    assert not second.has_next


def test_levels_are_found_by_when_they_changed_a_few_at_a_time(sim: Simulator) -> None:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    goods = [variant for product in sim.live_shop().shop.products.values() for variant in product.variants][:3]
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    sim.sell(at=at, lines=[[variant.variant_id, 1] for variant in goods])

    read_pages = [inventory.levels_page(client, pages.updated_query(since=at), None, first=2)]
    while read_pages[-1].has_next:
        read_pages.append(
            inventory.levels_page(client, pages.updated_query(since=at), read_pages[-1].end_cursor, first=2)
        )
    client.close()
    levels_found = [level for page in read_pages for level in page.records if isinstance(level, InventoryLevel)]
    assert {level.inventory_item_id for level in levels_found} == {variant.inventory_item_id for variant in goods}
    assert [len(page.records) for page in read_pages] == [2, 1, 0], "at the other location nothing changed"
