"""Rates read as a bank prints them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.exchange import Converted, Sums
from dashboard.drawing import rate_words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.92", "0.92"),
        ("0.833333333333", "0.833333"),
        ("0.0000588", "0.0000588"),
        ("160", "160"),
        ("1234567.8", "1234568"),
        ("1.10", "1.1"),
    ],
)
def test_a_rate_has_six_significant_digits(value: str, text: str) -> None:
    assert rate_words.rate(Decimal(value)) == text


def used(low: str, high: str) -> Converted:
    return Converted(Sums(), {}, (), Decimal(low), Decimal(high))


def test_the_rates_of_a_period_are_one_or_a_range() -> None:
    assert rate_words.rates_used(used("0.9", "0.9"), "USD", "EUR") == "1 USD = 0.9 EUR"
    assert rate_words.rates_used(used("0.9", "0.95"), "USD", "EUR") == "1 USD = 0.9 to 0.95 EUR"
    assert rate_words.rates_used(used("1", "1"), "EUR", "EUR") == ""
