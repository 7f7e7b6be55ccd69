"""The lists of Orders, Customers and Products: searched, sorted and paged by the server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.metrics.definitions import DEFINITIONS
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop
from tests.dashboard.pages import (
    links,
    list_data,
    listed,
    open_page,
    page_text,
)
from tests.dashboard.reports import acme as acme
from tests.dashboard.reports import busy as busy
from tests.dashboard.reports import column, downloads, figures, placed, titles


def test_the_orders_page_lists_searches_and_narrows(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "orders")
    assert not app.exception
    assert figures(app) == {
        "Orders": ("2", "+100.0%"),
        "Avg. order value": ("€30.00", "−25.0%"),
        "Items per order": ("1.50", "−25.0%"),
        "Cancelled rate": ("50.0%", "new"),
    }
    assert "2 orders" in titles(app)
    assert column(app, "name") == ["#1003", "#1002"]
    assert column(app, "net_sales") == ["€0.00", "€40.00"]
    assert column(app, "fulfillment_status") == ["Cancelled", "Unfulfilled"]
    assert column(app, "financial_status") == ["", "Paid"], "an unknown status is an empty cell"
    assert links(app)["Ada Lovelace"].startswith("/customer?shop=acme&customer=81")
    assert links(app)["guest@example.com"].startswith("/customer?shop=acme&customer=e%3Aguest%40example.com")

    app.text_input(key="find_order").set_value("ada").run()
    assert column(app, "name") == ["#1002"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["search"] == ["ada"]

    app.selectbox(key="status").set_value("Cancelled").run()
    assert not listed(app)
    assert "No order of this period matches" in page_text(app)
    app.text_input(key="find_order").set_value("").run()
    assert column(app, "name") == ["#1003"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["status"] == ["cancelled"]


def test_a_long_list_comes_in_pages(cast: Cast, acme: Shop) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    acme.receive(*(placed(n, yesterday, name=f"#{n}", customer_id=n) for n in range(1, 121)))
    for page, name, first in (("orders", "name", "#120"), ("customers", "customer", "Guest")):
        app = open_page(cast.alice, page)
        assert len(listed(app)) == 50
        pager = list_data(app)["pager"]
        assert (pager["number"], pager["last"], pager["text"]) == (1, 3, "1–50 of 120")
        assert column(app, name)[0] == first
        app.query_params["page"] = "3"
        app.run()
        assert len(listed(app)) == 20
        assert list_data(app)["pager"]["text"] == "101–120 of 120"
        app.text_input[0].set_value("#1" if page == "orders" else "nobody").run()
        assert "page" not in app.query_params, "another search begins on the first page"
        if page == "orders":
            assert list_data(app)["pager"]["number"] == 1


def test_a_list_is_sorted_by_the_address(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "orders")
    assert column(app, "name") == ["#1003", "#1002"]
    app.query_params["sort"] = "-net_sales"
    app.run()
    assert column(app, "name") == ["#1002", "#1003"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["sort"] == ["-net_sales"]
    (header,) = [header for header in list_data(app)["columns"] if header["name"] == "net_sales"]
    assert (header["direction"], header["next"]) == ("descending", "net_sales")


def shown_columns(app: AppTest) -> list[str]:
    return [header["name"] for header in list_data(app)["columns"]]


def test_the_address_hides_columns_of_its_list_and_the_tab_keeps_them(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "orders")
    usual = shown_columns(app)
    assert usual == [
        *("name", "total", "customer", "processed_at", "net_sales", "items", "financial_status"),
        "fulfillment_status",
    ]
    app.query_params["hidden"] = "order.items.taxes.name.x'; --"
    app.run()
    assert not app.exception
    assert shown_columns(app) == [
        *(name for name in usual if name != "items"),
        *("discounts", "returns", "shipping", "country", "discount_codes", "tags"),
    ], "the first column always shows, and columns that hide by themselves show unless they are named"
    assert column(app, "returns") == ["€20.00", "€0.00"]
    assert "items" in [order["name"].removeprefix("-") for order in list_data(app)["orders"]], (
        "it still sorts the list"
    )
    app.switch_page("app_pages/customers.py").run()
    assert "orders" in shown_columns(app), "another list has its own columns"
    app.switch_page("app_pages/orders.py").run()
    assert "items" not in shown_columns(app)
    assert app.query_params["hidden"] == "order.items.taxes.name.x'; --", "so that the address can be shared"


def test_hidden_trends_of_products_are_not_read(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "products")
    assert "trend" in shown_columns(app)
    app.query_params["hidden"] = "list.trend"
    app.run()
    assert not app.exception
    assert "trend" not in shown_columns(app)
    assert column(app, "gross_sales") == ["€60.00"]


@pytest.mark.parametrize("page", ["orders", "customers", "products"])
@pytest.mark.parametrize("typed", ["-1", "0", "99999999999", "x", "²", "'; --"])
def test_a_sort_or_page_that_is_none_is_the_lists_own(cast: Cast, busy: Shop, page: str, typed: str) -> None:
    app = open_page(cast.alice, page)
    own, own_rows = list_data(app), listed(app)
    app.query_params["sort"], app.query_params["page"] = typed, typed
    app.run()
    assert not app.exception
    assert listed(app) == own_rows
    assert {**list_data(app), "rows": own["rows"]} == own, "but for its links, which lead back to this address"


def test_a_header_explains_its_metric(cast: Cast, busy: Shop) -> None:
    for page in ("orders", "customers", "products"):
        headers = {header["name"]: header["help"] for header in list_data(open_page(cast.alice, page))["columns"]}
        assert headers["net_sales"] == DEFINITIONS["net_sales"].meaning


def test_the_customers_page_separates_new_from_returning(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "customers")
    assert not app.exception
    assert figures(app) == {
        "Customers": ("2", "+100.0%"),
        "New customers": ("1", "0.0%"),
        "Returning rate": ("50.0%", "new"),
        "Repeat rate": ("0.0%", ""),
        "Days to second order": ("–", ""),
    }
    assert column(app, "customer") == ["Ada Lovelace", "guest@example.com"]
    assert column(app, "orders_to_date") == ["2", "1"]
    assert column(app, "net_sales_to_date") == ["€80.00", "€0.00"]
    assert column(app, "is_new") == ["", "Yes"]
    app.text_input(key="find_customer").set_value("love").run()
    assert column(app, "customer") == ["Ada Lovelace"]
    app.text_input(key="find_customer").set_value("nobody").run()
    assert "No customer of this period matches" in page_text(app)


def test_the_products_page_shows_products_or_variants(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "products")
    assert not app.exception
    (row,) = listed(app)
    assert (row["title"], row["net_sales"], row["units_sold"], row["units_returned"]) == ("Shirt", "€40.00", "3", "1")
    assert (row["stock"], row["lowest_price"]) == ("4", "€20.00")
    app.get_by_key("rows").set_value("By variant").run()
    (row,) = listed(app)
    assert (row["title"], row["variant"], row["sku"], row["price"]) == ("Shirt", "M", "S-M", "€20.00")
    assert "/exports/variants.csv" in downloads(app)[-1]
    app.text_input(key="find_product").set_value("scarf").run()
    assert not listed(app)
    assert "No product matches" in page_text(app)


def test_sales_without_a_product_stay_in_a_line_of_their_own(cast: Cast, acme: Shop) -> None:
    custom = made.line(12, "7.00", 1, "1.33", title="Engraving", product_id=None, variant_id=None)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    acme.receive(made.product(), placed(1, yesterday, line_items=(made.line(), custom)))
    app = open_page(cast.alice, "products")
    assert column(app, "title") == ["Shirt"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["goods"] == ["products"]
    assert app.toggle(key="others").label.replace("\\", "") == "Show 1 sale without a product · €7.00"
    app.toggle(key="others").set_value(True).run()
    assert column(app, "title") == ["Shirt", "Engraving"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["goods"] == ["all"]


def test_the_next_page_begins_behind_the_last_row_though_orders_came(cast: Cast, acme: Shop) -> None:
    """The address has the page as the pager offers it; by a number alone, #70 and #71 would come twice."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    acme.receive(*(placed(n, yesterday, name=f"#{n}") for n in range(1, 121)))
    app = open_page(cast.alice, "orders")
    assert column(app, "name") == [f"#{n}" for n in range(120, 70, -1)]
    acme.receive(*(placed(n, yesterday, name=f"#{n}") for n in (121, 122)))
    app.query_params["page"] = list_data(app)["pager"]["next"]
    app.run()
    assert column(app, "name") == [f"#{n}" for n in range(70, 20, -1)]
    app.query_params["page"] = list_data(app)["pager"]["next"]
    app.run()
    assert column(app, "name") == [f"#{n}" for n in range(20, 0, -1)]
    app.query_params["page"] = list_data(app)["pager"]["previous"]
    app.run()
    assert column(app, "name") == [f"#{n}" for n in range(70, 20, -1)]


@pytest.mark.parametrize("typed", ["x", "after.WzIsMV0", "before.é", "after.", "after.W10.x"])
def test_a_cursor_of_no_list_leaves_the_page_of_the_address(cast: Cast, acme: Shop, typed: str) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    acme.receive(*(placed(n, yesterday, name=f"#{n}") for n in range(1, 121)))
    app = open_page(cast.alice, "orders")
    app.query_params["page"] = f"2.{typed}"
    app.run()
    assert not app.exception
    assert column(app, "name") == [f"#{n}" for n in range(70, 20, -1)]
