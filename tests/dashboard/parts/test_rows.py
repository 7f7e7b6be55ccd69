"""A page of a list that is counted up to a limit."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from core.metrics.orders.listing import NEWEST_FIRST
from dashboard.parts.rows import ListPage, list_payload


def test_a_list_of_more_rows_than_are_counted_says_so_and_ends_at_the_limit() -> None:
    page = ListPage(NEWEST_FIRST, NEWEST_FIRST, number=2, count=10_000, is_capped=True)
    assert (page.title("order"), page.last) == ("More than 10,000 orders", 200)
    pager = list_payload("Orders", [], {}, page, ZoneInfo("Europe/Berlin"), "EUR")["pager"]
    assert pager["text"] == "51–100 of more than 10,000"


def test_a_whole_list_says_its_number() -> None:
    assert ListPage(NEWEST_FIRST, NEWEST_FIRST, number=1, count=1).title("order") == "1 order"
