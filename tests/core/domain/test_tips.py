"""Which lines are tips, by each shape in which Shopify sends them: their sums are in no figure of sales."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.domain import LineItem, Order, tips
from core.domain.ledger import sale_rows
from core.shopify import documents, mapping
from core.shopify.mapping import bulk_orders
from tests.cast import NOW
from tests.core.shopify import nodes
from tests.factories import agreement, line, order, refund, refund_line, sale

NAMELESS = {"sku": None, "product": None, "variant": None}


def a_line(title: str = "Tip", price: str = "5.00", **changes: Any) -> LineItem:
    said = {"line_item_id": 12, "title": title, "product_id": None, "variant_id": None, "sku": None}
    return line(price=price, quantity=1, tax="0", **said | changes)


def kinds(*lines: LineItem, received: str | None = "5.00") -> list[bool]:
    return [each.is_tip for each in tips.marked(lines, None if received is None else Decimal(received))]


def test_a_line_called_tip_without_product_and_sku_is_a_tip() -> None:
    assert kinds(line(), a_line()) == [False, True]
    assert kinds(line(), a_line(), received=None) == [False, True]


@pytest.mark.parametrize("goods", [{"product_id": 7}, {"variant_id": 71}, {"sku": "TIP-1"}, {"is_gift_card": True}])
def test_goods_that_are_called_tip_stay_goods(goods: dict[str, Any]) -> None:
    assert kinds(a_line(**goods)) == [False]


def test_a_custom_item_called_tip_is_goods_where_the_order_received_no_tip() -> None:
    assert kinds(a_line(), received="0.00") == [False]


def test_what_a_webhook_marks_as_a_tip_is_one_whatever_it_is_called() -> None:
    assert kinds(a_line("Trinkgeld", is_tip=True), received="0.00") == [True]


def test_a_tip_in_another_language_is_known_by_its_amount_where_only_one_line_can_be_it() -> None:
    assert kinds(line(), a_line("Trinkgeld"), a_line("Gravur", "7.00", line_item_id=13)) == [False, True, False]
    assert kinds(a_line("Trinkgeld"), a_line("Gravur", line_item_id=13)) == [False, False]


def test_two_tips_in_another_language_are_known_by_what_they_come_to() -> None:
    lines = (line(), a_line("Trinkgeld"), a_line("Trinkgeld", "3.00", line_item_id=13))
    assert kinds(*lines, received="8.00") == [False, True, True]
    engraved = a_line("Gravur", "7.00", line_item_id=14)
    assert kinds(*lines, engraved, received="8.00") == [False, True, True, False]


def test_a_second_tip_counts_where_a_webhook_marks_one() -> None:
    lines = (a_line(is_tip=True), a_line("Pourboire", "3.00", line_item_id=13))
    assert kinds(*lines, received="8.00") == [True, True]
    assert kinds(*lines, received="5.00") == [True, False]


def test_a_custom_item_called_tip_is_goods_where_another_line_is_all_that_was_received() -> None:
    assert kinds(a_line(price="30.00"), a_line(line_item_id=13)) == [False, True]
    assert kinds(a_line(price="30.00"), a_line(line_item_id=13, is_tip=True)) == [False, True]


def test_shopifys_ledger_decides_where_it_names_the_line() -> None:
    def booked(*kinds: str) -> list[bool]:
        sales = [sale(kind, line_item_id=12 + n) for n, kind in enumerate(kinds)]
        lines = (a_line(), a_line("Trinkgeld", "3.00", line_item_id=13))
        return [each.is_tip for each in tips.marked(lines, Decimal("8.00"), (agreement(*sales),))]

    assert booked("tip", "tip") == [True, True]
    assert booked("product", "tip") == [False, True], "a custom item that is called Tip"
    assert booked() == [True, True], "8.00 were received, and no other lines come to that"


def test_the_ledger_is_asked_for_the_line_of_a_tip() -> None:
    tip = nodes.sale(1, "5.00", __typename="TipSale", lineType="TIP", lineItem={"id": nodes.gid("LineItem", 2)})
    line = nodes.line(2, "5.00", title="Trinkgeld", **NAMELESS)
    ledger = nodes.connection([nodes.agreement(1, [tip])])
    record = mapping.order(nodes.order(1, lineItems=nodes.connection([nodes.line(1), line]), agreements=ledger))

    assert [each.is_tip for each in record.line_items] == [False, True]
    assert "on TipSale { lineItem { id } }" in documents.load("order_details")


def test_a_bulk_operation_and_a_page_have_the_same_tip() -> None:
    tip = nodes.line(2, "5.00", title="Tip", **NAMELESS)
    node = nodes.order(1, totalTipReceivedSet=nodes.bag("5.00"), lineItems=nodes.connection([nodes.line(1), tip]))
    parent = {name: value for name, value in node.items() if name not in ("lineItems", "shippingLines")}
    children = [json.dumps(each).encode() for each in (nodes.line(1), tip)]

    collected, _ = bulk_orders.order(json.dumps(parent).encode(), children)

    for record in (collected, mapping.order(node)):
        assert [each.is_tip for each in record.line_items] == [False, True]
        assert types(record) == ["product", "tip"]


def test_a_webhook_names_the_gateway_of_a_tip() -> None:
    body = {
        **{"id": 1, "name": "#1", "currency": "USD", "total_price": "45.00", "total_tip_received": "5.00"},
        **dict.fromkeys(("created_at", "updated_at"), "2026-11-04T11:00:00-08:00"),
        "line_items": [
            {"id": 11, "title": "Mug", "quantity": 2, "price": "20.00", "product_id": 7},
            {"id": 12, "title": "Pourboire", "quantity": 1, "price": "5.00", "tip_payment_gateway": "bogus"},
        ],
    }

    (record,) = mapping.from_webhook("orders/create", json.dumps(body).encode(), NOW)

    assert isinstance(record, Order)
    assert types(record) == ["product", "tip"]


def test_a_tip_given_back_is_no_return_of_goods() -> None:
    back = refund(lines=(refund_line(), refund_line(42, 12, 1, "5.00", "0")))

    record = order(line_items=(line(), a_line(is_tip=True)), shipping_lines=(), tip=Decimal("5.00"), refunds=(back,))

    assert types(record) == ["product", "tip", "product", "tip"]


def test_the_sum_of_tips_counts_where_no_line_is_one() -> None:
    assert types(order(tip=Decimal("5.00"), shipping_lines=())) == ["product", "tip"]


def types(record: Order) -> list[str]:
    return [row.line_type for row in sale_rows(record)]
