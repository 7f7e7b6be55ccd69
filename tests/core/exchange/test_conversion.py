"""Each day is converted at its own rate; a day without one makes the sum unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.exchange import RateTable, Sums, convert
from core.metrics.sales.overview import Headline

FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
RATES = RateTable("USD", "EUR", None, ((FRIDAY, Decimal("0.90")), (MONDAY, Decimal("0.80"))))


def sold(net: str, orders: int = 1) -> Headline:
    amount = Decimal(net)
    return Headline(gross_sales=amount, net_sales=amount, total_sales=amount, placed_value=amount, orders=orders)


def test_each_day_counts_at_its_own_rate_and_a_weekend_at_fridays() -> None:
    answer = convert([(FRIDAY, sold("100")), (SATURDAY, sold("10")), (MONDAY, sold("100", 3))], RATES)
    assert answer.sums.net_sales == Decimal("90") + Decimal("9") + Decimal("80")
    assert (answer.sums.orders, answer.missing) == (5, ())
    assert (answer.lowest, answer.highest) == (Decimal("0.80"), Decimal("0.90"))
    assert answer.sums.average_order_value == Decimal("179") / 5


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2026, 11, 19), None),
        (FRIDAY, "0.90"),
        (date(2026, 11, 22), "0.90"),
        (date(2026, 11, 30), "0.80"),
        (date(2026, 12, 1), None),
    ],
)
def test_a_rate_counts_for_a_week_and_never_for_days_before_it(day: date, rate: str | None) -> None:
    assert RATES.on(day) == (Decimal(rate) if rate else None)


def test_a_fixed_rate_fills_the_days_without_an_uploaded_one() -> None:
    rates = RateTable("USD", "EUR", Decimal("0.5"), RATES.days)
    assert rates.on(date(2026, 11, 19)) == Decimal("0.5")
    assert rates.on(FRIDAY) == Decimal("0.90")


def test_a_day_without_a_rate_is_named_and_not_counted() -> None:
    early = date(2026, 11, 1)
    answer = convert([(early, sold("100")), (FRIDAY, sold("100"))], RATES)
    assert answer.missing == (early,)
    assert answer.sums.net_sales == Decimal("90")


def test_a_day_without_amounts_needs_no_rate() -> None:
    """An order over nothing is an order all the same."""
    answer = convert([(date(2026, 1, 1), Headline(orders=1))], RATES)
    assert (answer.missing, answer.sums, answer.lowest) == ((), Sums(orders=1), None)


def test_a_currency_is_worth_itself() -> None:
    assert convert([(FRIDAY, sold("100.01"))], RateTable("EUR", "EUR")).sums.net_sales == Decimal("100.01")
