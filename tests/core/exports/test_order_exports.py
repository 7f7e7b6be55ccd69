"""The files of one order: its items, its refunds, what was asked to return, and each change of its sales."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain import Deleted, Kind
from core.domain.periods import Period
from core.domain.returns import ReturnLine
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.exports.downloads import download
from tests.core.metrics.conftest import Shop, shop_of

OF_ORDER = {"order": str(made.ORDER_ID)}
FILES = ("items-of-order", "sales-of-order", "refunds-of-order", "returns-of-order")


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Two shirts at 20.00 less 4.00; one of them came back. A second order has the same items."""
    shop = shop_of(cast.acme)
    line = made.line(discount=Decimal(4))
    refund = made.refund(note="too small")
    asked = ReturnLine(5, 4, made.PLACED, "open", 1, "unwanted", note="sorry", line_item_id=11)
    shop.receive(
        made.product(),
        made.order(line_items=(line,), refunds=(refund,), return_lines=(asked,)),
        made.order(order_id=2, line_items=(line,)),
    )
    return shop


@pytest.fixture
def day(acme: Shop) -> Period:
    return acme.days("2026-11-02")


def test_the_items_are_as_ordered_with_what_was_charged(acme: Shop, day: Period) -> None:
    (item,) = download(acme, "items-of-order", day, OF_ORDER)
    assert item == {
        "title": "Shirt",
        "variant": "",
        "sku": "",
        "product_id": "gid://shopify/Product/7",
        "quantity": "2",
        "quantity_now": "",
        "unit_price": "20.00",
        "discount": "4.00",
        "charged": "36.00",
        "currency": "EUR",
        "is_tip": "no",
        "is_gift_card": "no",
    }


def test_the_sales_are_dated_and_signed(acme: Shop, day: Period) -> None:
    rows = download(acme, "sales-of-order", day, OF_ORDER)
    assert [(row["day"], row["line_type"], row["quantity"], row["net"]) for row in rows] == [
        ("2026-11-02", "product", "2", "36.00"),
        ("2026-11-02", "shipping", "1", "5.00"),
        ("2026-11-11", "product", "-1", "-20.00"),
    ]
    assert [row["discount"] for row in rows] == ["4.00", "0.00", "-2.00"], "half of it came back"


def test_refunds_and_returns_have_their_notes(acme: Shop, day: Period) -> None:
    (refund,) = download(acme, "refunds-of-order", day, OF_ORDER)
    assert (refund["day"], refund["units"], refund["refunded"], refund["note"]) == (
        "2026-11-11",
        "1",
        "23.80",
        "too small",
    )
    (asked,) = download(acme, "returns-of-order", day, OF_ORDER)
    assert (asked["title"], asked["reason"], asked["note"], asked["status"]) == ("Shirt", "unwanted", "sorry", "open")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("order", ["", "3", "x", "9" * 30])
def test_a_file_of_no_order_is_empty(acme: Shop, day: Period, name: str, order: str) -> None:
    assert download(acme, name, day, {"order": order}) == []


@pytest.mark.parametrize("name", FILES)
def test_a_deleted_order_has_no_files(acme: Shop, day: Period, name: str) -> None:
    acme.receive(Deleted(Kind.ORDER, made.ORDER_ID, NOW))
    assert download(acme, name, day, OF_ORDER) == []
