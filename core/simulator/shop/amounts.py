"""The simulator's own money arithmetic, apart from `core.domain.money`, so that a rounding fault of ours shows.

It counts in whole coins and rounds as Shopify's open-source money library does: halves away from zero, and what
rounding leaves of a split goes to the shares that lost most by it (its strategy "nearest").
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from core.simulator.shop.model import ZERO, Tax

Rates = tuple[tuple[str, Decimal], ...]
"""Taxes of one place: title and rate, the latter as a fraction."""

_DECIMALS = dict.fromkeys("CLP ISK JPY KRW UGX VND".split(), 0) | dict.fromkeys("BHD JOD KWD OMR TND".split(), 3)
"""Decimals of the currencies without two, as far as shops here have them."""


def decimals(currency: str) -> int:
    """How many decimals an amount of `currency` is written with."""
    return _DECIMALS.get(currency, 2)


def coined(amount: Decimal | Fraction, currency: str) -> Decimal:
    """`amount` in whole coins of `currency`, halves away from zero."""
    return _amount(_coins(Fraction(amount), currency), currency)


def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`total` in shares proportional to `weights`, in whole coins; none where all weights are zero."""
    parts = [Fraction(weight) for weight in weights]
    whole, coins = sum(parts), _coins(Fraction(total), currency)
    if not whole:
        return [ZERO] * len(parts)
    shares = [int(coins * part // whole) for part in parts]
    lost = [coins * part % whole for part in parts]
    left = coins - sum(shares)
    for place in sorted(range(len(parts)), key=lambda place: -lost[place])[:left]:
        shares[place] += 1
    return [_amount(share, currency) for share in shares]


def taxes_on(charged: Decimal, rates: Rates, *, included: bool, currency: str) -> tuple[Tax, ...]:
    """The taxes on a charge: on top of it or, where `included`, the part of it that they are."""
    divisor = 1 + sum((Fraction(rate) for _, rate in rates), Fraction(0)) if included else Fraction(1)
    base = Fraction(charged) / divisor
    return tuple(Tax(title, rate, coined(base * Fraction(rate), currency)) for title, rate in rates)


def part_of(amount: Decimal, done: int, more: int, of: int, currency: str) -> Decimal:
    """What `more` of `of` units are of `amount` when `done` units were taken before: all parts sum to the whole."""
    if not of:
        return ZERO
    until = _coins(Fraction(amount) * (done + more) / of, currency)
    return _amount(until - _coins(Fraction(amount) * done / of, currency), currency)


def _coins(amount: Fraction, currency: str) -> int:
    """The nearest number of whole coins."""
    doubled = abs(amount) * 10 ** decimals(currency) * 2
    coins = (int(doubled) + 1) // 2
    return -coins if amount < 0 else coins


def _amount(coins: int, currency: str) -> Decimal:
    return Decimal(coins).scaleb(-decimals(currency))
