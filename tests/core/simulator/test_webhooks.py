"""What happens in the shop is told to who subscribed, signed and in the shape of Shopify's own webhooks."""

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
from core.shopify import bulk, inventory, reading, webhooks
from core.shopify.client import ShopifyClient
from core.simulator.admin_api.bulk import BulkOutcome
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.conftest import Clock, Received, Receiver

SAMPLES = Path(__file__).parents[2] / "payloads" / "webhooks"
SPEC = ShopSpec(customers=20, orders=40)


@pytest.fixture
def sim(clock: Clock) -> Iterator[Simulator]:
    with Simulator([SPEC], clock=clock, backoff=(0.02, 0.04, 0.08)).running() as running:
        yield running


@pytest.fixture
def told(sim: Simulator, receiver: Receiver) -> Callable[[], list[Received]]:
    """Everything is subscribed to; what was received so far, once all is sent."""
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


def test_a_sale_is_told_at_once_signed_and_with_shopify_s_headers(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    order_id = sim.sell()
    told()
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


def test_deliveries_have_ids_of_their_own_and_share_that_of_what_caused_them(
    sim: Simulator, told: Callable[[], list[Received]]
) -> None:
    sim.cancel(sim.sell())
    received = told()
    assert len({each.headers["X-Shopify-Webhook-Id"] for each in received}) == len(received)
    sold = {each.headers["X-Shopify-Event-Id"] for each in received if each.topic == "orders/create"}
    cancelled = {
        each.headers["X-Shopify-Event-Id"]
        for each in received
        if each.topic in ("orders/cancelled", "refunds/create")
    }
    assert (len(sold), len(cancelled)) == (1, 1)
    assert sold != cancelled


def test_bodies_have_the_keys_of_shopify_s_and_no_others(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    variants = [next(iter(product.variants)).variant_id for product in sim.live_shop().shop.products.values()]
    order_id = sim.sell(new_customer=True, lines=[[variants[0], 2], [variants[1], 1]])
    sim.refund(order_id)
    sim.cancel(sim.sell(new_customer=True))
    customer_id = next(iter(sim.live_shop().shop.customers))
    sim.update_customer(customer_id, first_name="Ada")
    told()
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


def test_a_change_of_an_order_is_told_as_edited_with_ids_and_deltas_only(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    variant = next(iter(sim.live_shop().shop.products.values())).variants[0].variant_id
    order_id = sim.sell(lines=[[variant, 3]])
    line_id = sim.live_shop().shop.orders[order_id].lines[0].line_id
    added = sim.edit(order_id, variant_id=variant, quantity=2)["added"]
    sim.edit(order_id, line_id=line_id, quantity=1)
    told()
    recorded = json.loads((SAMPLES / "delivered-2024-10" / "orders__edited.json").read_text())["body"]
    bodies = [each.body["order_edit"] for each in receiver.received if each.topic == "orders/edited"]
    assert list(key_differences({"order_edit": bodies[0]}, recorded)) == []
    assert bodies[0]["line_items"] == {"additions": [{"id": added[0], "delta": 2}], "removals": []}
    assert bodies[1]["line_items"] == {"additions": [], "removals": [{"id": line_id, "delta": 1}]}


def test_every_version_of_an_order_is_newer_than_the_one_before(
    sim: Simulator, told: Callable[[], list[Received]]
) -> None:
    order_id = sim.sell(lines=[[next(iter(sim.live_shop().shop.products.values())).variants[0].variant_id, 3]])
    line_id = sim.live_shop().shop.orders[order_id].lines[0].line_id
    sim.refund(order_id, units={line_id: 1})
    sim.edit(order_id)
    sim.cancel(order_id)
    by_event: dict[str, set[str]] = {}
    for each in told():
        if each.topic.startswith("orders/") and each.topic != "orders/edited":
            by_event.setdefault(each.headers["X-Shopify-Event-Id"], set()).add(each.body["updated_at"])
    versions = list(by_event.values())
    assert [len(times) for times in versions] == [1, 1, 1, 1]
    assert len(set.union(*versions)) == 4


def test_times_in_bodies_are_the_shop_s_and_amounts_have_all_their_cents(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    sim.sell()
    told()
    body = receiver.of("orders/create").body
    assert body["created_at"] == "2026-11-20T13:00:00+01:00"
    assert re.fullmatch(r"\d+\.\d\d", body["total_price"])
    assert body["total_price_set"]["shop_money"] == {"amount": body["total_price"], "currency_code": "EUR"}


def test_refunds_carry_their_two_numbers_as_shopify_does(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    order_id = sim.sell(lines=[[next(iter(sim.live_shop().shop.products.values())).variants[0].variant_id, 1]])
    sim.refund(order_id, discrepancy="1.50", units={sim.live_shop().shop.orders[order_id].lines[0].line_id: 1})
    told()
    body = receiver.of("refunds/create").body
    line = body["refund_line_items"][0]
    assert isinstance(line["subtotal"], float)
    assert line["subtotal_set"]["shop_money"]["amount"] == f"{line['subtotal']:.2f}"
    assert [(each["kind"], each["amount"]) for each in body["order_adjustments"]] == [("refund_discrepancy", "1.50")]


def test_a_receiver_that_fails_gets_the_same_bytes_again(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    receiver.answers = [500, 302, 401]
    sim.update_product(next(iter(sim.live_shop().shop.products)), title="Renamed")
    received = told()
    assert [each.topic for each in received] == ["products/update"] * 4
    assert len({(each.raw, each.headers["X-Shopify-Webhook-Id"]) for each in received}) == 1
    assert received[0].body["title"] == "Renamed"
    assert (sim.sender.sent, sim.sender.failed) == (1, 0)


def test_a_receiver_that_never_answers_is_given_up_on(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    receiver.answers = [503] * 20
    sim.update_product(next(iter(sim.live_shop().shop.products)))
    assert len(told()) == 4
    assert (sim.sender.sent, sim.sender.failed) == (0, 1)


def test_gaps_between_tries_grow(sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]) -> None:
    receiver.answers = [500, 500, 500]
    began = time.monotonic()
    sim.update_product(next(iter(sim.live_shop().shop.products)))
    told()
    assert time.monotonic() - began >= 0.02 + 0.04 + 0.08


def test_who_unsubscribed_hears_no_more(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    webhooks.unsubscribe(client, receiver.url)
    client.close()
    sim.sell()
    assert told() == []


def key_differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where the keys of two bodies differ, deeply; of lists the first rows are compared."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from (f"{path}/{key} is not Shopify's" for key in ours.keys() - theirs.keys())
        yield from (f"{path}/{key} is missing" for key in theirs.keys() - ours.keys())
        for key in ours.keys() & theirs.keys():
            yield from key_differences(ours[key], theirs[key], f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and ours and theirs:
        yield from key_differences(ours[0], theirs[0], f"{path}[]")


def test_a_purchase_that_is_left_is_told_as_its_cart_and_its_checkout(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    checkout_id = sim.abandon()
    told()
    cart, checkout = receiver.of("carts/update").body, receiver.of("checkouts/create").body
    assert "id" not in checkout, "as since 2026-04"
    assert (checkout["name"], checkout["cart_token"]) == (f"#{checkout_id}", cart["token"])
    assert checkout["completed_at"] is None
    units = [line["quantity"] for line in cart["line_items"]]
    assert units == [line["quantity"] for line in checkout["line_items"]]
    for body, topic in ((cart, "carts/update"), (checkout, "checkouts/create")):
        assert body.keys() <= sample(topic).keys()
        assert body["line_items"][0].keys() <= sample(topic)["line_items"][0].keys()


def test_a_purchase_that_is_left_is_among_the_checkouts_that_the_api_lists(sim: Simulator) -> None:
    checkout_id = sim.abandon()
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    (found,) = reading.checkouts_page(client, f"id:{checkout_id}", None).records
    client.close()
    assert (found.checkout_id, found.completed_at) == (checkout_id, None)  # type: ignore[union-attr]


def test_the_end_of_a_bulk_operation_is_told_with_how_it_ended(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    sim.live_shop().bulk.set_next([BulkOutcome.COMPLETED, BulkOutcome.PARTIAL])
    started = [bulk.start(client, "customers", ""), bulk.start(client, "products", "")]
    client.close()

    ended = {body["admin_graphql_api_id"]: body for body in wait_for(receiver, "bulk_operations/finish", 2)}
    assert list(ended) == started or list(ended) == started[::-1]
    assert [(ended[str(one)]["status"], ended[str(one)]["error_code"]) for one in started] == [
        ("completed", None),
        ("failed", "timeout"),
    ]
    assert ended[str(started[0])].keys() == sample("bulk_operations/finish").keys()


def wait_for(receiver: Receiver, topic: str, count: int) -> list[Any]:
    """The bodies of a topic, once there are so many."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [each.body for each in receiver.received if each.headers["X-Shopify-Topic"] == topic]
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{topic} did not come {count} times")


def test_a_sale_tells_what_is_left_where_it_was_taken_from_and_the_api_says_the_same(
    sim: Simulator, receiver: Receiver, told: Callable[[], list[Received]]
) -> None:
    variant = next(iter(sim.live_shop().shop.products.values())).variants[0]
    sim.sell(lines=[[variant.variant_id, 1]])
    told()
    body = receiver.of("inventory_levels/update").body
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    first = inventory.levels_page(client, "", None)
    second = inventory.levels_page(client, "", first.end_cursor)
    client.close()

    listed = [each for page in (first, second) for each in page.records if isinstance(each, InventoryLevel)]
    levels = [each for each in listed if each.inventory_item_id == variant.inventory_item_id]
    assert [each.location_name for each in levels] == ["Warehouse", "Shop window"]
    assert sum(each.available or 0 for each in levels) == variant.stock
    assert (levels[0].location_id, levels[0].available) == (body["location_id"], body["available"])
    assert levels[0].updated_at == datetime.fromisoformat(body["updated_at"])
    assert not second.has_next


def test_levels_are_found_by_when_they_changed_a_few_at_a_time(sim: Simulator) -> None:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    goods = [variant for product in sim.live_shop().shop.products.values() for variant in product.variants][:3]
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    sim.sell(at=at, lines=[[variant.variant_id, 1] for variant in goods])

    pages = [inventory.levels_page(client, reading.updated_query(since=at), None, first=2)]
    while pages[-1].has_next:
        pages.append(inventory.levels_page(client, reading.updated_query(since=at), pages[-1].end_cursor, first=2))
    client.close()
    found = [each for page in pages for each in page.records if isinstance(each, InventoryLevel)]
    assert {each.inventory_item_id for each in found} == {variant.inventory_item_id for variant in goods}
    assert [len(page.records) for page in pages] == [2, 1, 0], "at the other location nothing changed"
