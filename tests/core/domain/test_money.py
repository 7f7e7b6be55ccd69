"""Amounts are rounded to the coins that a currency has, and not before."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision

from core.domain.money import minor_digits, rounded


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("XYZ", 2)])
def test_a_currency_has_the_decimals_that_its_coins_have(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(("currency", "digits"), [("HUF", 2), ("COP", 2), ("IDR", 2), ("IQD", 3)])
def test_amounts_keep_coins_that_a_display_of_the_currency_leaves_out(currency: str, digits: int) -> None:
    assert (get_currency_precision(currency), minor_digits(currency)) == (0, digits)


@pytest.mark.parametrize(
    ("amount", "currency", "coins"),
    [
        ("8.4034", "EUR", "8.40"),
        ("8.405", "EUR", "8.41"),
        ("8.415", "EUR", "8.42"),
        ("-8.4051", "EUR", "-8.41"),
        ("909.0909", "JPY", "909"),
        ("0.0005", "KWD", "0.001"),
        ("0.0015", "KWD", "0.002"),
        ("99999999999999999.994", "EUR", "99999999999999999.99"),
    ],
)
def test_an_amount_is_rounded_to_the_smallest_coin_and_a_half_goes_away_from_zero(
    amount: str, currency: str, coins: str
) -> None:
    assert str(rounded(Decimal(amount), currency)) == coins
