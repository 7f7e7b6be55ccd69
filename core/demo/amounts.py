"""Splitting money so that not a cent is lost: shares of a discount, taxes of a charge."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from core.demo.model import ZERO, Tax
from core.money import minor_digits, rounded

Rates = tuple[tuple[str, Decimal], ...]
"""Taxes of one place: title and rate, the latter as a fraction."""


def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`total` in shares proportional to `weights`, exact to the smallest coin: what rounding leaves goes to the
    shares that lost most by it, the first among equals. Weights that are all zero get nothing."""
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO] * len(weights)
    coin = Decimal(1).scaleb(-minor_digits(currency))
    exact = [total * weight / whole for weight in weights]
    shares = [amount.quantize(coin, ROUND_FLOOR) for amount in exact]
    left = int((total - sum(shares, ZERO)) / coin)
    by_loss = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_loss[:left]:
        shares[i] += coin
    return shares


def taxes_on(charged: Decimal, rates: Rates, *, included: bool, currency: str) -> tuple[Tax, ...]:
    """The taxes on a charge: on top of it or, where `included`, the part of it that they are."""
    divisor = 1 + sum((rate for _, rate in rates), ZERO) if included else Decimal(1)
    return tuple(Tax(title, rate, rounded(charged * rate / divisor, currency)) for title, rate in rates)


def part_of(amount: Decimal, done: int, more: int, of: int, currency: str) -> Decimal:
    """What `more` of `of` units are of `amount` when `done` units were taken before: all parts sum to the whole."""
    if not of:
        return ZERO
    return rounded(amount * (done + more) / of, currency) - rounded(amount * done / of, currency)
