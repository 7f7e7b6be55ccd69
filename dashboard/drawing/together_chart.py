"""The chart of all stores over time: a line of the sum, and a line of each store's part. Pure.

A single day has a bar of each store's part.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_date

from core.domain.periods import Grain, bucket
from core.exchange.over_time import TogetherPoint
from core.exchange.side_by_side import Together
from dashboard.drawing import axis, formats
from dashboard.drawing.bar_list import Bar
from dashboard.drawing.plot import Look, Plot, Series, Shape, Tick, even_places
from dashboard.drawing.records import Record

WHOLE = "All stores"
_NO_RATE = "No rate"
_LOOKS = (Look.SECOND, Look.COMPARED, Look.LOST)
"""Of the parts: more lines look alike, so the smallest stores are drawn as one."""
_TICKS = {Grain.WEEK: "d MMM", Grain.MONTH: "MMM"}


def records(points: Sequence[TogetherPoint], metric: str, grain: Grain) -> list[Record]:
    """A row for each point: its name, the sum, and the part of each store by the number of its row."""
    return [
        {"name": point_name(point.start, grain), "whole": _value(point.current, metric)}
        | {f"part {number}": _value(part, metric) for number, part in enumerate(point.parts)}
        for point in points
    ]


def plot(
    together: Together, points: Sequence[TogetherPoint], metric: str, grain: Grain, into: str, today: date
) -> Plot:
    """Draw the sum and its parts in the currency `into`.

    A point without a rate is a gap. A point that the period cuts, or that is not over in every store by `today`, is
    dotted.
    """
    names = tuple(point_name(point.start, grain) for point in points)
    is_open = tuple(_is_open(point.start, grain, together, today) for point in points)
    whole = _line(WHOLE, Look.THIS, [_value(point.current, metric) for point in points], names, into, is_open)
    series = with_values((whole, *_parts(together, points, metric, names, into, is_open)))
    values = [value for each in series for value in each.values]
    places = even_places(len(points))
    ticks = tuple(
        Tick(at, format_date(point.start, _TICKS.get(grain, "d MMM"), formats.LOCALE), str(point.start.year))
        for at, point in zip(places, points, strict=True)
    )
    return Plot(Shape.LINES, places, ticks, axis.levels(values, into), axis.bounds(values), series)


def with_values(lines: tuple[Series, ...]) -> tuple[Series, ...]:
    """The lines that have a value: another would stand in the legend alone. The first one, where none has any."""
    return tuple(line for line in lines if any(value is not None for value in line.values)) or lines[:1]


def day_records(together: Together, metric: str) -> list[Record]:
    """A row for each store, the largest first, with its day and its part of the sum; None without a rate."""
    rows = [
        {
            "store": row.figures.store.name,
            "day": point_name(row.figures.period.start, Grain.DAY),
            "value": None if row.converted.missing else getattr(row.converted.sums, metric),
        }
        for row in together.rows
    ]
    return sorted(rows, key=lambda row: (row["value"] is None, -(row["value"] or 0)))


def bars(together: Together, metric: str, into: str) -> list[Bar]:
    """A bar for each store in the currency `into`, the largest first; a store without a rate has none."""
    return [
        Bar(
            row["store"],
            row["value"] or Decimal(0),
            _NO_RATE if row["value"] is None else formats.money(row["value"], into),
        )
        for row in day_records(together, metric)
    ]


def point_name(start: date, grain: Grain) -> str:
    """Sat 21 Nov 2026 · Week from 16 Nov 2026 · Nov 2026."""
    match grain:
        case Grain.WEEK:
            return f"Week from {formats.day(start)}"
        case Grain.MONTH:
            return format_date(start, "MMM y", formats.LOCALE)
        case _:
            return formats.weekday(start)


def _parts(
    together: Together,
    points: Sequence[TogetherPoint],
    metric: str,
    names: tuple[str, ...],
    into: str,
    is_open: tuple[bool, ...],
) -> list[Series]:
    by_size = sorted(range(len(together.rows)), key=lambda number: -together.rows[number].converted.sums.net_sales)
    groups = [[number] for number in by_size]
    if len(groups) > len(_LOOKS):
        groups = [*groups[: len(_LOOKS) - 1], by_size[len(_LOOKS) - 1 :]]
    lines = []
    for look, group in zip(_LOOKS, groups, strict=False):
        name = together.rows[group[0]].figures.store.name if len(group) == 1 else f"{len(group)} other stores"
        values = [_added([_value(point.parts[number], metric) for number in group]) for point in points]
        lines.append(_line(name, look, values, tuple(f"{name}, {point}" for point in names), into, is_open))
    return lines


def _added(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def _line(
    name: str,
    look: Look,
    values: Sequence[Decimal | None],
    names: tuple[str, ...],
    into: str,
    is_open: tuple[bool, ...],
) -> Series:
    texts = tuple(_NO_RATE if value is None else formats.money(value, into) for value in values)
    open_name = "Not complete" if look is Look.THIS and any(is_open) else ""
    return Series(name, look, tuple(values), names, texts, is_open, open_name)


def _value(sums: object, metric: str) -> Decimal | None:
    return None if sums is None else getattr(sums, metric)


def _is_open(start: date, grain: Grain, together: Together, today: date) -> bool:
    periods = [row.figures.period for row in together.rows]
    days = {Grain.WEEK: 7, Grain.MONTH: 31}.get(grain, 1)
    last = bucket(start + timedelta(days=days), grain) - timedelta(days=1)
    ends = min(min(period.end for period in periods), today - timedelta(days=1))
    return start < max(period.start for period in periods) or last > ends
