"""When customers buy: each order in its hour of the store's clock, and in its weekday."""

from __future__ import annotations

from decimal import Decimal

from core.metrics.sales.overview import report
from core.metrics.sales.week_hours import WeekHour, week_hours
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc


def test_orders_count_in_the_weekday_and_hour_of_the_stores_clock(acme: Shop) -> None:
    """22:30 UTC on a Sunday is 23:30 in Berlin, 23:30 UTC is Monday 00:30."""
    acme.receive(at(utc(2026, 11, 8, 22, 30), 1), at(utc(2026, 11, 8, 23, 30), 2), at(utc(2026, 11, 15, 23, 59), 3))
    assert acme.ask(week_hours, acme.days(*NOVEMBER)) == (
        WeekHour(1, 0, 2, Decimal(80)),
        WeekHour(7, 23, 1, Decimal(40)),
    )


def test_the_hour_is_the_clocks_before_and_after_it_is_changed(acme: Shop) -> None:
    """Monday 09:30 UTC is 11:30 in Berlin's summer and 10:30 in its winter."""
    acme.receive(at(utc(2026, 10, 19, 9, 30), 1), at(utc(2026, 10, 26, 9, 30), 2))
    rows = acme.ask(week_hours, acme.days("2026-10-01", "2026-10-31"))
    assert [(row.weekday, row.hour, row.orders) for row in rows] == [(1, 10, 1), (1, 11, 1)]


def test_a_zone_with_half_an_hour_has_whole_hours(tokyo: Shop) -> None:
    tokyo.receive(at(utc(2026, 11, 2, 14, 59), 1, currency="JPY"), at(utc(2026, 11, 2, 15, 0), 2, currency="JPY"))
    rows = tokyo.ask(week_hours, tokyo.days(*NOVEMBER))
    assert [(row.weekday, row.hour) for row in rows] == [(1, 23), (2, 0)]


def test_a_return_counts_in_its_own_hour_and_is_no_order(acme: Shop) -> None:
    acme.receive(made.order(refunds=(made.refund(),)))
    rows = acme.ask(week_hours, acme.days("2026-11-10", "2026-11-12"))
    assert [(row.weekday, row.hour, row.orders, row.net_sales) for row in rows] == [(3, 10, 0, -20)]


def test_all_hours_add_up_to_the_report_also_of_a_day_that_is_not_over(acme: Shop) -> None:
    acme.receive(*(at(utc(2026, 11, 18 + n // 3, 5 + 5 * (n % 3)), 1 + n) for n in range(12)))
    period = acme.days("2026-11-18", "2026-11-21", utc(2026, 11, 21, 11))
    rows, whole = acme.ask(week_hours, period), acme.ask(report, period, period.grain).whole
    assert sum(row.orders for row in rows) == whole.orders == 11
    assert sum(row.net_sales for row in rows) == whole.net_sales
