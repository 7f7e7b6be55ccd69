"""The simulated Shopify's own report: sales by day from its ledger, and a parse error for unknown queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.simulator.admin_api import reports
from core.simulator.life.history import make_shop
from core.simulator.shop.shop import Shop, ShopSpec
from core.simulator.shop.truth import truth


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(ShopSpec(customers=20, orders=60, days=60))


def test_a_row_a_day_from_since_to_the_day_before_until(shop: Shop) -> None:
    since = shop.spec.until - timedelta(days=6)
    query = f"FROM sales SHOW total_sales, orders TIMESERIES day SINCE {since} UNTIL {shop.spec.until}"
    answer = reports.run_query(shop, query)
    assert answer["parseErrors"] == []
    assert [column["name"] for column in answer["tableData"]["columns"]] == ["day", "total_sales", "orders"]
    real = truth(shop, since, shop.spec.until - timedelta(days=1)).by_day
    assert answer["tableData"]["rows"] == [
        {"day": str(day), "total_sales": str(totals.total_sales), "orders": str(totals.orders)}
        for day, totals in real.items()
    ]


def test_discounts_are_negative_as_shopify_shows_them(shop: Shop) -> None:
    query = f"FROM sales SHOW discounts TIMESERIES day SINCE {date(2026, 10, 1)} UNTIL {date(2026, 11, 1)}"
    rows = reports.run_query(shop, query)["tableData"]["rows"]
    assert {row["discounts"].startswith("-") for row in rows if float(row["discounts"])} == {True}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT total_sales FROM sales", "is understood"),
        ("FROM sales SHOW profit TIMESERIES day SINCE 2026-11-01 UNTIL 2026-11-02", "'profit' not found"),
        ("FROM sales SHOW orders TIMESERIES day SINCE yesterday UNTIL today", "2026-11-21"),
    ],
)
def test_an_unknown_query_is_a_parse_error(shop: Shop, query: str, message: str) -> None:
    answer = reports.run_query(shop, query)
    assert answer["tableData"] is None
    assert message in answer["parseErrors"][0]


def test_no_days_are_no_rows(shop: Shop) -> None:
    query = "FROM sales SHOW orders TIMESERIES day SINCE 2026-11-02 UNTIL 2026-11-02"
    assert reports.run_query(shop, query)["tableData"]["rows"] == []
