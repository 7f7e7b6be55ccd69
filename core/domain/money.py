"""Amounts of a currency: how many decimals it has, and rounding to them. Money is exact until here, and after."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

MINOR_DIGITS = dict.fromkeys(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
) | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
"""ISO 4217: the currencies that do not have two decimals.

Babel's digits are Unicode's, for display, and would lose money here: 0 for HUF, COP and IDR, which have two decimals,
and 0 for IQD, which has three.
"""


def minor_digits(currency: str) -> int:
    """How many decimals amounts of `currency` have: 2 for EUR, 0 for JPY, 3 for KWD."""
    return MINOR_DIGITS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` to the currency's smallest coin; halves away from zero, as in Shopify's open-source money library."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_UP)


def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`total` in shares proportional to `weights`, exact to the smallest coin: what rounding leaves goes to the
    shares that lost most by it, the first among equals. Weights that are all zero get nothing."""
    whole = sum(weights, Decimal(0))
    if not whole:
        return [Decimal(0)] * len(weights)
    coin = Decimal(1).scaleb(-minor_digits(currency))
    exact = [total * weight / whole for weight in weights]
    shares = [amount.quantize(coin, ROUND_FLOOR) for amount in exact]
    left = int((total - sum(shares, Decimal(0))) / coin)
    by_loss = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_loss[:left]:
        shares[i] += coin
    shares[by_loss[0]] += total - sum(shares, Decimal(0))  # less than a coin, of a total that had parts of one
    return shares
