"""The calendar of compared days, for the component `dashboard/components/calendar`. Pure.

Equal days are pale and without a sign, so that the others stand out. Each of these has a sign, which is enough by
itself for readers who see no difference of colours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date, get_day_names

from core.domain.periods import Grain, Period, bucket
from core.metrics.health import Day, DayState
from dashboard.drawing import formats

SIGNS = {DayState.EQUAL: "=", DayState.REPAIRED: "↻", DayState.DIFFERS: "≠", DayState.UNCOMPARED: "?"}
LABELS = {
    DayState.EQUAL: "Equal",
    DayState.REPAIRED: "Repaired",
    DayState.DIFFERS: "Differs",
    DayState.UNCOMPARED: "Unknown",
}
_TICKS = 5
"""Weeks with a label: more do not fit on a phone."""
_WEEKDAYS = tuple(get_day_names("abbreviated", locale=formats.LOCALE)[number] for number in range(7))


def payload(days: Sequence[Day], period: Period, label: str, address_of: Callable[[date], str]) -> dict[str, Any]:
    """The data of the component: a column a week, a row a weekday.

    `label` says what the calendar shows. `address_of` a compared day is the page that it opens. Days of the period
    without a comparison are empty cells, days outside the period are none.
    """
    weeks, by_day = _weeks(period), {day.day: day for day in days}

    def cell(day: date) -> dict[str, Any] | None:
        return _cell(day, by_day.get(day), address_of) if period.start <= day <= period.end else None

    return {
        "label": f"{label}. Arrow keys read the days.",
        "weeks": _week_labels(weeks),
        "days": [
            {"name": name, "cells": [cell(week + timedelta(days=number)) for week in weeks]}
            for number, name in enumerate(_WEEKDAYS)
        ],
    }


def _weeks(period: Period) -> list[date]:
    first, last = bucket(period.start, Grain.WEEK), bucket(period.end, Grain.WEEK)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def _week_labels(weeks: Sequence[date]) -> list[str]:
    """The first day of some weeks; of more than a year, their months."""
    every = -(-len(weeks) // _TICKS)
    pattern = "d MMM" if len(weeks) <= 52 else "MMM y"
    return ["" if number % every else format_date(week, pattern, formats.LOCALE) for number, week in enumerate(weeks)]


def _cell(day: date, compared: Day | None, address_of: Callable[[date], str]) -> dict[str, Any]:
    name = formats.weekday(day)
    if compared is None:
        return {"name": name, "text": "not checked", "state": "unchecked", "sign": "", "href": None}
    theirs = "not known" if compared.theirs is None else formats.count(compared.theirs)
    orders = f"orders: {formats.count(compared.ours)} here, {theirs} at Shopify"
    return {
        "name": name,
        "text": f"{LABELS[compared.state]}, {orders}",
        "state": str(compared.state),
        "sign": "" if compared.state == DayState.EQUAL else SIGNS[compared.state],
        "href": address_of(day),
    }
