"""Splitting money so that not a cent is lost: shares of a discount, taxes of a charge."""

from __future__ import annotations

from decimal import Decimal

from core.demo.model import ZERO, Tax
from core.money import rounded
from core.money import split as split

Rates = tuple[tuple[str, Decimal], ...]
"""Taxes of one place: title and rate, the latter as a fraction."""


def taxes_on(charged: Decimal, rates: Rates, *, included: bool, currency: str) -> tuple[Tax, ...]:
    """The taxes on a charge: on top of it or, where `included`, the part of it that they are."""
    divisor = 1 + sum((rate for _, rate in rates), ZERO) if included else Decimal(1)
    return tuple(Tax(title, rate, rounded(charged * rate / divisor, currency)) for title, rate in rates)


def part_of(amount: Decimal, done: int, more: int, of: int, currency: str) -> Decimal:
    """What `more` of `of` units are of `amount` when `done` units were taken before: all parts sum to the whole."""
    if not of:
        return ZERO
    return rounded(amount * (done + more) / of, currency) - rounded(amount * done / of, currency)
