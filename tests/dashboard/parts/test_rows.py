"""A page of a list that is counted up to a limit."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from core.metrics.orders.sorts import NEWEST_FIRST, OrderKey, sortable
from dashboard.parts.columns import Column, Kind
from dashboard.parts.rows import ListPage, list_payload


def test_a_list_of_more_rows_than_are_counted_says_so_and_ends_at_the_limit() -> None:
    page = ListPage(NEWEST_FIRST, NEWEST_FIRST, number=2, count=10_000, is_capped=True)
    assert (page.title("order"), page.last) == ("More than 10,000 orders", 200)
    pager = list_payload("Orders", [], {}, page, ZoneInfo("Europe/Berlin"), "EUR")["pager"]
    assert pager["text"] == "51–100 of more than 10,000"


def test_a_whole_list_says_its_number() -> None:
    assert ListPage(NEWEST_FIRST, NEWEST_FIRST, number=1, count=1).title("order") == "1 order"


def test_a_list_that_is_too_long_for_a_sort_says_so_in_the_header() -> None:
    columns = {
        "items": Column("Items", Kind.COUNT, sort=OrderKey.ITEMS),
        "total": Column("Total", Kind.MONEY, "With tax.", sort=OrderKey.TOTAL),
    }
    page = ListPage(NEWEST_FIRST, NEWEST_FIRST, number=1, count=5001, sorts=sortable(5001))
    data = list_payload("Orders", [], columns, page, ZoneInfo("Europe/Berlin"), "EUR")
    items, total = data["columns"]
    assert (items["next"], items["help"]) == (None, "Sorts up to 5,000 rows: choose a shorter period, or search.")
    assert (total["next"], total["help"]) == ("-total", "With tax.")
    assert [order["name"] for order in data["orders"]] == ["-total", "total"]
