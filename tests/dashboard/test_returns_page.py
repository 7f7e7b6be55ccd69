"""The Returns page as each of the cast: both ways to count, their difference, products, reasons and orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import cards, component_data, downloads, links, open_page, page_text, tables, tiles

NOW = datetime.now(UTC)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """A shirt of an order of 40 days ago came back yesterday, and both of an order of this period."""
    yesterday = NOW - timedelta(days=1)
    acme.receive(
        made.product(),
        placed(1, NOW - timedelta(days=40), refunds=(made.refund(31, 1, yesterday, note="Too small"),)),
        placed(
            2,
            NOW - timedelta(days=5),
            refunds=(made.refund(32, 2, yesterday, lines=(made.refund_line(42, quantity=2, subtotal="40.00"),)),),
        ),
        placed(3, NOW - timedelta(days=2)),
    )
    return acme


def placed(order_id: int, when: datetime, **changes: Any) -> Any:
    fields = {"name": f"#{order_id}", "created_at": when, "processed_at": when, "updated_at": NOW} | changes
    return made.order(order_id=order_id, **fields)


def listed(app: AppTest) -> list[dict[str, str]]:
    """The rows of the list, which is the page's last table."""
    data = cards(app)[-1]["content"]
    if not data:
        return []
    names = [column["name"] for column in data["columns"]]
    return [dict(zip(names, (cell["text"] for cell in row), strict=True)) for row in data["rows"]]


def texts(app: AppTest) -> dict[str, str]:
    return {label: tile["text"] for label, tile in tiles(app).items()}


def test_returns_count_on_their_own_day_at_first(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "returns")
    assert not app.exception
    assert texts(app) == {
        "Returns": "€60.00",
        "Return rate": "75.0%",
        "Return rate by units": "75.0%",
        "Orders with a return": "2",
        "Refunded": "€47.60",
        "Avg. refund": "€23.80",
    }
    assert [(row["name"], row["returns"], row["items"], row["reason"]) for row in listed(app)][::-1] == [
        ("#1", "€20.00", "Shirt", "Too small"),
        ("#2", "€40.00", "Shirt × 2", ""),
    ]
    assert links(app)["#1"].startswith("/order?shop=acme&order=1")
    assert tables(app)["Returned most"] == [["Shirt", "€60.00", "75.0%", "3"]]
    (row,) = component_data(app, "table", "Returned most")["rows"]
    assert row[-1]["note"] == "75.0% of the units"
    assert [row[0] for row in tables(app)["Reasons"]] == ["No reason given", "Too small"]


def test_the_switch_counts_the_orders_of_the_period_and_marks_them_open(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "returns")
    assert "a difference of **€20\\.00**" in page_text(app)
    assert "€0\\.00** of these" not in page_text(app), "a part of nothing is left out"
    assert "Still open" not in page_text(app)
    app.get_by_key("returns-by").set_value("For orders of the period").run()
    assert not app.exception
    assert texts(app) == {
        "Returns of these orders": "€40.00",
        "Return rate of these orders": "50.0%",
        "Return rate of these orders by units": "50.0%",
        "Orders of the period with a return": "1",
        "Refunded of these orders": "€23.80",
    }
    assert {tile["change"] for tile in tiles(app).values()} == {""}, "an open period is compared with none"
    assert "Still open" in page_text(app)
    assert [row["name"] for row in listed(app)] == ["#2"]
    files = downloads(app)
    assert files
    assert all("-of-orders.csv" in file for file in files)


def test_a_search_finds_orders_and_reasons(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "returns")
    app.text_input(key="find_return").set_value("small").run()
    assert [row["name"] for row in listed(app)] == ["#1"]
    app.text_input(key="find_return").set_value("nothing").run()
    assert "Nothing came back that matches" in page_text(app)


def test_an_empty_store_and_no_store_say_what_to_do(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice, "returns")
    assert not app.exception
    assert "Nothing came back in this period" in page_text(app)
    app = open_page(cast.dana, "returns")
    assert not app.exception
    assert not tiles(app)


def test_charlie_sees_nothing_of_alices_returns(cast: Cast, busy: Shop) -> None:
    open_page(cast.alice, "returns")
    app = open_page(cast.charlie, "returns")
    assert not app.exception
    assert texts(app)["Returns"] == "$0.00"
    assert not listed(app)
