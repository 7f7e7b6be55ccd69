"""Searches of the Admin API: what they find, and the warnings about ignored terms."""

from __future__ import annotations

import pytest

from tests.core.simulator.admin_api import AdminApi

SEARCH = "query($q: String) { orders(first: 250, query: $q) { nodes { name } } }"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (None, "#1001 #1002 #1003"),
        ("", "#1001 #1002 #1003"),
        ("updated_at:>='2026-03-03T09:00:00Z'", "#1002 #1003"),
        ("updated_at:>'2026-03-03T09:00:00Z'", "#1002 #1003"),
        ("updated_at:>='2026-03-03T09:00:01Z'", ""),
        ("updated_at:<='2026-03-02T09:00:00Z'", "#1001"),
        ("updated_at:<'2026-03-02T09:00:00Z'", "#1001"),
        ("updated_at:>='2026-03-02T10:00:00+01:00' updated_at:<='2026-03-02T23:00:00Z'", "#1001"),
        ("created_at:>=\"2026-03-03T00:00:00Z\" AND updated_at:<='2026-03-04T00:00:00Z'", "#1002 #1003"),
        ("processed_at:2026-03-02", "#1001"),
        ("-processed_at:2026-03-02", "#1002 #1003"),
        ("name:1002", "#1002"),
        ("financial_status:paid test:false status:open", "#1001 #1002 #1003"),
        ("financial_status:refunded", ""),
        ("email:nobody@example.com", ""),
    ],
)
def test_a_search_finds_what_it_says(small: AdminApi, query: str | None, names: str) -> None:
    body = small.ask(SEARCH, q=query)
    assert " ".join(node["name"] for node in body["data"]["orders"]["nodes"]) == names
    assert "search" not in body["extensions"]


def test_orders_are_found_by_their_number_of_any_length(api: AdminApi) -> None:
    longest = max(api.shop.orders)
    assert longest > 2**53
    nodes = api.data(SEARCH, q=f"id:{longest}")["orders"]["nodes"]
    assert [node["name"] for node in nodes] == [api.shop.orders[longest].name]
    beyond = api.data(SEARCH, q=f"id:>={longest}")["orders"]["nodes"]
    assert len(beyond) == 1
    assert api.data(SEARCH, q=f"id:>{longest}")["orders"]["nodes"] == []


def test_an_unknown_filter_matches_everything_and_only_a_warning_says_so(small: AdminApi) -> None:
    body = small.ask(SEARCH, q="made_up:value updated_at:>='2026-03-03T00:00:00Z'")
    assert len(body["data"]["orders"]["nodes"]) == 2
    warning = {"field": "made_up", "message": "Invalid search field for this query.", "code": "invalid_field"}
    assert body["extensions"]["search"] == [
        {
            "path": ["orders"],
            "query": "made_up:value updated_at:>='2026-03-03T00:00:00Z'",
            "parsed": {"field": "made_up", "match_all": "value"},
            "warnings": [warning],
        }
    ]
    assert "search" not in small.ask(SEARCH, q="")["extensions"]


@pytest.mark.parametrize("query", ["updated_at:>=yesterday", "id:many", "name:>5", "loose words"])
def test_an_unreadable_filter_is_warned_of_too(small: AdminApi, query: str) -> None:
    assert small.ask(SEARCH, q=query)["extensions"]["search"]


def test_counts_count_what_a_search_finds(small: AdminApi) -> None:
    text = "query($q: String, $n: Int) { ordersCount(query: $q, limit: $n) { count precision } }"
    since = "updated_at:>='2026-03-03T00:00:00Z'"
    assert small.data(text, q=since)["ordersCount"] == {"count": 2, "precision": "EXACT"}
    assert small.data(text, q=since, n=1)["ordersCount"] == {"count": 1, "precision": "AT_LEAST"}
    assert small.data(text, q=since, n=None)["ordersCount"] == {"count": 2, "precision": "EXACT"}
