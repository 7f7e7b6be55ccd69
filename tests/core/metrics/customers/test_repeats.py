"""Repeat rate and days to the second order, of the customers who are new in a period."""

from __future__ import annotations

from decimal import Decimal

from core.metrics.customers.repeats import Repeats, repeats
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, utc


def test_new_customers_who_came_back_and_how_soon(acme: Shop) -> None:
    """Five are new in September; four came back, after 2, 5, 10 and 60 days. A third order changes nothing."""
    acme.receive(*(at(utc(2026, 9, 1), number, customer_id=number) for number in range(1, 6)))
    days = {1: utc(2026, 9, 3), 2: utc(2026, 9, 6), 3: utc(2026, 9, 11), 4: utc(2026, 10, 31)}
    acme.receive(*(at(day, 10 + number, customer_id=number) for number, day in days.items()))
    acme.receive(at(utc(2026, 9, 20), 20, customer_id=1), at(utc(2026, 8, 1), 30, customer_id=9))

    found = acme.ask(repeats, acme.days("2026-09-01", "2026-09-30"))

    assert found == Repeats(customers=5, repeat_customers=4, early=2, median=5, late=10)
    assert found.repeat_rate == Decimal("0.8")


def test_without_a_second_order_there_are_no_days(acme: Shop) -> None:
    acme.receive(at(utc(2026, 9, 1), 1, customer_id=1))
    period = acme.days("2026-09-01", "2026-09-30")
    assert acme.ask(repeats, period) == Repeats(1, 0, None, None, None)
    assert acme.ask(repeats, acme.days("2026-10-01")).repeat_rate is None
