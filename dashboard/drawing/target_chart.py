"""A month's sum from day to day beside the pace of its target. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date

from core.targets import PaceDay, TargetView
from dashboard.drawing import axis, formats, target_words
from dashboard.drawing.plot import Ending, Look, Plot, Series, Shape, Tick, even_places
from dashboard.drawing.records import Record
from dashboard.drawing.target_words import METRICS

PACE = "Pace of the target"


def records(days: Sequence[PaceDay], today: date) -> list[Record]:
    """A row for each day, with the sums to its end; the running day says so."""
    return [
        {
            "name": f"{formats.weekday(day.day)}{' so far' if day.day == today else ''}",
            "actual": day.actual,
            "expected": day.expected,
        }
        for day in days
    ]


def pace(days: Sequence[PaceDay], target: TargetView, today: date) -> Plot:
    """Draw what was sold up to each day, in front of the target's pace."""
    money = target.currency if target_words.is_money(target.metric) else None
    places = even_places(len(days))
    rows = records(days, today)
    names = tuple(row["name"] for row in rows)
    actual, expected = tuple(day.actual for day in days), tuple(day.expected for day in days)
    ticks = tuple(
        Tick(place, format_date(day.day, "d MMM", formats.LOCALE)) for place, day in zip(places, days, strict=True)
    )
    sold = Series(
        METRICS[target.metric],
        Look.THIS,
        actual,
        names,
        tuple(target_words.amount_text(value, target.metric, target.currency) for value in actual),
        tuple(day.day == today for day in days),
        "So far",
    )
    paced = Series(
        PACE,
        Look.COMPARED,
        expected,
        tuple(f"{PACE}, {name}" for name in names),
        tuple(target_words.amount_text(value, target.metric, target.currency) for value in expected),
    )
    values = (*actual, *expected)
    steps = (1, 2, 3, 4, 7, 10, 15)
    return Plot(
        Shape.LINES,
        places,
        ticks,
        axis.levels(values, money),
        axis.bounds(values),
        (sold, paced),
        steps,
        _ending(days, places, target),
    )


def _ending(days: Sequence[PaceDay], places: Sequence[float], target: TargetView) -> Ending | None:
    """The latest sum; none in a month that has not begun or is over."""
    begun = [(place, day.actual) for place, day in zip(places, days, strict=True) if day.actual is not None]
    if not begun or len(begun) == len(days):
        return None
    place, value = begun[-1]
    return Ending(place, float(value), target_words.amount_text(value, target.metric, target.currency))
