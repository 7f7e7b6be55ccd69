"""The target that fits a month, worked out by hand: a store of two years, a young one, and one without sales."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from core.targets import Suggestion, suggest, suggestion_start

NOVEMBER, TODAY = date(2026, 11, 1), date(2026, 11, 12)
OPENED = date(2025, 1, 1)


def each_day(first: date, last: date, amount: str) -> dict[date, Decimal]:
    return {first + timedelta(days=n): Decimal(amount) for n in range((last - first).days + 1)}


@pytest.mark.parametrize(
    ("lately", "growth", "amount"),
    [
        ("123", Fraction(123, 100), "3700"),  # 30 days of 100, times 1.23: 3,690
        ("50.10", Fraction(501, 1000), "1500"),
        ("20", Fraction(1, 5), "1500"),  # a fifth counts as half
        ("700", Fraction(7), "6000"),  # seven times counts as double
    ],
)
def test_last_years_month_grows_as_the_last_weeks_did(lately: str, growth: Fraction, amount: str) -> None:
    sold = each_day(OPENED, date(2026, 7, 1), "100") | each_day(date(2026, 7, 2), TODAY, lately)
    found = suggest(NOVEMBER, TODAY, sold, OPENED)
    assert found == Suggestion(Decimal(amount), Decimal(3000), date(2025, 11, 1), growth)


def test_a_store_that_was_not_open_a_year_before_the_weeks_takes_last_years_month_as_it_is() -> None:
    opened = date(2025, 10, 1)
    sold = each_day(opened, TODAY, "41.23")
    assert suggest(NOVEMBER, TODAY, sold, opened) == Suggestion(
        Decimal("1200"), Decimal("1236.90"), date(2025, 11, 1), None
    )


def test_a_young_store_takes_the_mean_of_its_whole_months() -> None:
    """September has 30 days and October 31; August is not whole."""
    opened = date(2026, 8, 2)
    sold = each_day(opened, TODAY, "10")
    assert suggest(NOVEMBER, TODAY, sold, opened) == Suggestion(Decimal(310), Decimal(305), months=2)
    december = suggest(date(2026, 12, 1), TODAY, sold, opened)
    assert december == Suggestion(Decimal(310), Decimal(305), months=2), "November is not over"


@pytest.mark.parametrize(
    ("sold", "opened"),
    [
        ({}, None),
        ({date(2026, 11, 3): Decimal(10)}, date(2026, 11, 3)),
        ({date(2026, 10, 1): Decimal(-10)}, date(2026, 10, 1)),
    ],
)
def test_nothing_is_suggested_without_a_whole_month_of_sales(sold: dict[date, Decimal], opened: date | None) -> None:
    assert suggest(NOVEMBER, TODAY, sold, opened) is None


def test_the_days_it_looks_at_begin_at_the_start() -> None:
    """With all earlier days left out, the suggestion is the same."""
    sold = each_day(date(2024, 1, 1), date(2026, 7, 1), "100") | each_day(date(2026, 7, 2), TODAY, "130")
    opened = date(2024, 1, 1)
    for month in (NOVEMBER, date(2026, 12, 1)):
        start = suggestion_start(month, TODAY)
        kept = {day: amount for day, amount in sold.items() if day >= start}
        assert suggest(month, TODAY, kept, opened) == suggest(month, TODAY, sold, opened)
        shorter = {day: amount for day, amount in kept.items() if day != start}
        assert suggest(month, TODAY, shorter, opened) != suggest(month, TODAY, sold, opened)
