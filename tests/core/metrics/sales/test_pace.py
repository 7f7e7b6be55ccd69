"""A day hour by hour beside other days: at 00:51, at 23:00, and where clocks change. All sums are by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.domain.periods import Comparison, Period
from core.metrics.sales.overview import report
from core.metrics.sales.pace import Pace, paces
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, utc


def beside(shop: Shop, day: str, now: datetime) -> tuple[Pace, ...]:
    """Ask for a day, the day before and the same weekday a week before, as they are at `now`."""
    today = shop.days(day)
    yesterday = today.compared(Comparison.PREVIOUS_PERIOD, now)
    assert yesterday is not None
    return shop.ask(paces, (today, yesterday, today.week_before(now)))


def net(pace: Pace) -> list[int]:
    return [int(running.net_sales) for running in pace.hours]


def test_at_51_minutes_past_midnight_one_early_order_is_ahead_of_the_same_time_yesterday(acme: Shop) -> None:
    """In Berlin, 00:30 today; yesterday 00:40 and 00:55, of which the second is after 00:51."""
    acme.receive(
        at(utc(2026, 11, 20, 23, 30), 1, line_items=(made.line(quantity=3, tax="0"),)),
        at(utc(2026, 11, 19, 23, 40), 2),
        at(utc(2026, 11, 19, 23, 55), 3),
    )
    today, yesterday, last_week = beside(acme, "2026-11-21", now=utc(2026, 11, 20, 23, 51))
    assert (today.so_far.net_sales, yesterday.so_far.net_sales, last_week.so_far.net_sales) == (60, 40, 0)
    assert (today.so_far.orders, yesterday.so_far.orders) == (1, 1)
    assert net(yesterday) == [80] * 24, "the whole of yesterday is there to be drawn"
    assert (yesterday.day.isoformat(), last_week.day.isoformat()) == ("2026-11-20", "2026-11-14")


def test_at_23_oclock_the_last_hour_of_the_other_days_is_not_compared(acme: Shop) -> None:
    """Today at 09:00 and 22:59; yesterday at 09:00, 22:00 and 23:10; last week at 23:30 only."""
    acme.receive(
        at(utc(2026, 11, 21, 8), 1),
        at(utc(2026, 11, 21, 21, 59), 2),
        at(utc(2026, 11, 20, 8), 3),
        at(utc(2026, 11, 20, 21), 4),
        at(utc(2026, 11, 20, 22, 10), 5),
        at(utc(2026, 11, 14, 22, 30), 6),
    )
    today, yesterday, last_week = beside(acme, "2026-11-21", now=utc(2026, 11, 21, 22))
    assert (today.so_far.net_sales, yesterday.so_far.net_sales, last_week.so_far.net_sales) == (80, 80, 0)
    assert net(today) == [0] * 9 + [40] * 13 + [80] * 2
    assert net(yesterday) == [0] * 9 + [40] * 13 + [80, 120]
    assert net(last_week) == [0] * 23 + [40]


def test_on_the_day_of_23_hours_the_skipped_hour_adds_nothing(acme: Shop) -> None:
    """In Berlin on 29 March 2026, 01:59 is followed by 03:00."""
    acme.receive(at(utc(2026, 3, 29, 0, 59), 1), at(utc(2026, 3, 29, 1, 0), 2), at(utc(2026, 3, 29, 21, 59), 3))
    (day,) = acme.ask(paces, (acme.days("2026-03-29"),))
    assert net(day) == [0, 40, 40] + [80] * 20 + [120]
    assert day.so_far == day.hours[23]


def test_on_the_day_of_25_hours_the_repeated_hour_counts_both_times(acme: Shop) -> None:
    """In Berlin on 25 October 2026, 02:30 comes twice; at 03:00 the day is held beside 03:00 of the day before."""
    acme.receive(
        at(utc(2026, 10, 25, 0, 30), 1),
        at(utc(2026, 10, 25, 1, 30), 2),
        at(utc(2026, 10, 24, 0, 59), 3),
        at(utc(2026, 10, 24, 1, 1), 4),
    )
    today, yesterday, _ = beside(acme, "2026-10-25", now=utc(2026, 10, 25, 2))
    assert net(today) == [0, 0] + [80] * 22
    assert yesterday.so_far.net_sales == 40, "01:01 in UTC was 03:01 on that day's clock"


def test_the_same_time_of_the_next_day_after_clocks_changed_is_the_same_time_on_the_clock(acme: Shop) -> None:
    acme.receive(at(utc(2026, 10, 25, 12, 59), 1), at(utc(2026, 10, 25, 13, 1), 2))
    _, yesterday, _ = beside(acme, "2026-10-26", now=utc(2026, 10, 26, 13))
    assert yesterday.so_far.orders == 1


def test_the_running_totals_end_at_the_figures_of_the_day_and_of_its_cut(acme: Shop) -> None:
    """Refunds lower a running total: it may fall."""
    acme.receive(
        at(utc(2026, 11, 20, 8), 1, refunds=(made.refund(31, 1, utc(2026, 11, 20, 15)),)),
        at(utc(2026, 11, 20, 12), 2),
    )
    cut = replace(acme.days("2026-11-20"), until=utc(2026, 11, 20, 10))
    (pace,) = acme.ask(paces, (cut,))
    for period, running in ((cut, pace.so_far), (acme.days("2026-11-20"), pace.hours[23])):
        whole = acme.ask(report, period, period.grain).whole
        assert (running.net_sales, running.total_sales, running.orders) == (
            whole.net_sales,
            whole.total_sales,
            whole.orders,
        )
    assert pace.hours[14].net_sales == 80
    assert pace.hours[23].net_sales == 60


def test_a_day_in_yen_is_counted_on_its_own_clock_and_another_currency_not_at_all(tokyo: Shop) -> None:
    line = made.line(price="1980", tax="0")
    tokyo.receive(
        at(utc(2026, 11, 9, 15, 10), 1, currency="JPY", line_items=(line,)),
        at(utc(2026, 11, 9, 16), 2, currency="EUR"),
    )
    (day,) = tokyo.ask(paces, (tokyo.days("2026-11-10"),))
    assert day.hours[0].net_sales == day.so_far.net_sales == Decimal(3960)
    assert day.so_far.orders == 1


def test_a_period_of_days_a_week_before_keeps_its_weekdays(acme: Shop) -> None:
    now = utc(2026, 11, 21, 13)
    before: Period = acme.days("2026-11-21").week_before(now)
    assert (before.start.isoformat(), before.until) == ("2026-11-14", utc(2026, 11, 14, 13))
    assert acme.days("2026-11-20").week_before(now).until is None
