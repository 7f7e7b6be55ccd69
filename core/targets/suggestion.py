"""Which target fits a month? Last year's month, times the growth of the last 13 weeks over a year before. Pure.

A store that is too young for that has the mean of its last whole months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from core.targets.progress import WEEKS, YEAR, days_of

MOST_MONTHS = 3
"""Of a young store, the last whole months whose mean counts."""
LOWEST, HIGHEST = Fraction(1, 2), Fraction(2)
"""The limits of the growth: a store that has just begun to grow would get a target out of reach."""
_DIGITS = 2
"""Significant digits of a suggestion: a target to the cent would claim too much."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An amount, and what it comes from.

    `base` is the sum of last year's month, `last_year`. Where that is None, `base` is the mean of the last `months`
    whole months. `growth` is the factor of the last 13 weeks as it is, before the limits; None where it is unknown.
    """

    amount: Decimal
    base: Decimal
    last_year: date | None = None
    growth: Fraction | None = None
    months: int = 0


def limited(growth: Fraction | None) -> Fraction:
    """The factor that counts: between half and double, one where the growth is unknown."""
    return Fraction(1) if growth is None else min(max(growth, LOWEST), HIGHEST)


def suggest(month: date, today: date, sold: Mapping[date, Decimal], first_day: date | None) -> Suggestion | None:
    """Suggest a target for the month that begins with `month`; None without a whole month of sales.

    `sold` has the amount of each day with any, back to `suggestion_start`. `first_day` is the first day of the store
    with orders, None without one. Only days before `today` count.
    """
    if first_day is None:
        return None
    last_year = month.replace(year=month.year - 1)
    base = _month_sum(last_year, sold)
    if first_day <= last_year and base > 0:
        growth = _growth(min(month, today), sold, first_day)
        factor = limited(growth)
        return Suggestion(_rounded(base * factor.numerator / factor.denominator), base, last_year, growth)
    return _by_recent_months(min(month, today.replace(day=1)), sold, first_day)


def suggestion_start(month: date, today: date) -> date:
    """The first day whose sales `suggest` looks at."""
    return min(month.replace(year=month.year - 1), min(month, today) - timedelta(weeks=WEEKS) - YEAR)


def _by_recent_months(month: date, sold: Mapping[date, Decimal], first_day: date) -> Suggestion | None:
    months: list[date] = []
    while len(months) < MOST_MONTHS:
        month = (month - timedelta(days=1)).replace(day=1)
        if month < first_day:
            break
        months.append(month)
    if not months:
        return None
    mean = sum((_month_sum(earlier, sold) for earlier in months), Decimal(0)) / len(months)
    return Suggestion(_rounded(mean), mean, months=len(months)) if mean > 0 else None


def _growth(end: date, sold: Mapping[date, Decimal], first_day: date) -> Fraction | None:
    """The 13 weeks before `end` over those of a year before; None if the store was not open then or sold nothing."""
    days = [end - timedelta(days=n) for n in range(1, WEEKS * 7 + 1)]
    recent = sum((sold.get(day, Decimal(0)) for day in days), Decimal(0))
    before = sum((sold.get(day - YEAR, Decimal(0)) for day in days), Decimal(0))
    is_known = first_day <= days[-1] - YEAR and recent > 0 and before > 0
    return Fraction(recent) / Fraction(before) if is_known else None


def _month_sum(month: date, sold: Mapping[date, Decimal]) -> Decimal:
    return sum((sold.get(day, Decimal(0)) for day in days_of(month)), Decimal(0))


def _rounded(amount: Decimal) -> Decimal:
    """Two significant digits: 41,237.50 becomes 41,000."""
    step = Decimal(1).scaleb(amount.adjusted() - _DIGITS + 1)
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step
