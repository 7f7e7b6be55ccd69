"""The grid of orders by weekday and hour: a week from Monday, darker where more was ordered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.domain.periods import Period
from core.metrics.sales.week_hours import WeekHour
from dashboard.drawing import week_grid

SUMS = (WeekHour(1, 9, 2, Decimal("40.00")), WeekHour(4, 19, 8, Decimal("320.50")), WeekHour(7, 23, 0, Decimal(-20)))


def test_the_week_begins_on_monday_and_every_hour_has_a_cell() -> None:
    rows = week_grid.payload(SUMS, "EUR")["days"]
    assert [row["name"] for row in rows] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert {len(row["cells"]) for row in rows} == {24}


def test_a_cell_says_its_orders_and_sales_and_how_dark_it_is() -> None:
    rows = week_grid.payload(SUMS, "EUR")["days"]
    assert rows[0]["cells"][9] == {"name": "Monday, 09:00–10:00", "text": "2 orders, €40.00 net sales", "share": 0.25}
    assert rows[3]["cells"][19]["share"] == 1
    assert rows[6]["cells"][23]["text"] == "0 orders, −€20.00 net sales"
    assert rows[2]["cells"][0] == {"name": "Wednesday, 00:00–01:00", "text": "0 orders", "share": 0}


def test_a_period_of_less_than_a_week_has_its_own_weekdays_alone() -> None:
    period = Period(date(2026, 11, 27), date(2026, 11, 30), ZoneInfo("Europe/Berlin"))
    rows = week_grid.payload(SUMS, "EUR", week_grid.weekdays(period))["days"]
    assert [row["name"] for row in rows] == ["Mon", "Fri", "Sat", "Sun"]


def test_a_day_is_drawn_by_hour_and_hours_to_come_are_empty_not_zero() -> None:
    (columns,) = week_grid.day_plot(SUMS[:1], hours=11).series
    assert columns.values[8:12] == (0, 2, 0, None)
    assert columns.open[9:12] == (False, True, False), "the running hour is hatched"
    assert None not in week_grid.day_plot(SUMS[:1], hours=24).series[0].values


def test_the_busiest_hour_is_named() -> None:
    assert week_grid.busiest(SUMS) == "Busiest: Thursday, 19:00–20:00, with 8 orders."
    assert week_grid.busiest(()) == "No orders."
