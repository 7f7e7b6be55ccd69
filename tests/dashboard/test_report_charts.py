"""The charts of the report pages: today beside other days, the grain, and the table of each chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop
from tests.dashboard.pages import (
    components,
    links,
    open_page,
    page_text,
    tables,
)
from tests.dashboard.reports import acme as acme
from tests.dashboard.reports import busy as busy
from tests.dashboard.reports import downloads, drawn_points, finish_sync, lines_of_chart, open_with, placed


def test_today_is_a_running_total_beside_yesterday_and_the_same_weekday_last_week(cast: Cast, acme: Shop) -> None:
    now = datetime.now(UTC)
    midnight = acme.days(now.astimezone(acme.zone).date().isoformat()).instants[0]
    finish_sync(acme)
    acme.receive(
        placed(1, now),
        placed(2, now, line_items=(made.line(quantity=1),)),
        placed(3, midnight - timedelta(days=1)),
        placed(4, midnight - timedelta(days=7)),
    )
    app = open_with(cast.alice, range="Today")
    assert not app.exception
    assert "**€20\\.00 ahead of yesterday at this time\\.**" in page_text(app)
    assert [line["name"] for line in lines_of_chart(app)][:2] == ["Today", "Yesterday"]
    app = open_with(cast.alice, range="Today", metric="Orders")
    assert "**1 order ahead of yesterday at this time\\.**" in page_text(app)


def test_today_without_a_comparison_is_one_line_without_a_sentence(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, datetime.now(UTC)))
    app = open_with(cast.alice, range="Today", compare="No comparison")
    assert not app.exception
    assert "at this time" not in page_text(app)
    assert [line["name"] for line in lines_of_chart(app)] == ["Today"]


@pytest.mark.parametrize("page", ["overview", "orders", "customers"])
def test_a_chart_over_time_and_its_download_follow_the_chosen_grain(cast: Cast, busy: Shop, page: str) -> None:
    app = open_page(cast.alice, page)
    assert len(drawn_points(app)) == 30
    app.get_by_key("grain").set_value("Week").run()
    assert not app.exception
    assert len(drawn_points(app)) in (5, 6)
    (csv,) = [link for link in downloads(app) if "over-time" in link][:1]
    assert parse_qs(urlsplit(csv).query)["grain"] == ["week"]


def test_a_grain_that_does_not_fit_the_period_falls_back_to_the_periods_own(cast: Cast, busy: Shop) -> None:
    for typed in ("Month", "Hour", "'; --", ""):
        app = open_with(cast.alice, grain=typed)
        assert not app.exception
        assert len(drawn_points(app)) == 30
    app = open_with(cast.alice, grain="Week", range="Last 7 days")
    assert not app.exception
    assert len(drawn_points(app)) == 7


@pytest.mark.parametrize(
    ("page", "caption", "first"),
    [
        ("overview", "Net sales over time", []),
        ("overview", "Sales by product", ["Shirt", "€40.00", "3"]),
        ("products", "Best-selling products", ["Shirt", "€40.00", "3"]),
        ("orders", "Orders over time", []),
        ("customers", "New and repeat customers", []),
    ],
)
def test_a_chart_shows_its_numbers_as_a_table(
    cast: Cast, busy: Shop, page: str, caption: str, first: list[str]
) -> None:
    app = open_page(cast.alice, page)
    assert caption not in tables(app), "it is sent only while it is open"
    app.session_state[f"rows of {caption}"] = True
    app.run()
    assert not app.exception
    rows = tables(app)[caption]
    assert rows[0][: len(first)] == first
    assert first or len(rows) == 30


def test_a_bar_of_the_products_page_opens_its_product_by_keyboard_too(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "products")
    app.session_state["rows of Best-selling products"] = True
    app.run()
    assert links(app)["Shirt"].startswith("/product?shop=acme&product=")


def test_a_long_table_of_a_chart_has_pages(cast: Cast, busy: Shop) -> None:
    app = open_with(cast.alice, range="Last 90 days")
    app.session_state["rows of Net sales over time"] = True
    app.run()
    (table,) = [drawn for drawn in components(app, "table") if drawn["caption"] == "Net sales over time"]
    pager = {"number": 1, "last": 2, "previous": 0, "next": 2, "text": "1–50 of 90"}
    assert (len(table["rows"]), table["pager"]) == (50, pager)
    app.session_state["page of table of Net sales over time"] = 2
    app.run()
    (table,) = [drawn for drawn in components(app, "table") if drawn["caption"] == "Net sales over time"]
    assert (len(table["rows"]), table["pager"]["text"]) == (40, "51–90 of 90")


def test_today_is_compared_with_no_day_before_the_stores_first_order(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, datetime.now(UTC)))
    app = open_with(cast.alice, range="Today")
    assert not app.exception
    assert "at this time" not in page_text(app)
    assert [line["name"] for line in lines_of_chart(app)] == ["Today"]
