"""Pages of the Admin API: every order once, in order, whatever changes meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from core.simulator.life import refunds
from tests.core.simulator.admin_api import AdminApi

PAGED = """query($first: Int, $last: Int, $after: String, $before: String, $reverse: Boolean, $key: OrderSortKeys) {
  orders(first: $first, last: $last, after: $after, before: $before, reverse: $reverse, sortKey: $key) {
    nodes { id updatedAt } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def walk(api: AdminApi, size: int, **variables: Any) -> list[str]:
    ids: list[str] = []
    after = None
    while True:
        page = api.data(PAGED, first=size, after=after, **variables)["orders"]
        ids += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids


@pytest.mark.parametrize("key", ["UPDATED_AT", "CREATED_AT", "PROCESSED_AT", "ID", "ORDER_NUMBER"])
@pytest.mark.parametrize("reverse", [False, True])
def test_walking_the_pages_meets_every_order_once(api: AdminApi, key: str, reverse: bool) -> None:
    ids = walk(api, 7, key=key, reverse=reverse)
    assert len(ids) == len(set(ids)) == 260
    assert ids == walk(api, 250, key=key, reverse=reverse)


def test_pages_by_change_begin_with_the_oldest_change(api: AdminApi) -> None:
    nodes = api.data(PAGED, first=250, key="UPDATED_AT")["orders"]["nodes"]
    assert [node["updatedAt"] for node in nodes] == sorted(node["updatedAt"] for node in nodes)


def test_ties_lose_nothing_between_two_pages(small: AdminApi) -> None:
    assert len(set(walk(small, 1, key="UPDATED_AT"))) == 3


def test_an_order_that_changes_while_pages_are_read_is_read_again_not_skipped(small: AdminApi) -> None:
    first = small.data(PAGED, first=1, key="UPDATED_AT")["orders"]
    changed = small.shop.orders[int(first["nodes"][0]["id"].rpartition("/")[2])]
    refunds.cancel(small.shop, changed, datetime.fromisoformat("2026-03-04T10:00:00+01:00"))
    small.shop.revision += 1
    remaining = small.data(PAGED, first=5, after=first["pageInfo"]["endCursor"], key="UPDATED_AT")["orders"]["nodes"]
    assert len(remaining) == 3
    assert remaining[-1]["id"] == first["nodes"][0]["id"]


def test_pages_can_be_walked_backwards(small: AdminApi) -> None:
    forwards = walk(small, 3, key="UPDATED_AT")
    page = small.data(PAGED, last=2, key="UPDATED_AT")["orders"]
    assert [node["id"] for node in page["nodes"]] == forwards[1:]
    assert page["pageInfo"]["hasPreviousPage"] is True
    assert page["pageInfo"]["hasNextPage"] is False
    before = small.data(PAGED, last=2, before=page["pageInfo"]["startCursor"], key="UPDATED_AT")["orders"]
    assert [edge["node"]["id"] for edge in before["edges"]] == forwards[:1]
    assert before["pageInfo"] | {"startCursor": None, "endCursor": None} == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize("size", [{}, {"first": 251}, {"first": -1}, {"first": 1, "last": 1}])
def test_a_page_needs_one_size_of_250_at_most(small: AdminApi, size: dict[str, int]) -> None:
    assert small.error(PAGED, **size)["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "MQ==", "é"])
def test_an_invalid_cursor_is_refused(small: AdminApi, cursor: str) -> None:
    assert "is not a cursor" in small.error(PAGED, first=1, after=cursor)["message"]
