"""Decimals of currencies, and rounding to them. Everywhere else money is exact."""

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
    """Return how many decimals `currency` has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return MINOR_DIGITS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` in whole coins; halves away from zero, as in Shopify's open-source money library."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_UP)


def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Return `total` in shares proportional to `weights`, in whole coins.

    The remainder of rounding goes to the shares that lost most by it, the first among equals. If all weights are
    zero, all shares are.
    """
    total_weight = sum(weights, Decimal(0))
    if not total_weight:
        return [Decimal(0)] * len(weights)
    coin = Decimal(1).scaleb(-minor_digits(currency))
    exact = [total * weight / total_weight for weight in weights]
    shares = [amount.quantize(coin, ROUND_FLOOR) for amount in exact]
    coins = int((total - sum(shares, Decimal(0))) / coin)
    by_loss = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_loss[:coins]:
        shares[i] += coin
    shares[by_loss[0]] += total - sum(shares, Decimal(0))  # less than a coin, of a total that had parts of one
    return shares
