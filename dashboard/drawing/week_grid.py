"""Orders by weekday and hour: the cells of a grid, the columns of one day, and the busiest hour in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from core.domain.periods import Period
from core.metrics.sales.week_hours import WeekHour
from dashboard.drawing import axis, formats
from dashboard.drawing.plot import Look, Plot, Series, Shape, Tick, even_places
from dashboard.drawing.records import Record

HOURS = range(24)
_WIDE, _SHORT = formats.LOCALE.days["format"]["wide"], formats.LOCALE.days["format"]["abbreviated"]
"""From 0, a Monday."""
_WEEK = range(1, 8)
_LABELS = 3
"""Hours between two labels below the columns of a day."""


def payload(sums: Sequence[WeekHour], currency: str, days: Iterable[int] = _WEEK) -> dict[str, Any]:
    """The data of the component `heat`: a row a weekday of these `days`, from Monday, and a cell an hour."""
    placed = {(entry.weekday, entry.hour): entry for entry in sums}
    most = max((entry.orders for entry in sums), default=0)
    cells = {
        day: [_cell(day, hour, placed.get((day, hour)), most, currency) for hour in HOURS] for day in sorted(days)
    }
    return {
        "label": f"Orders by weekday and hour. {busiest(sums)} Arrow keys read the hours.",
        "hours": [f"{hour:02}:00" for hour in HOURS],
        "days": [{"name": _SHORT[day - 1], "cells": row} for day, row in cells.items()],
    }


def day_plot(sums: Sequence[WeekHour], hours: int) -> Plot:
    """The orders of one day as a column an hour; those after its first `hours` are not known yet."""
    orders = {entry.hour: entry.orders for entry in sums}
    values = tuple(orders.get(hour, 0) if hour < hours else None for hour in HOURS)
    texts = tuple("" if value is None else formats.counted(value, "order") for value in values)
    places = even_places(len(HOURS), Shape.COLUMNS)
    running = tuple(hour == hours - 1 and hours < len(HOURS) for hour in HOURS)
    columns = Series("Orders", Look.THIS, values, tuple(map(_clock, HOURS)), texts, running)
    ticks = tuple(Tick(place, f"{hour:02}:00") for place, hour in zip(places, HOURS, strict=True))
    steps = (_LABELS, 2 * _LABELS)
    return Plot(Shape.COLUMNS, places, ticks, axis.levels(values, None), axis.bounds(values), (columns,), steps)


def weekdays(period: Period) -> set[int]:
    """The weekdays that the period has: 1 is Monday."""
    return {(period.start + timedelta(days=number)).isoweekday() for number in range(min(period.days, len(_WEEK)))}


def busiest(sums: Sequence[WeekHour]) -> str:
    """Busiest: Thursday, 19:00–20:00, with 12 orders."""
    if not any(entry.orders for entry in sums):
        return "No orders."
    best = max(sums, key=lambda entry: (entry.orders, entry.net_sales))
    return f"Busiest: {_name(best.weekday, best.hour)}, with {formats.counted(best.orders, 'order')}."


def records(sums: Sequence[WeekHour]) -> list[Record]:
    """A row an hour of the week that has orders or sales."""
    return [
        {"name": _name(entry.weekday, entry.hour), "orders": entry.orders, "net_sales": entry.net_sales}
        for entry in sums
    ]


def _cell(day: int, hour: int, sums: WeekHour | None, most: int, currency: str) -> dict[str, Any]:
    orders, net_sales = (sums.orders, sums.net_sales) if sums else (0, None)
    sold = f", {formats.money(net_sales, currency)} net sales" if net_sales else ""
    return {
        "name": _name(day, hour),
        "text": f"{formats.counted(orders, 'order')}{sold}",
        "share": round(orders / most, 3) if most else 0,
    }


def _name(day: int, hour: int) -> str:
    return f"{_WIDE[day - 1]}, {_clock(hour)}"


def _clock(hour: int) -> str:
    return f"{hour:02}:00–{(hour + 1) % 24:02}:00"
