"""Recorded answers of a real store pass through the mapping."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain import TaxLine
from core.shopify import mapping
from tests.core.shopify import nodes
from tests.core.shopify.fakes import recorded
from tests.core.shopify.nodes import bag, connection


def whole(recorded_node: dict[str, Any]) -> dict[str, Any]:
    """Complete a recorded node, which was requested with other fields than ours."""
    return nodes.order() | recorded_node


def test_recorded_orders_are_read() -> None:
    catalogue = recorded("orders_2026-04")["response"]["data"]
    for node in catalogue["seedCatalog"]["nodes"] + catalogue["byStatus"]["nodes"] + catalogue["byName"]["nodes"]:
        assert mapping.order(whole(node)).name == node["name"]
    order = mapping.order(whole(catalogue["seedCatalog"]["nodes"][0]))
    assert order.order_id == 8837991727410
    assert order.created_at == datetime(2026, 6, 22, 22, 34, 0, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 6, 22, 22, 34, 2, tzinfo=UTC)
    assert (order.financial_status, order.fulfillment_status) == ("paid", "unfulfilled")
    assert order.email == "hermes-draft-order-complete-20260622223358@example.com"
    assert order.current_total == Decimal("55")


def test_a_recorded_edit_keeps_the_ordered_quantity_and_changes_the_current_one() -> None:
    node = recorded("order_edit_2026-04")["cases"]["taxed"]["downstreamRead"]["response"]["payload"]["data"]["order"]
    line = nodes.line(1) | node["lineItems"]["nodes"][0]
    order = mapping.order(whole(node) | {"lineItems": connection([line])})
    assert (order.total, order.subtotal, order.tax) == (Decimal(226), Decimal(200), Decimal(26))
    assert order.current_total == Decimal(113)
    (item,) = order.line_items
    assert (item.quantity, item.current_quantity, item.unit_price) == (2, 1, Decimal(100))
    assert item.taxes == (TaxLine("Line tax", Decimal("0.13"), Decimal(26)),)


def test_a_recorded_discount_by_edit_rewrites_the_total() -> None:
    node = recorded("order_edit_2026-04")["cases"]["discount"]["downstreamRead"]["response"]["payload"]["data"][
        "order"
    ]
    order = mapping.order(whole(node) | {"lineItems": connection()})
    assert (order.total, order.current_total) == (Decimal(80), Decimal(80))


@pytest.mark.parametrize(
    ("name", "restock", "subtotal"),
    [("refund_partial_2025-01", "return", "10"), ("refund_full_2025-01", "no_restock", "0")],
)
def test_a_recorded_refund_of_goods_and_shipping_is_read(name: str, restock: str, subtotal: str) -> None:
    recording = recorded(name)
    node = recording["mutation"]["response"]["data"]["refundCreate"]["refund"]
    (line,) = node["refundLineItems"]["nodes"]
    # 2025-01 had no processedAt, and totalTaxSet was not asked for.
    node |= {"processedAt": node["createdAt"]}
    node |= {"refundLineItems": connection([line | {"totalTaxSet": bag("0.0")}])}
    (refund,) = mapping.order(
        whole(recording["downstreamRead"]["response"]["data"]["order"]) | {"refunds": [node]}
    ).refunds
    assert refund.refunded == Decimal(15)
    assert refund.note == recording["variables"]["input"]["note"]
    assert (refund.lines[0].restock_type, refund.lines[0].quantity) == (restock, 1)
    assert refund.lines[0].subtotal == Decimal(subtotal)
    assert refund.order_id == int(recording["variables"]["input"]["orderId"].rsplit("/", 1)[1])


def test_a_recorded_cancellation_of_a_paid_order_is_read() -> None:
    node = recorded("order_cancel_2026-04")["downstreamRead"]["response"]["data"]["order"]
    order = mapping.order(whole(node))
    assert order.cancelled_at == datetime(2026, 5, 8, 2, 34, 17, tzinfo=UTC)
    assert (order.cancel_reason, order.financial_status) == ("other", "refunded")
    assert order.current_total == 0
    assert order.refunds == ()  # its refund was recorded by id and money only: that is not a refund yet


def test_recorded_customers_are_read() -> None:
    nodes_read = [edge["node"] for edge in recorded("customers_2025-01")["data"]["customers"]["edges"]]
    nodes_read.append(recorded("customer_2025-01")["data"]["customer"])
    customers = [mapping.customer(node) for node in nodes_read]
    assert [(each.customer_id, each.orders_count, each.amount_spent) for each in customers] == [
        (9522206933298, 13, Decimal("11884.9")),
        (9522206966066, 0, Decimal(0)),
        (9522206998834, 0, Decimal(0)),
        (9522206933298, 13, Decimal("11884.9")),
    ]
    assert customers[3].tags == ()
    assert customers[0].tags is None  # not asked for in that recording
    assert customers[1].city is None
    assert (customers[3].first_name, customers[3].last_name, customers[3].state) == ("Karine", "Ruby", "disabled")
    assert customers[3].email == "karine.ruby@example.com"


def test_a_recorded_customers_place_is_read() -> None:
    recording = recorded("customers_filters_2025-01")["usCreate"]["response"]["data"]["customerCreate"]["customer"]
    customer = mapping.customer(nodes.customer() | recording)
    assert (customer.country, customer.province, customer.city) == ("US", "WA", "Seattle")
    assert customer.tags == ("keyedsearchmr7fy5zc", "keyedusmr7fy5zc", "standard")
