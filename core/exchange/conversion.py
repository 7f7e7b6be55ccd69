"""Converts the days of a store into another currency, each at the rate of its day. Pure.

Banks publish no rates on weekends and holidays, so a day takes the latest rate before it, if that is not too old. A
day without such a rate takes the fixed rate. A day with neither is not converted, and the sum that it belongs to is
unknown: it is never taken as zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal

from core.metrics.ratios import average_order_value
from core.metrics.sales.overview import Headline

MOST_AGE = timedelta(days=7)
"""Of an uploaded rate on the day that takes it."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RateTable:
    """What one unit of `currency` is in `into`. `days` has the uploaded rates, the earliest first."""

    currency: str
    into: str
    fixed: Decimal | None = None
    days: tuple[tuple[date, Decimal], ...] = ()

    def on(self, day: date) -> Decimal | None:
        """The rate of a day; None without one."""
        if self.currency == self.into:
            return Decimal(1)
        at = bisect_right(self.days, day, key=lambda entry: entry[0]) - 1
        if at >= 0 and day - self.days[at][0] <= MOST_AGE:
            return self.days[at][1]
        return self.fixed


@dataclass(frozen=True, slots=True)
class Sums:
    """Figures that can be added up over stores, under their names in `core.metrics.definitions`.

    Customers are not among them: one person may buy in two stores.
    """

    gross_sales: Decimal = ZERO
    discounts: Decimal = ZERO
    returns: Decimal = ZERO
    net_sales: Decimal = ZERO
    total_sales: Decimal = ZERO
    placed_value: Decimal = ZERO
    orders: int = 0

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in NAMES))

    def times(self, rate: Decimal) -> Sums:
        """The amounts at a rate, exact and unrounded; orders stay."""
        return replace(self, **{name: getattr(self, name) * rate for name in _AMOUNTS})


NAMES = tuple(field.name for field in fields(Sums))
_AMOUNTS = tuple(name for name in NAMES if name != "orders")


@dataclass(frozen=True, slots=True)
class Converted:
    """The days of a store in another currency.

    `sums` has the days that have a rate; it is the whole only without `missing` days. `lowest` and `highest` are the
    rates of the days with amounts; None where no day has any.
    """

    sums: Sums
    days: dict[date, Sums]
    missing: tuple[date, ...]
    lowest: Decimal | None
    highest: Decimal | None


def convert(days: Iterable[tuple[date, Headline]], rates: RateTable) -> Converted:
    """Convert each day at its rate. A day without any amount needs none."""
    converted, missing, used = dict[date, Sums](), list[date](), list[Decimal]()
    for day, figures in days:
        sums = Sums(*(getattr(figures, name) for name in NAMES))
        rate = rates.on(day)
        if not any(getattr(sums, name) for name in _AMOUNTS):
            converted[day] = sums
        elif rate is None:
            missing.append(day)
        else:
            converted[day] = sums.times(rate)
            used.append(rate)
    whole = sum(converted.values(), Sums())
    return Converted(whole, converted, tuple(missing), min(used, default=None), max(used, default=None))
