"""The figures point by point: each sale counted once, and the comparison at its place."""

from __future__ import annotations

from decimal import Decimal

from core.domain.periods import Comparison, Grain
from core.metrics.sales.overview import Headline, Point, report, report_beside
from tests.core.metrics.conftest import NOW, Shop, headline, series
from tests.core.metrics.sales.test_headline import at, utc


def test_a_day_without_orders_is_a_point_of_zeros(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3, 12), 1), at(utc(2026, 11, 5, 12), 2))
    points = acme.ask(series, acme.days("2026-11-02", "2026-11-06"), Grain.DAY)
    assert [point.figures.net_sales for point in points] == [0, 40, 0, 40, 0]
    assert [point.figures.orders for point in points] == [0, 1, 0, 1, 0]
    assert points[0].figures == Headline()
    assert points[1].start == utc(2026, 11, 2, 23)


def test_the_points_add_up_to_the_whole_at_every_width(acme: Shop) -> None:
    acme.receive(*(at(utc(2026, 10, 1 + n, 5 + n % 18), 1 + n) for n in range(30)))
    period = acme.days("2026-10-01", "2026-10-31")
    whole = acme.ask(headline, period)
    for grain in Grain:
        points = acme.ask(series, period, grain)
        assert sum(point.figures.total_sales for point in points) == whole.total_sales == 30 * Decimal("52.60")
        assert sum(point.figures.orders for point in points) == whole.orders == 30


def test_the_hour_that_comes_twice_is_two_points(acme: Shop) -> None:
    """02:30 in Berlin on 25 October 2026, before and after clocks went back."""
    acme.receive(at(utc(2026, 10, 25, 0, 30), 1), at(utc(2026, 10, 25, 1, 30), 2), at(utc(2026, 10, 25, 22, 59), 3))
    points = acme.ask(series, acme.days("2026-10-25"), Grain.HOUR)
    assert len(points) == 25
    assert [n for n, point in enumerate(points) if point.figures.orders] == [2, 3, 24]


def test_a_week_is_counted_from_monday_and_only_with_days_of_the_period(acme: Shop) -> None:
    acme.receive(*(at(utc(2026, 11, day, 12), day) for day in (1, 2, 4, 8, 9)))
    points = acme.ask(series, acme.days("2026-11-02", "2026-11-10"), Grain.WEEK)
    assert [point.figures.orders for point in points] == [3, 1]


def test_a_customer_of_two_days_is_counted_on_both_and_returns_on_the_second(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3, 12), 1, customer_id=81), at(utc(2026, 11, 4, 12), 2, customer_id=81))
    points = acme.ask(series, acme.days("2026-11-03", "2026-11-04"), Grain.DAY)
    assert [point.figures.customers for point in points] == [1, 1]
    assert [point.figures.new_customers for point in points] == [1, 0]
    assert [point.figures.returning_customer_rate for point in points] == [0, 1]


def test_the_comparison_stands_point_by_point_under_the_period(acme: Shop) -> None:
    acme.receive(at(utc(2026, 10, 30, 12), 1), at(utc(2026, 11, 3, 12), 2))
    period = acme.days("2026-11-02", "2026-11-04")
    compared = period.compared(Comparison.PREVIOUS_PERIOD, NOW)
    beside = acme.ask(report_beside, compared, period, Grain.DAY).points
    assert [point.figures.orders for point in beside] == [1, 0, 0]
    assert beside[0].start == utc(2026, 10, 29, 23)


def test_the_comparison_with_an_unfinished_day_ends_at_the_same_time(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 20, 10), 1), at(utc(2026, 11, 20, 12), 2))
    today = acme.days("2026-11-21")
    yesterday = today.compared(Comparison.PREVIOUS_PERIOD, NOW)
    cut = acme.ask(report_beside, yesterday, today, Grain.HOUR)
    assert cut.whole.orders == sum(point.figures.orders for point in cut.points) == 1


def test_new_and_repeat_customers_are_all_customers_each_once_a_point(acme: Shop) -> None:
    """81 orders first in October; 82 first on the 3rd, twice that day, and again on the 4th."""
    acme.receive(
        at(utc(2026, 10, 3, 12), 1, customer_id=81),
        at(utc(2026, 11, 3, 12), 2, customer_id=81),
        at(utc(2026, 11, 3, 13), 3, customer_id=82),
        at(utc(2026, 11, 3, 14), 4, customer_id=82),
        at(utc(2026, 11, 4, 12), 5, customer_id=82),
    )
    found = acme.ask(report, acme.days("2026-11-03", "2026-11-05"), Grain.DAY)
    counts = [(each.new_customers, each.repeat_customers, each.customers) for each in map(_figures, found.points)]
    assert counts == [(1, 1, 2), (0, 1, 1), (0, 0, 0)]
    assert (found.whole.new_customers, found.whole.repeat_customers, found.whole.customers) == (1, 1, 2)


def _figures(point: Point) -> Headline:
    return point.figures


def test_the_comparison_of_weeks_has_the_same_numbers_of_days(acme: Shop) -> None:
    """2 to 10 November is a week of seven days and a rest of two; the nine days before it are cut likewise."""
    acme.receive(*(at(utc(2026, 10, day, 12), day) for day in (24, 30, 31)), at(utc(2026, 11, 1, 12), 40))
    period = acme.days("2026-11-02", "2026-11-10")
    compared = period.compared(Comparison.PREVIOUS_PERIOD, NOW)
    beside = acme.ask(report_beside, compared, period, Grain.WEEK).points
    assert [point.figures.orders for point in beside] == [2, 2]
    assert [point.figures.net_sales for point in beside] == [80, 80]
