"""Events in a shop, their results, and their webhooks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from core.errors import InvalidInput
from core.simulator.life.context import Event, EventOutcome
from core.simulator.life.events import apply
from core.simulator.shop.customers import rfm_group, spend_tier
from core.simulator.shop.shop import Shop
from core.simulator.shop.subscriptions import Subscription, Subscriptions
from tests.core.simulator.clocks import Clock
from tests.core.simulator.small_shop import cart_item, customer, order, tiny_shop


class Stage:
    """Triggers events in a tiny shop, one after the other."""

    def __init__(self, clock: Clock) -> None:
        self.shop: Shop = tiny_shop()
        self.subscriptions = Subscriptions(self.shop.spec.domain)
        self.clock, self.count = clock, 0

    def trigger(self, kind: str, **args: Any) -> EventOutcome:
        self.count += 1
        return apply(self.shop, self.subscriptions, Event(kind, self.clock(), str(self.count), args))

    def lines(self, *titles: str) -> list[list[int]]:
        return [[cart_item(self.shop, title).variant.variant_id, 2] for title in titles]


@pytest.fixture
def stage(clock: Clock) -> Stage:
    return Stage(clock)


def topics(outcome: EventOutcome) -> list[str]:
    return [webhook.topic for webhook in outcome.webhooks]


def test_a_sale_can_be_decided_in_every_detail(stage: Stage) -> None:
    ann = customer(stage.shop, "Ann")
    outcome = stage.trigger("sell", customer_id=ann.customer_id, lines=stage.lines("Mug", "Lamp"), test=True)
    sold = stage.shop.orders[outcome.result["order_id"]]
    assert [(line.title, line.quantity) for line in sold.lines] == [("Mug", 2), ("Lamp", 2)]
    assert (sold.customer_id, sold.test, sold.processed_at) == (ann.customer_id, True, stage.clock())
    assert outcome.result["name"] == sold.name
    assert topics(outcome)[:2] == ["customers/update", "orders/create"]
    assert topics(outcome)[2:] == ["products/update"] * 2 + ["inventory_levels/update"] * 2


def test_shopify_regroups_a_customer_without_a_new_version_and_without_a_webhook(stage: Stage) -> None:
    ann = customer(stage.shop, "Ann")
    before = ann.updated_at
    outcome = stage.trigger("regroup", customer_id=ann.customer_id, group="AT_RISK", tier="HIGH")
    assert (rfm_group(ann), spend_tier(ann), ann.updated_at) == ("AT_RISK", "HIGH", before)
    assert topics(outcome) == []


@pytest.mark.parametrize("wrong", [{"group": "BEST"}, {}, {"group": "NEW", "tier": "SOME"}])
def test_shopify_has_no_other_segments(stage: Stage, wrong: dict[str, str]) -> None:
    ann = customer(stage.shop, "Ann")
    before = rfm_group(ann)
    with pytest.raises(InvalidInput, match="AT_RISK"):
        stage.trigger("regroup", customer_id=ann.customer_id, **wrong)
    assert rfm_group(ann) == before


def test_undecided_details_are_random_but_the_same_for_a_seed(clock: Clock) -> None:
    first, second = Stage(clock), Stage(clock)
    assert [first.trigger("sell").result for _ in range(20)] == [second.trigger("sell").result for _ in range(20)]


def test_the_webhook_of_a_new_customer_comes_before_the_order_s(stage: Stage) -> None:
    assert topics(stage.trigger("sell", new_customer=True, lines=stage.lines("Mug")))[:2] == [
        "customers/create",
        "orders/create",
    ]


def test_a_guest_s_order_names_no_customer(stage: Stage) -> None:
    outcome = stage.trigger("sell", guest=True, lines=stage.lines("Mug"))
    assert outcome.result["customer_id"] is None
    assert topics(outcome) == ["orders/create", "products/update", "inventory_levels/update"]


def test_live_sales_are_no_tests_and_never_late(stage: Stage) -> None:
    for _ in range(200):
        stage.trigger("sell")
    assert not any(sold.test or sold.created_at != sold.processed_at for sold in stage.shop.orders.values())


def test_a_refund_without_arguments_is_whole(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", ("Mug", 3), shipping=("Standard", Decimal("4.90")))
    outcome = stage.trigger("refund", order_id=sold.order_id)
    assert sold.refunded == sold.transactions[0].amount
    assert outcome.result["refund_id"] == sold.refunds[0].refund_id
    assert topics(outcome) == ["refunds/create", "orders/updated", "products/update", "inventory_levels/update"]


def test_a_refund_of_units_keeps_the_shipping_unless_asked(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", ("Mug", 3), shipping=("Standard", Decimal("4.90")))
    line_id = str(sold.lines[0].line_id)  # as JSON has it
    stage.trigger("refund", order_id=str(sold.order_id), units={line_id: 1}, note="Chipped")
    assert (sold.refunds[0].shipping, sold.refunds[0].note, sold.lines[0].current_quantity) == (0, "Chipped", 2)
    stage.trigger("refund", order_id=sold.order_id, units={line_id: 1}, shipping=True)
    assert sold.refunds[1].shipping == Decimal("4.90")


def test_an_amount_without_units_is_goodwill(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", "Lamp")
    stage.trigger("refund", order_id=sold.order_id, discrepancy="-3.00")
    assert (sold.refunded, sold.refunds[0].lines) == (Decimal("3.00"), ())


def test_a_random_refund_is_always_possible(stage: Stage) -> None:
    kinds = set()
    for _ in range(80):
        sold = order(stage.shop, "2026-03-02T12:00+01:00", ("Mug", 3), "Lamp")
        stage.trigger("refund", order_id=sold.order_id, by_chance=True)
        refund = sold.refunds[0]
        kinds.add((bool(refund.lines), refund.discrepancy > 0, any(line.current_quantity for line in sold.lines)))
        assert Decimal(0) < sold.refunded <= sold.transactions[0].amount
    # a gesture; some of it; all of it; all of it less a fee
    assert kinds >= {(False, False, True), (True, False, True), (True, False, False), (True, True, False)}


def test_a_random_refund_of_a_refunded_order_does_nothing(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", "Lamp")
    stage.trigger("refund", order_id=sold.order_id)
    outcome = stage.trigger("refund", order_id=sold.order_id, by_chance=True)
    assert (outcome.result["refund_id"], outcome.webhooks, len(sold.refunds)) == (None, [], 1)


def test_a_cancellation_sends_its_refund_too(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", "Lamp")
    outcome = stage.trigger("cancel", order_id=sold.order_id, reason="fraud")
    assert sold.cancel_reason == "FRAUD"
    assert topics(outcome)[:3] == ["orders/cancelled", "refunds/create", "orders/updated"]
    assert topics(outcome)[3:] == ["products/update", "inventory_levels/update"]


def test_a_cancellation_of_a_refunded_order_has_no_refund(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", "Lamp")
    stage.trigger("refund", order_id=sold.order_id)
    assert topics(stage.trigger("cancel", order_id=sold.order_id)) == ["orders/cancelled", "orders/updated"]


def test_a_random_edit_adds_lowers_or_swaps(stage: Stage) -> None:
    seen = set()
    for _ in range(30):
        sold = order(stage.shop, "2026-03-02T12:00+01:00", ("Mug", 3))
        result = stage.trigger("edit", order_id=sold.order_id).result
        seen.add((bool(result["added"]), bool(result["removed"])))
    assert seen == {(True, False), (False, True), (True, True)}


def test_a_cancelled_order_cannot_be_edited(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", "Lamp")
    stage.trigger("cancel", order_id=sold.order_id)
    with pytest.raises(InvalidInput, match="is cancelled and cannot be edited"):
        stage.trigger("edit", order_id=sold.order_id)


def test_two_events_of_an_order_in_one_second_have_two_times(stage: Stage) -> None:
    sold = stage.shop.orders[stage.trigger("sell", lines=stage.lines("Mug")).result["order_id"]]
    times = [sold.updated_at]
    for kind in ("fulfil", "edit", "cancel"):
        stage.trigger(kind, order_id=sold.order_id)
        times.append(sold.updated_at)
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=1)] * 3
    assert sold.is_fulfilled


def test_a_customer_changes_name_and_address(stage: Stage) -> None:
    ann = customer(stage.shop, "Ann")
    outcome = stage.trigger("customer", customer_id=ann.customer_id, first_name="Anna", email="anna@example.com")
    assert (ann.first_name, ann.last_name, ann.email) == ("Anna", "Test", "anna@example.com")
    assert ann.updated_at == stage.clock()
    assert topics(outcome) == ["customers/update"]


def test_a_product_is_renamed_or_repriced(stage: Stage) -> None:
    lamp = cart_item(stage.shop, "Lamp")
    stage.trigger("product", product_id=lamp.product.product_id, title="Lantern")
    assert (lamp.product.title, lamp.variant.price) == ("Lantern", Decimal("99.99"))
    stage.trigger("product", product_id=lamp.product.product_id, factor="1.1")
    assert lamp.variant.price == Decimal("109.99")
    stage.trigger("product", product_id=lamp.product.product_id)
    assert lamp.variant.price not in (Decimal("109.99"), Decimal("99.99"))
    assert lamp.product.updated_at == lamp.variant.updated_at == stage.clock() + timedelta(seconds=2)


def test_a_new_price_leaves_earlier_orders_unchanged(stage: Stage) -> None:
    sold = order(stage.shop, "2026-03-02T12:00+01:00", "Lamp")
    stage.trigger("product", product_id=sold.lines[0].product_id, factor="2")
    stage.trigger("refund", order_id=sold.order_id)
    assert sold.lines[0].unit_price == Decimal("99.99")
    assert sold.refunded == sold.transactions[0].amount


def test_every_event_is_a_new_revision_and_a_refused_one_is_not(stage: Stage) -> None:
    stage.trigger("new_customer")
    with pytest.raises(InvalidInput):
        stage.trigger("nothing known")
    assert stage.shop.revision == 1


def test_an_event_survives_the_journal(clock: Clock) -> None:
    event = Event("sell", clock(), "1/2", {"guest": True})
    assert Event.from_json(event.to_json()) == event


@pytest.mark.parametrize(
    ("topic", "header"),
    [
        ("ORDERS_CREATE", "orders/create"),
        ("ORDERS_PARTIALLY_FULFILLED", "orders/partially_fulfilled"),
        ("ORDER_TRANSACTIONS_CREATE", "order_transactions/create"),
        ("APP_UNINSTALLED", "app/uninstalled"),
    ],
)
def test_a_topic_has_another_name_in_deliveries(clock: Clock, topic: str, header: str) -> None:
    assert Subscription(1, topic, "https://hooks.example.com/", clock()).header_topic == header
