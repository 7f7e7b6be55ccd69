"""Cohorts: who came back in which period, what a customer is worth, and what is not known yet."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.metrics.customers.cohorts import ReturnsOn, Width, averages, cohorts
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, utc

TODAY = date(2026, 11, 21)


def test_a_cohort_has_its_customers_and_what_they_ordered_later(acme: Shop) -> None:
    """Of three new customers of September, one ordered twice in it, and one came back in November."""
    acme.receive(
        *(at(utc(2026, 9, number), number, customer_id=number) for number in (1, 2, 3)),
        at(utc(2026, 9, 20), 4, customer_id=1),
        at(utc(2026, 11, 3), 5, customer_id=2, refunds=(made.refund(31, 5, utc(2026, 11, 20)),)),
    )
    (september,) = acme.ask(cohorts, Width.MONTH, TODAY)

    assert (september.start, september.size, september.is_small, september.is_complete) == (
        *(date(2026, 9, 1), 3, True, True),
    )
    assert [(cell.customers, cell.orders, cell.net_sales) for cell in september.cells] == [
        (1, 4, Decimal("160.00")),
        (0, 0, Decimal(0)),
        (1, 1, Decimal("20.00")),
    ]
    assert [cell.is_complete for cell in september.cells] == [True, True, False]
    assert september.value(2) == Decimal("60.00")
    assert [one and one.retention for one in averages((september,))] == [Decimal(1) / 3, Decimal(0), None]


def test_weeks_begin_on_monday_and_quarters_with_their_first_month(acme: Shop) -> None:
    acme.receive(at(utc(2026, 9, 30), 1, customer_id=1), at(utc(2026, 10, 1), 2, customer_id=2))

    weeks = acme.ask(cohorts, Width.WEEK, TODAY)
    quarters = acme.ask(cohorts, Width.QUARTER, TODAY)

    assert [(cohort.start, cohort.size) for cohort in weeks] == [(date(2026, 9, 28), 2)]
    assert [(cohort.start, cohort.size) for cohort in quarters] == [(date(2026, 7, 1), 1), (date(2026, 10, 1), 1)]
    assert not quarters[1].is_complete


def test_a_customer_who_began_in_another_currency_is_in_no_cohort(acme: Shop) -> None:
    acme.receive(
        at(utc(2026, 9, 1), 1, customer_id=1, currency="USD"),
        at(utc(2026, 10, 1), 2, customer_id=1),
        at(utc(2026, 10, 2), 3, customer_id=2),
    )
    assert [cohort.size for cohort in acme.ask(cohorts, Width.MONTH, TODAY)] == [1]


def test_an_earlier_order_moves_its_customer_to_another_cohort(acme: Shop) -> None:
    acme.receive(at(utc(2026, 10, 1), 2, customer_id=1))
    acme.receive(at(utc(2026, 9, 1), 1, customer_id=1))
    (september,) = acme.ask(cohorts, Width.MONTH, TODAY)
    assert [cell.customers for cell in september.cells] == [0, 1, 0]


def test_a_return_counts_with_its_order_or_on_its_own_day(acme: Shop) -> None:
    """Two shirts of September at 20.00, of which one came back in November, the day after another order."""
    acme.receive(
        at(utc(2026, 9, 1), 1, customer_id=1, refunds=(made.refund(31, 1, utc(2026, 11, 4)),)),
        at(utc(2026, 11, 3), 2, customer_id=1),
    )
    (with_order,) = acme.ask(cohorts, Width.MONTH, TODAY)
    (on_its_day,) = acme.ask(cohorts, Width.MONTH, TODAY, ReturnsOn.RETURN_DAY)

    assert [(cell.net_sales, cell.net_to_date, cell.moved_in) for cell in with_order.cells] == [
        (20, 20, 0),
        (0, 20, 0),
        (40, 60, 0),
    ]
    assert [(cell.net_sales, cell.net_to_date, cell.moved_in) for cell in on_its_day.cells] == [
        (40, 40, 0),
        (0, 40, 0),
        (20, 60, -20),
    ]
    assert [(cell.customers, cell.orders) for cell in on_its_day.cells] == [
        (cell.customers, cell.orders) for cell in with_order.cells
    ]


def test_a_return_of_the_same_period_moves_nothing(acme: Shop) -> None:
    acme.receive(at(utc(2026, 9, 1), 1, customer_id=1, refunds=(made.refund(31, 1, utc(2026, 9, 4)),)))
    assert acme.ask(cohorts, Width.MONTH, TODAY) == acme.ask(cohorts, Width.MONTH, TODAY, ReturnsOn.RETURN_DAY)
    (week,) = acme.ask(cohorts, Width.WEEK, date(2026, 9, 10), ReturnsOn.RETURN_DAY)
    assert [cell.net_sales for cell in week.cells] == [20, 0], "the first and the fourth are of one week"
