"""The labels of an axis are round, few, and named as the page writes amounts and counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.drawing import axis


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (0, 0, [0]),
        (0, 637, [0, 200, 400, 600]),
        (-290, 720, [-250, 0, 250, 500]),
        (-3, 0, [-3, -2, -1, 0]),
        (0, "0.9", ["0", "0.2", "0.4", "0.6", "0.8"]),
        (0, 12_345_678, [0, 2_500_000, 5_000_000, 7_500_000, 10_000_000]),
    ],
)
def test_the_labels_are_round_and_within_the_values(lowest: object, highest: object, expected: list[object]) -> None:
    ticks = axis.round_values(Decimal(str(lowest)), Decimal(str(highest)))
    assert ticks == [Decimal(str(tick)) for tick in expected]


def test_a_minus_stands_before_the_currency_and_thousands_are_short() -> None:
    euros = axis.levels([Decimal(-1500), None, Decimal(2200)], "EUR")
    assert [level.text for level in euros] == ["−€1k", "€0", "€1k", "€2k"]
    assert [level.text for level in axis.levels([Decimal("7.5")], "KWD")][:2] == ["KWD\u00a00", "KWD\u00a02"]


def test_counts_have_whole_labels() -> None:
    assert [level.text for level in axis.levels([0, 1, 2], None)] == ["0", "1", "2"]
    assert [level.text for level in axis.levels([12_000], None)] == ["0", "2.5k", "5k", "7.5k", "10k"]


def test_zero_is_on_the_axis_and_the_highest_value_below_its_end() -> None:
    low, high = axis.bounds([Decimal(10), None, Decimal(60)])
    assert low == 0
    assert high > 60
    assert axis.bounds([Decimal(-10)]) < (-10, 0)
    assert axis.bounds([]) == (0, 1)
