"""Charts over time of the rows that `frames` makes. Pure: no Streamlit, no reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_date

from core.domain.checkouts import CheckoutState
from core.domain.periods import Grain
from dashboard.drawing import axis, formats
from dashboard.drawing.plot import Look, Plot, Series, Shape, Tick, even_places
from dashboard.drawing.records import Record

_STEPS = {Grain.HOUR: (1, 2, 3, 6, 12), Grain.DAY: (1, 2, 7, 14, 28, 56, 112)}
"""Labels at every third hour or every seventh day are easier to count on than at every fifth."""
_REGULAR = (1, 2, 3, 4, 6, 12, 24)


def over_time(rows: Sequence[Record], grain: Grain, money: str | None, this: str, other: str) -> Plot:
    """Draw a line over the period, dotted at points that are not complete, and a dotted one for its comparison.

    `rows` are of `frames.over_time`; `money` is a currency, None for a count; `this` and `other` name the two lines.
    """
    series = [_line(rows, "value", "name", this, money, Look.THIS, _open(rows), _why_open(rows, grain))]
    if any(row["compared"] is not None for row in rows):
        series.append(_line(rows, "compared", "compared_name", other, money, Look.COMPARED))
    return _plot(Shape.LINES, rows, grain, series, [value for line in series for value in line.values], money)


def stacked(rows: Sequence[Record], kinds: Mapping[str, tuple[str, Look]], grain: Grain, money: str | None) -> Plot:
    """Draw parts of a sum over the period as columns, the first kind on top. An incomplete column is hatched.

    `rows` are of `frames.parts_over_time`; `kinds` has the name and the colour of each metric in them.
    """
    series = [
        Series(
            name,
            look,
            tuple(row[metric] for row in rows),
            tuple(f"{name}, {row['name']}" for row in rows),
            tuple(formats.money(row[metric], money) if money else formats.count(row[metric]) for row in rows),
            _open(rows),
        )
        for metric, (name, look) in kinds.items()
    ]
    # Negative parts are stacked below zero.
    ends = [sum(max(row[metric], 0) for metric in kinds) for row in rows]
    ends += [sum(min(row[metric], 0) for metric in kinds) for row in rows]
    return _plot(Shape.COLUMNS, rows, grain, series, ends, money)


def checkouts(rows: Sequence[Record], grain: Grain) -> Plot:
    """Draw checkouts by the day they began: completed ones at the bottom, pending ones hatched on top."""
    looks = {
        CheckoutState.PENDING: Look.COMPARED,
        CheckoutState.ABANDONED: Look.LOST,
        CheckoutState.RECOVERED: Look.SECOND,
        CheckoutState.COMPLETED: Look.THIS,
    }
    parts = [
        _part(rows, state, state.capitalize(), look, state is CheckoutState.PENDING) for state, look in looks.items()
    ]
    return _plot(Shape.COLUMNS, rows, grain, parts, [row["started"] for row in rows], None)


def carts(rows: Sequence[Record], grain: Grain) -> Plot:
    """Draw carts by the day they began: those that reached a checkout at the bottom, open ones hatched on top."""
    parts = [
        _part(rows, "open", "Still open", Look.COMPARED, is_open=True),
        _part(rows, "left", "Left", Look.LOST),
        _part(rows, "to_checkout", "Reached a checkout", Look.THIS),
    ]
    return _plot(Shape.COLUMNS, rows, grain, parts, [row["filled"] for row in rows], None)


def _part(rows: Sequence[Record], column: str, label: str, look: Look, is_open: bool = False) -> Series:
    """A part of stacked columns. Open parts are hatched: they are not settled yet."""
    return Series(
        label,
        look,
        tuple(row[column] for row in rows),
        tuple(f"{label}, {row['name']}" for row in rows),
        tuple(formats.count(row[column]) for row in rows),
        (is_open,) * len(rows),
    )


def _plot(
    shape: Shape,
    rows: Sequence[Record],
    grain: Grain,
    series: Sequence[Series],
    values: Sequence[Any],
    money: str | None,
) -> Plot:
    places = even_places(len(rows), shape)
    # A part of a week or month has no label: it stands too close to the next point.
    labelled = [
        (place, row) for place, row in zip(places, rows, strict=True) if not row["is_part"] or grain is Grain.DAY
    ]
    ticks = tuple(Tick(place, *_tick(row["start"], grain)) for place, row in labelled)
    steps = _STEPS.get(grain, _REGULAR)
    return Plot(shape, places, ticks, axis.levels(values, money), axis.bounds(values), tuple(series), steps)


def _tick(start: datetime, grain: Grain) -> tuple[str, str]:
    match grain:
        case Grain.HOUR:
            return f"{start:%H:%M}", ""
        case Grain.DAY:
            return format_date(start, "d MMM", formats.LOCALE), ""
        case Grain.WEEK:
            return format_date(start, "d MMM", formats.LOCALE), str(start.year)
        case Grain.MONTH:
            return format_date(start, "MMM", formats.LOCALE), str(start.year)


def _open(rows: Sequence[Record]) -> tuple[bool, ...]:
    return tuple(row["is_running"] or row["is_part"] for row in rows)


def _why_open(rows: Sequence[Record], grain: Grain) -> str:
    drawn = [row for row in rows if row["value"] is not None]
    reasons = ["so far"] * any(row["is_running"] for row in drawn)
    reasons += [f"part of a {grain}"] * any(row["is_part"] for row in drawn)
    return ", ".join(reasons).capitalize()


def _line(
    rows: Sequence[Record],
    column: str,
    name_column: str,
    name: str,
    money: str | None,
    look: Look,
    is_open: tuple[bool, ...] = (),
    open_name: str = "",
) -> Series:
    values = tuple(row[column] for row in rows)
    texts = tuple(formats.money(value, money) if money else formats.count(value) for value in values)
    return Series(name, look, values, tuple(row[name_column] or "" for row in rows), texts, is_open, open_name)
