"""The Discounts page with discounts, without any, and without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from streamlit.testing.v1 import AppTest

from core.domain.orders import Allocation, DiscountKind
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import shop_of
from tests.dashboard.pages import component_data, open_page, page_text, tiles

CODE = "**<b>SAVE</b>**"


def test_a_code_is_listed_as_it_is_typed_and_never_as_markup(cast: Cast) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    line = made.line(discount=Decimal(4), tax="0", allocations=(Allocation(DiscountKind.CODE, CODE, Decimal(4)),))
    shop = shop_of(cast.acme)
    shop.receive(made.product(), made.order(created_at=at, processed_at=at, updated_at=at, line_items=(line,)))
    app = open_page(cast.alice, "discounts")
    assert not app.exception
    data = component_data(app, "table", "1 discount")
    assert [cell["text"] for cell in data["rows"][0]][:4] == [CODE, "Code", "1", "€4.00"]
    assert tiles(app)["Discount given"]["text"] == "€4.00"
    assert CODE not in page_text(app)
    other = open_page(cast.charlie, "discounts")
    assert "No order of this period used a discount" in page_text(other)


def test_a_row_opens_the_discount_with_its_orders(cast: Cast) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    line = made.line(discount=Decimal(4), tax="0", allocations=(Allocation(DiscountKind.CODE, CODE, Decimal(4)),))
    shop = shop_of(cast.acme)
    shop.receive(made.product(), made.order(created_at=at, processed_at=at, updated_at=at, line_items=(line,)))
    listed = component_data(open_page(cast.alice, "discounts"), "table", "1 discount")
    link = urlsplit(listed["rows"][0][0]["href"])
    query = dict(parse_qsl(link.query))
    assert (link.path, query["discount"], query["shop"]) == ("/discount", f"code:{CODE.lower()}", "acme")

    app = open_discount(cast, query["discount"])
    assert not app.exception
    assert CODE not in page_text(app)
    assert tiles(app)["Discount given"]["text"] == "€4.00"
    row = component_data(app, "table", "1 order")["rows"][0]
    assert [cell["text"] for cell in row][3:] == ["€4.00", "€36.00", "€52.60", "Yes"]
    assert component_data(app, "chart")["series"][0]["values"].count(4.0) == 1


def test_a_discount_without_orders_in_the_period_says_so(cast: Cast) -> None:
    assert "No order of this period used this discount" in page_text(open_discount(cast, "code:never"))


def test_an_address_that_names_no_discount_is_not_found(cast: Cast) -> None:
    assert "There is nothing to show at this address" in page_text(open_discount(cast, "coupon:never"))


def open_discount(cast: Cast, key: str) -> AppTest:
    app = open_page(cast.alice, "discounts")
    app.query_params["shop"], app.query_params["discount"] = "acme", key
    return app.switch_page("app_pages/discount.py").run()


def test_a_business_without_a_store_is_asked_to_connect_one(cast: Cast) -> None:
    assert not open_page(cast.dana, "discounts").exception
