"""The chart of two dimensions: what runs along the axis, which values stand where, and how series differ."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.metrics.explore import Dimension, Measure, Row
from dashboard.drawing import split_figure
from dashboard.drawing.split_figure import MOST_SERIES, Axes, dimensions_of

DAYS = ["2026-11-01", "2026-11-02", "2026-11-03"]


def row(keys: tuple[str | None, str | None], measure: Measure, value: str, title: str | None = None) -> Row:
    return Row(keys, (title, None), {measure: Decimal(value)})


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ((Dimension.COUNTRY, Dimension.MONTH), (Dimension.MONTH, Dimension.COUNTRY)),
        ((Dimension.MONTH, Dimension.COUNTRY), (Dimension.MONTH, Dimension.COUNTRY)),
        ((Dimension.WEEKDAY, Dimension.HOUR), (Dimension.HOUR, Dimension.WEEKDAY)),
        ((Dimension.HOUR, Dimension.DAY), (Dimension.DAY, Dimension.HOUR)),
        ((Dimension.COUNTRY, Dimension.CHANNEL), (Dimension.COUNTRY, Dimension.CHANNEL)),
    ],
)
def test_time_runs_along_the_axis(asked: tuple[Dimension, Dimension], drawn: tuple[Dimension, Dimension]) -> None:
    assert dimensions_of(asked) == drawn


def test_each_value_stands_at_its_day_and_a_day_without_a_row_is_zero() -> None:
    rows = [
        row(("7", DAYS[2]), Measure.NET_SALES, "80.50", "Shirt"),
        row(("8", DAYS[0]), Measure.NET_SALES, "9", "Cap"),
    ]
    axes = Axes(Dimension.DAY, Dimension.PRODUCT, DAYS, ["7", "8"])
    drawn = split_figure.figure(axes, (Dimension.PRODUCT, Dimension.DAY), rows, Measure.NET_SALES, "EUR")
    shirt, cap = drawn.data
    assert (shirt.type, shirt.name, shirt.y, shirt.customdata[2]) == ("scatter", "Shirt", (0, 0, 80.5), "€80.50")
    assert (cap.name, cap.y) == ("Cap", (9, 0, 0))
    assert shirt.line.dash != cap.line.dash
    assert drawn.layout.xaxis.ticktext == ("1 Nov", "2 Nov", "3 Nov")


def test_a_ratio_without_a_row_has_no_value_and_is_labelled_in_percent() -> None:
    axes = Axes(Dimension.DAY, Dimension.COUNTRY, DAYS, ["DE"])
    rows = [row((DAYS[1], "DE"), Measure.RETURN_RATE, "0.25")]
    drawn = split_figure.figure(axes, (Dimension.DAY, Dimension.COUNTRY), rows, Measure.RETURN_RATE, "EUR")
    assert drawn.data[0].y == (None, 0.25, None)
    assert (drawn.data[0].name, drawn.layout.yaxis.tickformat) == ("Germany", ".0%")


def test_values_without_an_order_are_groups_of_bars_with_patterns() -> None:
    keys = [f"c{number}" for number in range(MOST_SERIES)]
    axes = Axes(Dimension.VENDOR, Dimension.CITY, ["Acme", None], keys)
    rows = [row(("Acme", key), Measure.ORDERS, "3") for key in keys]
    drawn = split_figure.figure(axes, (Dimension.VENDOR, Dimension.CITY), rows, Measure.ORDERS, "EUR")
    assert {trace.type for trace in drawn.data} == {"bar"}
    assert len({trace.marker.pattern.shape for trace in drawn.data}) == MOST_SERIES
    assert drawn.layout.xaxis.ticktext == ("Acme", "Without a value")


def test_a_name_of_the_merchant_is_no_markup_and_not_endless() -> None:
    axes = Axes(Dimension.DAY, Dimension.VENDOR, DAYS, ["<b>A&B</b>", "x" * 200])
    drawn = split_figure.figure(axes, (Dimension.DAY, Dimension.VENDOR), [], Measure.ORDERS, "EUR")
    assert drawn.data[0].name == "&lt;b&gt;A&amp;B&lt;/b&gt;"
    assert len(drawn.data[1].name) == 40
