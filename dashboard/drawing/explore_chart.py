"""The chart of an answer of Explore: a line along the calendar, bars by name otherwise. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date

from core.domain.periods import Grain, Period, bucket, local_day
from core.metrics.definitions import DEFINITIONS, Unit
from core.metrics.explore import Dimension, Measure, Question, Row
from core.metrics.explore.answer import Value
from dashboard.drawing import axis, formats
from dashboard.drawing.bar_list import Bar
from dashboard.drawing.explore_words import MEASURES, row_name, value_name
from dashboard.drawing.plot import Look, Plot, Series, Shape, Tick, even_places
from dashboard.drawing.records import Record

_GRAINS = {Dimension.DAY: Grain.DAY, Dimension.WEEK: Grain.WEEK, Dimension.MONTH: Grain.MONTH}
_TICKS = {Dimension.DAY: "d MMM", Dimension.WEEK: "d MMM", Dimension.MONTH: "MMM"}
_RATIOS = frozenset({Measure.AVERAGE_ORDER_VALUE, Measure.RETURN_RATE})


def places(dimension: Dimension, period: Period) -> tuple[str, ...]:
    """The keys of every day, week or month that the period touches, in their order."""
    days = (local_day(point, period.zone) for point in period.points(_GRAINS[dimension]))
    return tuple(dict.fromkeys(_key(dimension, day) for day in days))


def open_places(dimension: Dimension, period: Period, keys: Sequence[str], now: datetime) -> tuple[bool, ...]:
    """Whether each day, week or month of `keys` is cut by the period, or not over."""
    last = min(period.end, local_day(now, period.zone) - timedelta(days=1))
    starts = [date.fromisoformat(key) for key in keys]
    ends = [start - timedelta(days=1) for start in starts[1:]]
    if starts:
        ends.append(_following(dimension, starts[-1]) - timedelta(days=1))
    return tuple(start < period.start or end > last for start, end in zip(starts, ends, strict=True))


def line(
    question: Question,
    keys: Sequence[str],
    values: Mapping[str, Value],
    earlier: Mapping[str, Value] | None,
    currency: str,
    names: tuple[str, str],
    is_open: tuple[bool, ...] = (),
) -> Plot:
    """Draw the first measure along `keys`; `earlier` has that of the compared period by the same keys, or is None.

    A key without a row sold nothing: 0, or no value for a ratio. `is_open` is of `open_places`.
    """
    dimension, measure = question.dimensions[0], question.measures[0]
    drawn = [(names[0], Look.THIS, values)] + ([(names[1], Look.COMPARED, earlier)] if earlier is not None else [])
    series = tuple(_series(name, look, by_key, keys, dimension, measure, currency) for name, look, by_key in drawn)
    if any(is_open):
        series = (replace(series[0], open=is_open, open_name="Not complete"), *series[1:])
    all_values = [value for line_series in series for value in line_series.values]
    money = currency if DEFINITIONS[measure].unit is Unit.MONEY else None
    at = even_places(len(keys), Shape.LINES)
    ticks = tuple(
        Tick(place, format_date(date.fromisoformat(key), _TICKS[dimension], formats.LOCALE), key[:4])
        for place, key in zip(at, keys, strict=True)
    )
    return Plot(Shape.LINES, at, ticks, axis.levels(all_values, money), axis.bounds(all_values), series)


def bars(
    question: Question, rows: Sequence[Row], currency: str, address: Callable[[Record], str | None] | None = None
) -> list[Bar]:
    """A bar a row with its first measure; rows without a value are left out.

    `address` makes that of the page that a row opens, of its keys and titles.
    """
    measure = question.measures[0]
    return [
        Bar(
            row_name(question, row),
            Decimal(value),
            formats.short_metric(measure, value, currency),
            address({"keys": row.keys, "titles": row.titles}) if address else None,
        )
        for row in rows
        if (value := row.values[measure]) is not None
    ]


def _following(dimension: Dimension, start: date) -> date:
    """The first day after a day, week or month."""
    span = {Dimension.DAY: 1, Dimension.WEEK: 7}.get(dimension, 31)
    return bucket(start + timedelta(days=span), _GRAINS[dimension])


def _key(dimension: Dimension, day: date) -> str:
    return bucket(day, _GRAINS[dimension]).isoformat()


def _series(
    name: str,
    look: Look,
    by_key: Mapping[str, Value],
    keys: Sequence[str],
    dimension: Dimension,
    measure: Measure,
    currency: str,
) -> Series:
    nothing = None if measure in _RATIOS else 0
    values = tuple(by_key.get(key, nothing) for key in keys)
    return Series(
        name,
        look,
        values,
        tuple(f"{MEASURES[measure]}, {value_name(dimension, key)}" for key in keys),
        tuple(formats.metric(measure, value, currency) for value in values),
    )
