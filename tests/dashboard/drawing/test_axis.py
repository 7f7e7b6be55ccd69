"""The ticks of an axis of amounts are round, few, and named as the page writes money."""

from __future__ import annotations

from decimal import Decimal

import plotly.graph_objects as go
import pytest

from dashboard.drawing import axis


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (0, 0, [0]),
        (0, 637, [0, 200, 400, 600, 800]),
        (-170, 637, [-200, 0, 200, 400, 600, 800]),
        (-3, 0, [-3, -2, -1, 0]),
        (0, "0.9", ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 12_345_678, [0, 5_000_000, 10_000_000, 15_000_000]),
    ],
)
def test_the_ticks_are_round_and_hold_all_amounts(lowest: object, highest: object, expected: list[object]) -> None:
    ticks = axis.amount_ticks(Decimal(str(lowest)), Decimal(str(highest)))
    assert ticks == [Decimal(str(tick)) for tick in expected]


def test_a_minus_stands_before_the_currency_and_thousands_are_short() -> None:
    figure = go.Figure()
    axis.name_amounts(figure, [-1500.0, None, float("nan"), 2200.0], "EUR")
    assert list(figure.layout.yaxis.ticktext) == ["−€2k", "−€1k", "€0", "€1k", "€2k", "€3k"]
    axis.name_amounts(figure, [7.5], "KWD")
    assert list(figure.layout.yaxis.ticktext)[:2] == ["KWD\u00a00", "KWD\u00a02"]
