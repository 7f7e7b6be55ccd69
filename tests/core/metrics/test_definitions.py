"""Definitions and changes: every figure is explained, and growth from nothing is no percentage."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest

from core.metrics.changes import Change, change
from core.metrics.definitions import DEFINITIONS
from core.metrics.orders.listing import Summary
from core.metrics.sales.overview import Headline


def test_every_figure_of_a_period_is_defined_in_one_sentence() -> None:
    names = {one.name for kind in (Headline, Summary) for one in fields(kind) if one.name not in ("placed_value",)}
    names |= {"average_order_value", "returning_customer_rate", "items_per_order", "cancelled_rate"}
    assert names - set(DEFINITIONS) == {"units_ordered"}
    for definition in DEFINITIONS.values():
        assert definition.meaning.endswith(".")
        assert definition.meaning.count(". ") == 0


def test_no_two_figures_have_the_same_name() -> None:
    labels = [definition.label for definition in DEFINITIONS.values()]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (150, 100, Change(Decimal("0.5"))),
        (Decimal(50), Decimal(100), Change(Decimal("-0.5"))),
        (100, 100, Change(Decimal(0))),
        (0, 100, Change(Decimal(-1))),
        (Decimal(50), Decimal(-100), Change(Decimal("1.5"))),
        (Decimal(-150), Decimal(-100), Change(Decimal("-0.5"))),
        (5, 0, Change(is_new=True)),
        (0, 0, Change()),
        (None, 3, Change()),
        (3, None, Change()),
    ],
)
def test_a_change_is_the_difference_by_the_size_of_the_earlier_figure(
    now: Decimal | int | None, before: Decimal | int | None, expected: Change
) -> None:
    assert change(now, before) == expected


def test_a_change_has_a_direction_only_where_it_says_something() -> None:
    assert [change(now, 10).direction for now in (11, 10, 9)] == [1, 0, -1]
    assert [change(now, 10_000).direction for now in (10_005, 10_004, 9_996, 9_995)] == [1, 0, 0, -1]
    assert change(1, 0).direction == 0
    assert change(None, 1).direction == 0
