"""What a customer is worth: net sales within so many days of the first order, of customers known at least so long."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.metrics.customers.values import customer_values
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, utc

TODAY = date(2026, 11, 21)


def test_a_window_counts_its_days_from_the_day_of_the_first_order(acme: Shop) -> None:
    """Orders of 40.00: day 0, day 29 and day 30 after the first, of which the last is outside the first 30 days."""
    acme.receive(
        at(utc(2026, 9, 1), 1, customer_id=1),
        at(utc(2026, 9, 30), 2, customer_id=1),
        at(utc(2026, 10, 1), 3, customer_id=1),
    )
    assert [(one.days, one.customers, one.net_sales) for one in acme.ask(customer_values, TODAY)] == [
        (30, 1, Decimal("80.00")),
        (60, 1, Decimal("120.00")),
    ]


def test_customers_count_once_all_days_of_the_window_are_complete(acme: Shop) -> None:
    acme.receive(at(utc(2026, 9, 1), 1, customer_id=1), at(utc(2026, 10, 22), 2, customer_id=2))
    assert acme.ask(customer_values, date(2026, 11, 20))[0].customers == 1, "the thirtieth day runs"
    assert acme.ask(customer_values, date(2026, 11, 21))[0].customers == 2


def test_customers_of_the_last_two_years_count(acme: Shop) -> None:
    acme.receive(at(utc(2024, 11, 20), 1, customer_id=1), at(utc(2024, 11, 21), 2, customer_id=2))
    assert [one.customers for one in acme.ask(customer_values, TODAY)] == [1, 1, 1, 1, 1]


def test_a_late_return_lowers_the_value_of_the_window_of_its_order(acme: Shop) -> None:
    acme.receive(at(utc(2026, 9, 1), 1, customer_id=1, refunds=(made.refund(31, 1, utc(2026, 11, 4)),)))
    first = acme.ask(customer_values, TODAY)[0]
    assert (first.net_sales, first.value) == (Decimal("20.00"), Decimal("20.00"))


def test_without_customers_known_long_enough_there_is_no_value(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 1), 1, customer_id=1))
    assert acme.ask(customer_values, TODAY) == ()


def test_a_customer_who_began_in_another_currency_has_no_value(acme: Shop) -> None:
    acme.receive(
        at(utc(2026, 9, 1), 1, customer_id=1, currency="USD"),
        at(utc(2026, 9, 2), 2, customer_id=1),
        at(utc(2026, 9, 2), 3, customer_id=2),
    )
    first = acme.ask(customer_values, TODAY)[0]
    assert (first.customers, first.net_sales) == (1, Decimal("40.00"))
