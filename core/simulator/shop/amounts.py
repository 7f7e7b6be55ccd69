"""The simulator's money arithmetic. It shares nothing with `core.domain.money`, so a rounding fault there shows.

Amounts are counted in minor units (cents) and rounded like Shopify's open-source money library: halves away from
zero. After a split, the remainder goes to the shares that rounding lowered most (its strategy "nearest").
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from core.simulator.shop.model import ZERO, Tax

Rates = tuple[tuple[str, Decimal], ...]
"""The taxes of one place: title, and rate as a fraction."""

_DECIMALS = dict.fromkeys("CLP ISK JPY KRW UGX VND".split(), 0) | dict.fromkeys("BHD JOD KWD OMR TND".split(), 3)
"""The decimals of currencies without two, as far as shops here use them."""


def decimals(currency: str) -> int:
    """Return the number of decimals in amounts of `currency`."""
    return _DECIMALS.get(currency, 2)


def rounded(amount: Decimal | Fraction, currency: str) -> Decimal:
    """Round an amount to the minor unit of `currency`, halves away from zero."""
    return _from_minor_units(_minor_units(Fraction(amount), currency), currency)


def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split `total` into shares proportional to `weights`, in minor units. All are zero where all weights are
    zero."""
    fractions = [Fraction(weight) for weight in weights]
    total_weight, units = sum(fractions), _minor_units(Fraction(total), currency)
    if not total_weight:
        return [ZERO] * len(fractions)
    shares = [int(units * fraction // total_weight) for fraction in fractions]
    rounded_off = [units * fraction % total_weight for fraction in fractions]
    remainder = units - sum(shares)
    for index in sorted(range(len(fractions)), key=lambda index: -rounded_off[index])[:remainder]:
        shares[index] += 1
    return [_from_minor_units(share, currency) for share in shares]


def taxes_on(charged: Decimal, rates: Rates, *, included: bool, currency: str) -> tuple[Tax, ...]:
    """Return the taxes on a charge: added to it, or contained in it where `included`."""
    divisor = 1 + sum((Fraction(rate) for _, rate in rates), Fraction(0)) if included else Fraction(1)
    base = Fraction(charged) / divisor
    return tuple(Tax(title, rate, rounded(base * Fraction(rate), currency)) for title, rate in rates)


def part_of(amount: Decimal, done: int, more: int, of: int, currency: str) -> Decimal:
    """Return the part of `amount` for `more` of `of` units, after `done` units were taken. All parts sum to the
    whole."""
    if not of:
        return ZERO
    units_so_far = _minor_units(Fraction(amount) * (done + more) / of, currency)
    return _from_minor_units(units_so_far - _minor_units(Fraction(amount) * done / of, currency), currency)


def _minor_units(amount: Fraction, currency: str) -> int:
    """Round to the nearest number of minor units."""
    doubled = abs(amount) * 10 ** decimals(currency) * 2
    units = (int(doubled) + 1) // 2
    return -units if amount < 0 else units


def _from_minor_units(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-decimals(currency))
