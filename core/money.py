"""Amounts of a currency: how many decimals it has, and rounding to them. Money is exact until here, and after."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

_MINOR_DIGITS = dict.fromkeys(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ],
    0,
) | (dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3))
"""ISO 4217: the currencies that do not have two decimals."""


def minor_digits(currency: str) -> int:
    """How many decimals amounts of `currency` have: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _MINOR_DIGITS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` to the currency's smallest coin, halves to even."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_EVEN)
