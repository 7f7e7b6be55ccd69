"""Discounts in stores whose prices contain tax: gross sales and discounts equal Shopify's by every path."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from core.domain import Order
from core.domain.ledger import sale_rows
from core.shopify import mapping
from core.shopify.mapping import bulk_orders
from tests.cast import NOW
from tests.core.shopify import nodes
from tests.core.shopify.nodes import Node
from tests.core.shopify.paged_shop import PagedShop, orders_of

SMALL = {"price": "3.13", "off": "0.11", "taxes": [nodes.tax("0.56", "0.23")]}
"""3.13 with 23 % in it are 2.54 before tax, and 3.02 are 2.46."""
FREE = {"price": "10.00", "off": "10.00", "taxes": []}
"""Nothing is charged, so no tax line states the rate; 10.00 with 19 % in it are 8.40 before tax."""


def discounted(price: str, off: str, taxes: list[Node], **changes: Any) -> Node:
    line = nodes.line(1, price, discountAllocations=nodes.allocated(off), taxLines=taxes)
    said = {"taxesIncluded": True, "totalDiscountsSet": nodes.bag(off), "lineItems": nodes.connection([line])}
    total = {"totalPriceSet": nodes.bag(str(Decimal(price) - Decimal(off)))}
    return nodes.order(1, **said | total | changes)


def agreed(total: str, tax: str, discount: str) -> Node:
    return nodes.connection([nodes.agreement(1, [nodes.sale(1, total, tax, discount)])])


def is_plain_in_bulk(node: Node) -> bool:
    parent = {name: value for name, value in node.items() if name not in ("lineItems", "shippingLines")}
    children = [json.dumps(line, default=str).encode() for line in node["lineItems"]["nodes"]]
    return bulk_orders.order(json.dumps(parent, default=str).encode(), children)[1]


@pytest.mark.parametrize(
    ("placed", "ledger", "gross", "discount"),
    [(SMALL, ("3.02", "0.56", "0.08"), "2.54", "0.08"), (FREE, ("0.00", "0.00", "8.40"), "8.40", "8.40")],
    ids=["2.54 less 0.08", "8.40 less all of it"],
)
def test_a_page_and_a_bulk_operation_leave_the_split_to_shopifys_ledger(
    placed: dict[str, Any], ledger: tuple[str, str, str], gross: str, discount: str
) -> None:
    node = discounted(**placed, agreements=agreed(*ledger))

    (read,) = orders_of(PagedShop(orders=[node]))

    (row,) = sale_rows(read)
    assert (f"{row.net + row.discount:.2f}", f"{row.discount:.2f}") == (gross, discount)
    assert not is_plain_in_bulk(node), "it is read whole next"


@pytest.mark.parametrize(
    "changes",
    [
        {"taxesIncluded": False, "totalPriceSet": nodes.bag("3.58")},
        {"totalDiscountsSet": nodes.bag("0.00")},
        {"totalDiscountsSet": None},
    ],
)
def test_an_order_without_such_a_discount_needs_no_ledger(changes: dict[str, Any]) -> None:
    node = discounted(**SMALL, **changes)

    (read,) = orders_of(PagedShop(orders=[node]))

    assert read.agreements is None
    assert is_plain_in_bulk(node)


def test_until_then_the_split_is_computed_as_the_ledger_has_it() -> None:
    """0.11 divided by 1.23 would be 0.09, a cent more."""
    node = discounted(**SMALL, agreements=agreed("3.02", "0.56", "0.08"))

    (read,) = orders_of(PagedShop(orders=[node]))

    for order in (read, replace(read, agreements=None)):
        (row,) = sale_rows(order)
        assert (row.net, row.discount) == (Decimal("2.46"), Decimal("0.08"))


@pytest.mark.parametrize(
    ("price", "off", "rate", "tax", "gross", "discount"),
    [("3.13", "0.11", "0.23", "0.56", "2.54", "0.08"), ("10.00", "10.00", "0.19", "0.00", "8.40", "8.40")],
    ids=["2.54 less 0.08", "8.40 less all of it"],
)
def test_a_webhook_comes_to_the_same_before_its_order_is_read(
    price: str, off: str, rate: str, tax: str, gross: str, discount: str
) -> None:
    line = {"id": 11, "title": "Mug", "product_id": 7, "quantity": 1, "price": price}
    taxes = {"tax_lines": [{"title": "VAT", "rate": float(rate), "price": tax}]}
    body = {
        **{"id": 1, "name": "#1", "currency": "EUR", "taxes_included": True, "total_price": "0"},
        **dict.fromkeys(("created_at", "updated_at"), "2026-11-04T11:00:00Z"),
        "line_items": [line | taxes | {"discount_allocations": [{"amount": off}]}],
    }

    (order_read,) = mapping.from_webhook("orders/create", json.dumps(body).encode(), NOW)

    assert isinstance(order_read, Order)
    (row,) = sale_rows(order_read)
    assert (f"{row.net + row.discount:.2f}", f"{row.discount:.2f}") == (gross, discount)
