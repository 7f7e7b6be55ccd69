"""A new order is announced once on each open page, and an old one never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import component_data, open_page
from tests.dashboard.reports import finish_sync, placed


@pytest.fixture
def shop(cast: Cast) -> Shop:
    shop = shop_of(cast.acme)
    shop.receive(order(1, "#1001"))
    finish_sync(shop)
    return shop


def order(number: int, name: str, age: timedelta = timedelta(0), **changes: Any) -> Any:
    return placed(number, datetime.now(UTC) - age, name=name, total=Decimal("54.00"), **changes)


def toast(app: AppTest) -> dict[str, str] | None:
    assert not app.exception
    found: dict[str, str] | None = component_data(app, "live")["toast"]
    return found


@pytest.mark.parametrize("page", ["overview", "orders"])
def test_a_new_order_is_announced_once(cast: Cast, shop: Shop, page: str) -> None:
    app = open_page(cast.alice, page)
    assert toast(app) is None  # the first sight of a page
    shop.receive(order(2, "#1002 <b>*x*</b>"))
    first = toast(app.run())
    assert first
    assert first["text"] == "New order #1002 <b>*x*</b>, €54.00"
    table = component_data(app, "table", "Recent orders" if page == "overview" else "2 orders")
    assert [table["rows"][number][0]["text"] for number in table["new"]] == ["#1002 <b>*x*</b>"]
    shop.receive(order(2, "#1002", timedelta(seconds=-1), financial_status="paid"))
    assert toast(app.run()) == first  # under the same name, which the browser shows once
    shop.receive(order(3, "#1003"))
    second = toast(app.run())
    assert second
    assert second["name"] != first["name"]
    assert "#1003" in second["text"]


def test_a_burst_is_one_announcement(cast: Cast, shop: Shop) -> None:
    app = open_page(cast.alice)
    shop.receive(*(order(number, f"#{number}") for number in range(100, 112)))
    burst = toast(app.run())
    assert burst
    assert burst["text"] == "12 new orders"
    shop.receive(*(order(number, f"#{number}") for number in range(200, 300)))
    flood = toast(app.run())
    assert flood
    assert flood["text"] == "50 or more new orders"


def test_an_old_order_that_comes_late_is_not_announced(cast: Cast, shop: Shop) -> None:
    app = open_page(cast.alice)
    shop.receive(order(5, "#0005", timedelta(hours=2)), order(6, "#0006", timedelta(days=90)))
    assert toast(app.run()) is None


def test_orders_of_the_first_load_are_not_announced(cast: Cast) -> None:
    app = open_page(cast.alice)
    shop = shop_of(cast.acme)
    shop.receive(order(1, "#1001"))
    assert toast(app.run()) is None
    finish_sync(shop)
    assert toast(app.run()) is None


def test_another_page_begins_without_an_announcement(cast: Cast, shop: Shop) -> None:
    app = open_page(cast.alice)
    shop.receive(order(2, "#1002"))
    assert toast(app.run())
    assert toast(app.switch_page("app_pages/orders.py").run()) is None


def test_another_business_hears_nothing(cast: Cast, shop: Shop) -> None:
    app = open_page(cast.charlie)
    shop.receive(order(2, "#1002"))
    assert toast(app.run()) is None
