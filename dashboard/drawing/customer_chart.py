"""A customer's net sales by month as columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_date

from core.metrics.customers.timeline import MonthSales
from dashboard.drawing import axis, formats
from dashboard.drawing.plot import Look, Plot, Series, Shape, Tick, even_places

_DECEMBER = 12


def filled(months: Sequence[MonthSales], today: date) -> list[MonthSales]:
    """The months from the first one to that of `today`, those without sales among them."""
    known = {sums.month: sums for sums in months}
    month, every_month = min(known), []
    while month <= today:
        every_month.append(known.get(month) or MonthSales(month, 0, Decimal(0)))
        month = date(month.year + month.month // _DECEMBER, month.month % _DECEMBER + 1, 1)
    return every_month


def columns(months: Sequence[MonthSales], currency: str) -> Plot:
    """Draw a column a month; the last month has not ended, so it is hatched."""
    values = tuple(sums.net_sales for sums in months)
    places = even_places(len(months), Shape.COLUMNS)
    series = Series(
        "Net sales",
        Look.THIS,
        values,
        tuple(map(month_name, months)),
        tuple(
            f"{formats.money(sums.net_sales, currency)}, {formats.counted(sums.orders, 'order')}" for sums in months
        ),
        tuple(number == len(months) - 1 for number in range(len(months))),
    )
    ticks = tuple(
        Tick(place, format_date(sums.month, "MMM", formats.LOCALE), str(sums.month.year))
        for place, sums in zip(places, months, strict=True)
    )
    steps = (1, 2, 3, 4, 6, 12, 24)
    return Plot(Shape.COLUMNS, places, ticks, axis.levels(values, currency), axis.bounds(values), (series,), steps)


def month_name(month: MonthSales) -> str:
    """Nov 2026."""
    return format_date(month.month, "MMM yyyy", formats.LOCALE)
