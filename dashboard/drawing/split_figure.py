"""The chart of an answer of Explore by two dimensions: one runs along the axis, the other is a series a value. Pure.

Only here does Plotly draw: its legend shows one series alone, or hides one. Other charts would wait for its script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import plotly.graph_objects as go
from babel.dates import format_date

from core.metrics.definitions import DEFINITIONS, Unit
from core.metrics.explore import Dimension, Measure, Row
from core.metrics.explore.answer import Value
from dashboard.drawing import axis, formats, theme
from dashboard.drawing.explore_words import value_name

MOST_SERIES, MOST_GROUPS = 6, 8
HEIGHT = 380
_TICKS = 6
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_PATTERNS = ("", "/", ".", "x", "-", "+")
"""A series has a look of its own without its colour."""
_LONGEST_NAME = 40
_DATES = {Dimension.DAY: "d MMM", Dimension.WEEK: "d MMM", Dimension.MONTH: "MMM y"}
Key = str | None


@dataclass(frozen=True, slots=True)
class Axes:
    """Which dimension runs along the axis and which is split into series, with the keys of each in their order."""

    along: Dimension
    split: Dimension
    along_keys: Sequence[Key]
    split_keys: Sequence[Key]


def dimensions_of(dimensions: Sequence[Dimension]) -> tuple[Dimension, Dimension]:
    """The dimension along the axis, and the one of the series: days, weeks and months run along, then hours."""
    first, second = dimensions
    ranks = [dimension.is_series * 2 + dimension.is_time + (dimension is Dimension.HOUR) for dimension in dimensions]
    return (second, first) if ranks[1] > ranks[0] else (first, second)


def figure(
    axes: Axes, dimensions: Sequence[Dimension], rows: Sequence[Row], measure: Measure, currency: str
) -> go.Figure:
    """Draw a measure of the rows, whose keys are of `dimensions`. Where no row is, it is 0; a ratio has no value."""
    place = list(dimensions).index(axes.along)
    values = {(row.keys[place], row.keys[1 - place]): row.values[measure] for row in rows}
    titles = [{row.keys[at]: row.titles[at] for row in rows} for at in (place, 1 - place)]
    names = [_name(axes.along, key, titles[0]) for key in axes.along_keys]
    is_line = axes.along.is_time
    drawn = go.Figure(layout=theme.layout(HEIGHT, barmode="group", hovermode="x unified"))
    for number, key in enumerate(axes.split_keys):
        series_values = [values.get((along, key), _nothing(measure)) for along in axes.along_keys]
        drawn.add_trace(
            _trace(number, is_line, _name(axes.split, key, titles[1]), names, series_values, measure, currency)
        )
    _label_axes(drawn, axes, names, [value for value in values.values() if value is not None], measure, currency)
    return drawn


def _trace(
    number: int,
    is_line: bool,
    name: str,
    names: Sequence[str],
    values: Sequence[Value],
    measure: Measure,
    currency: str,
) -> go.Scatter | go.Bar:
    shown = {
        "name": name,
        "x": list(range(len(names))),
        "y": [None if value is None else float(value) for value in values],
        "customdata": [formats.metric(measure, value, currency) for value in values],
        "hovertemplate": "%{customdata}",
    }
    color = theme.SERIES[number]
    if is_line:
        few = len(names) <= 31
        return go.Scatter(
            **shown,
            mode="lines+markers" if few else "lines",
            line={"color": color, "dash": _DASHES[number], "width": 2},
            marker={"color": color, "size": 6},
        )
    return go.Bar(**shown, marker={"color": color, "pattern": {"shape": _PATTERNS[number], "solidity": 0.25}})


def _label_axes(
    drawn: go.Figure, axes: Axes, names: Sequence[str], values: Sequence[Value], measure: Measure, currency: str
) -> None:
    unit = DEFINITIONS[measure].unit
    drawn.update_layout(legend={"x": 0, "y": 1.04, "font": {"color": theme.TEXT}})
    step = -(-len(names) // (_TICKS if axes.along.is_time else MOST_GROUPS)) or 1
    ticks = range(0, len(names), step)
    drawn.update_xaxes(
        tickmode="array",
        tickvals=list(ticks),
        ticktext=[_short_name(axes.along, axes.along_keys[at], names[at]) for at in ticks],
        tickangle=0 if axes.along.is_time else None,
        range=[-0.5, len(names) - 0.5],
    )
    if unit is Unit.SHARE:
        drawn.update_yaxes(tickformat=".0%")
        return
    levels = axis.levels(values, currency if unit is Unit.MONEY else None)
    drawn.update_yaxes(
        tickmode="array", tickvals=[level.value for level in levels], ticktext=[level.text for level in levels]
    )


def _nothing(measure: Measure) -> Value:
    return None if measure in (Measure.AVERAGE_ORDER_VALUE, Measure.RETURN_RATE) else 0


def _name(dimension: Dimension, key: Key, titles: Mapping[Key, str | None]) -> str:
    """The name of a value, which Plotly would read as markup."""
    name = value_name(dimension, key, titles.get(key))
    return escape(name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…", quote=False)


def _short_name(dimension: Dimension, key: Key, name: str) -> str:
    if dimension in _DATES and key:
        return format_date(date.fromisoformat(key), _DATES[dimension], formats.LOCALE)
    return name
