"""Tips, imports, exchanges, returns and swaps by events: their effects, and their webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput
from core.simulator.life.context import EventOutcome
from core.simulator.shop.formats import OrderFigures
from core.simulator.shop.model import Order
from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.topics import encode_body, webhook_body
from tests.core.simulator.clocks import Clock
from tests.core.simulator.test_events import Stage, topics

CASES = Path(__file__).parents[2] / "payloads" / "cases"


@pytest.fixture
def stage(clock: Clock) -> Stage:
    return Stage(clock)


@pytest.fixture
def sell(stage: Stage) -> Callable[..., Order]:
    def sold(*titles: str, **args: Any) -> Order:
        outcome = stage.trigger("sell", guest=True, lines=stage.lines(*titles or ("Mug",)), **args)
        return stage.shop.orders[outcome.result["order_id"]]

    return sold


def sent_body(stage: Stage, outcome: EventOutcome, topic: str) -> Any:
    webhook = next(webhook for webhook in outcome.webhooks if webhook.topic == topic)
    return json.loads(encode_body(webhook_body(stage.shop, webhook)))


def body_of(stage: Stage, order: Order) -> Any:
    return json.loads(encode_body(order_body(stage.shop, order)))


def test_a_fee_is_adjusted_without_a_new_version_and_without_a_webhook(
    stage: Stage, sell: Callable[..., Order]
) -> None:
    sold = sell()
    before = sold.updated_at
    outcome = stage.trigger("adjust_fee", order_id=sold.order_id, fee="0.71")
    assert ([paid.fee for paid in sold.transactions], sold.updated_at) == ([Decimal("0.71")], before)
    assert topics(outcome) == []
    with pytest.raises(InvalidInput, match="fee"):
        stage.trigger("adjust_fee", order_id=sold.order_id)


def test_a_tip_has_every_field_that_shopify_gives_it(stage: Stage, sell: Callable[..., Order]) -> None:
    goods, tip = body_of(stage, sell(tip="5.00"))["line_items"]
    (recorded,) = json.loads((CASES / "W03_tip_is_a_line_item.json").read_text())
    _, theirs = recorded["body"]["line_items"]
    alike = (
        "title name product_id variant_id sku vendor quantity fulfillment_status product_exists taxable price".split()
    )
    assert {name: tip[name] for name in alike} == {name: theirs[name] for name in alike}
    assert tip["tip_payment_gateway"]
    assert "tip_payment_gateway" not in goods
    missing = theirs.keys() - tip.keys()
    assert missing == set()


def test_a_tip_is_in_the_totals_where_shopify_has_it(stage: Stage, sell: Callable[..., Order]) -> None:
    body = body_of(stage, sell(tip="5.00", percent=0))
    assert (body["subtotal_price"], body["total_line_items_price"], body["total_tip_received"]) == (
        "20.00",
        "25.00",
        "5.00",
    )


def test_an_imported_order_was_sold_before_shopify_learned_of_it(stage: Stage, sell: Callable[..., Order]) -> None:
    order = sell(processed_at="2019-05-04T12:00:00+00:00")
    body = body_of(stage, order)
    assert (body["processed_at"][:10], body["created_at"][:10]) == ("2019-05-04", "2026-11-20")
    assert order.agreements[0].happened_at == stage.clock()


def test_another_currency_to_pay_in_stands_beside_the_shops(stage: Stage, sell: Callable[..., Order]) -> None:
    order = sell(paid_in=["USD", "1.08"])
    body = body_of(stage, order)
    assert (body["currency"], body["presentment_currency"]) == ("EUR", "USD")
    money = body["total_price_set"]
    theirs, ours = (Decimal(money[side]["amount"]) for side in ("presentment_money", "shop_money"))
    assert abs(theirs - Decimal("1.08") * ours) <= Decimal("0.005")
    stage.trigger("refund", order_id=order.order_id)
    (paid,) = body_of(stage, order)["refunds"][0]["transactions"]
    assert (paid["currency"], paid["amount"]) == ("USD", money["presentment_money"]["amount"])


def test_a_new_currency_leaves_past_orders_and_sends_a_webhook(stage: Stage, sell: Callable[..., Order]) -> None:
    before = sell()
    changed = stage.trigger("currency", currency="USD")
    assert sent_body(stage, changed, "shop/update")["currency"] == "USD"
    assert (body_of(stage, before)["currency"], body_of(stage, sell())["currency"]) == ("EUR", "USD")
    for wrong in ("JPY", "", "EURO"):
        with pytest.raises(InvalidInput, match="code of one with as many decimals"):
            stage.trigger("currency", currency=wrong)


def test_an_exchange_sends_its_refund_and_its_order(stage: Stage, sell: Callable[..., Order]) -> None:
    order = sell("Lamp")
    line_id, mug = order.lines[0].line_id, stage.lines("Mug")[0][0]
    outcome = stage.trigger("exchange", order_id=order.order_id, line_id=line_id, variant_id=mug)
    assert topics(outcome)[:2] == ["refunds/create", "orders/updated"]
    refund, body = sent_body(stage, outcome, "refunds/create"), sent_body(stage, outcome, "orders/updated")
    assert refund["return"]["id"] == body["returns"][0]["id"]
    assert [line["title"] for line in body["line_items"]] == ["Lamp", "Mug"]
    assert refund["order_adjustments"] == []


def test_a_return_comes_first_and_its_money_when_it_is_paid_back(stage: Stage, sell: Callable[..., Order]) -> None:
    order = sell()
    outcome = stage.trigger("return", order_id=order.order_id, units={str(order.lines[0].line_id): 1})
    body = sent_body(stage, outcome, "orders/updated")
    assert (body["refunds"], body["returns"][0]["status"]) == ([], "open")
    assert body["line_items"][0]["current_quantity"] == 1
    paid = stage.trigger("pay_back", order_id=order.order_id)
    assert topics(paid)[0] == "refunds/create"
    assert sent_body(stage, paid, "refunds/create")["transactions"][0]["status"] == "success"
    with pytest.raises(InvalidInput, match="no money that waits"):
        stage.trigger("pay_back", order_id=order.order_id)


def test_a_pending_refund_is_pending_until_it_is_paid_back(stage: Stage, sell: Callable[..., Order]) -> None:
    order = sell()
    outcome = stage.trigger("refund", order_id=order.order_id, pending=True)
    refund = sent_body(stage, outcome, "refunds/create")
    assert (refund["transactions"][0]["status"], len(refund["order_adjustments"])) == ("pending", 1)
    (refund,) = sent_body(stage, stage.trigger("pay_back", order_id=order.order_id), "orders/updated")["refunds"]
    assert (refund["transactions"][0]["status"], refund["order_adjustments"]) == ("success", [])


def test_a_swap_is_sent_as_an_edit_with_the_refund_that_shopify_lists(
    stage: Stage, sell: Callable[..., Order]
) -> None:
    order = sell("Lamp")
    line_id, mug = order.lines[0].line_id, stage.lines("Mug")[0][0]
    outcome = stage.trigger("edit", order_id=order.order_id, line_id=line_id, units=2, variant_id=mug)
    assert topics(outcome) == ["refunds/create", "refunds/create", "orders/edited", "orders/updated"]
    assert sent_body(stage, outcome, "refunds/create")["transactions"] == []
    changes = sent_body(stage, outcome, "orders/edited")["order_edit"]["line_items"]
    assert (len(changes["additions"]), changes["removals"]) == (1, [{"id": line_id, "delta": 2}])
    body = sent_body(stage, outcome, "orders/updated")
    figures = OrderFigures(stage.shop, order)
    assert figures.original_total < figures.total, "the total is rewritten"
    assert body["total_price"] == f"{figures.total:.2f}"


def test_two_changes_in_one_second_have_one_version(stage: Stage, sell: Callable[..., Order]) -> None:
    order = sell()
    stage.clock.advance(seconds=30)
    stage.trigger("fulfil", order_id=order.order_id)
    version = order.updated_at
    stage.trigger("refund", order_id=order.order_id, same_second=True)
    assert (order.updated_at, len(order.refunds)) == (version, 1)
    stage.trigger("fulfil", order_id=order.order_id)
    assert order.updated_at == version + timedelta(seconds=1)


def test_every_other_refund_has_only_shopify_s_fields_since_2024_10(stage: Stage, sell: Callable[..., Order]) -> None:
    """There, refunded shipping is in refund_shipping_lines alone, with its tax, and adjustments have no kind."""
    bodies = []
    sold = [order for order in (sell() for _ in range(6)) if order.shipping and order.shipping.charged]
    for order in sold[:2]:
        stage.trigger("refund", order_id=order.order_id, units={str(order.lines[0].line_id): 1}, shipping=True)
        bodies.append(body_of(stage, order)["refunds"][0])
    terse, full = sorted(bodies, key=lambda body: len(body["order_adjustments"]))
    assert terse["order_adjustments"] == []
    assert [adjustment["kind"] for adjustment in full["order_adjustments"]] == ["shipping_refund"]
    assert "tax_amount_set" not in terse["refund_shipping_lines"][0]
    assert terse["refund_shipping_lines"][0]["shipping_line"]["tax_lines"]


@pytest.mark.parametrize("kind", ["exchange", "return", "edit", "refund"])
def test_random_choices_are_the_same_for_a_seed(clock: Clock, kind: str) -> None:
    bodies = []
    for stage in (Stage(clock), Stage(clock)):
        sold = stage.trigger("sell", guest=True, lines=stage.lines("Mug", "Lamp"))
        stage.trigger(kind, order_id=sold.result["order_id"], by_chance=True)
        bodies.append(body_of(stage, stage.shop.orders[sold.result["order_id"]]))
    assert bodies[0] == bodies[1]
