"""Segments: scores are fifths of the store's customers, equal customers share one, and the sums are those of the
list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core import rollups
from core.metrics.customers.segments import GRID, MemberKey, Segment, members, segment_build, segment_of, segments
from core.metrics.sorting import Sort
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.metrics.conftest import Shop, shop_of


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


def placed(order_id: int, customer_id: int, days_ago: int, shirts: int = 1) -> object:
    at = NOW - timedelta(days=days_ago)
    lines = (made.line(order_id, "20.00", shirts, "0"),)
    return made.order(
        order_id=order_id, customer_id=customer_id, created_at=at, processed_at=at, updated_at=at, line_items=lines
    )


def scores(shop: Shop) -> dict[str, tuple[int, int, int]]:
    return {
        member.customer_key: (member.recency, member.frequency, member.monetary)
        for segment in Segment
        for member in shop.ask(members, segment)
    }


def test_scores_are_fifths_of_the_customers_and_ties_share_one(acme: Shop) -> None:
    """Five customers, each later and for more than the one before; the last two ordered twice."""
    acme.receive(*(placed(number, number, 60 - 10 * number, number) for number in range(1, 6)))
    acme.receive(placed(14, 4, 40), placed(15, 5, 40))
    rollups.rebuild_segments(acme.scope.store, NOW)

    assert scores(acme) == {
        "c:1": (1, 1, 1),
        "c:2": (2, 1, 2),
        "c:3": (3, 1, 3),
        "c:4": (4, 4, 4),
        "c:5": (5, 4, 5),
    }
    assert {key: acme.ask(segment_of, f"c:{key}") for key in (1, 2, 3, 4, 5, 6)} == {
        1: Segment.DORMANT,
        2: Segment.ALMOST_LOST,
        3: Segment.NEEDS_ATTENTION,
        4: Segment.LOYAL,
        5: Segment.CHAMPIONS,
        6: None,
    }


def test_the_sums_are_those_of_the_members(acme: Shop) -> None:
    acme.receive(made.customer(5), *(placed(number, number, 60 - 10 * number, number) for number in range(1, 6)))
    assert acme.ask(segment_build) is None
    rollups.rebuild_segments(acme.scope.store, NOW)

    build = acme.ask(segment_build)
    rows = acme.ask(segments)
    assert build is not None
    assert (build.customers, build.currency) == (5, "EUR") == (sum(row.customers for row in rows), "EUR")
    for row in rows:
        listed = acme.ask(members, row.segment)
        assert (len(listed), sum((one.net_sales for one in listed), Decimal(0))) == (row.customers, row.net_sales)
    named = [one for row in rows for one in acme.ask(members, row.segment) if one.name]
    assert [(one.customer_key, one.name, one.email) for one in named] == [("c:5", "Ada Lovelace", "ada@example.com")]


def test_customers_of_a_segment_are_sorted_either_way(acme: Shop) -> None:
    acme.receive(*(placed(number, number, 1, number) for number in range(1, 4)))
    rollups.rebuild_segments(acme.scope.store, NOW)
    (segment,) = {acme.ask(segment_of, f"c:{number}") for number in (1, 2)}
    keys = [one.customer_key for one in acme.ask(members, segment)]
    reverse = acme.ask(members, segment, sort=Sort(MemberKey.NET_SALES))
    assert [one.customer_key for one in reverse] == keys[::-1]


def test_the_grid_has_each_segment() -> None:
    assert {segment for row in GRID for segment in row} == set(Segment)
    assert [len(row) for row in GRID] == [5] * 5


def test_the_night_after_the_next_build_is_due(acme: Shop, cast: Cast) -> None:
    acme.receive(placed(1, 1, 3))
    rollups.rebuild_segments(acme.scope.store, datetime(2026, 11, 20, 12, tzinfo=UTC))
    rollups.rebuild_segments(acme.scope.store, NOW)
    build = acme.ask(segment_build)
    assert build is not None
    assert build.built_at == NOW
    assert shop_of(cast.globex).ask(segment_build) is None
