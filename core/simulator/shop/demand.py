"""When people buy: growth over the years, weekdays, seasons, sale days, and the hours of the day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from core.simulator.shop.model import Discount
from core.simulator.shop.shop import ShopSpec

_WEEKDAYS = (1.05, 0.95, 0.92, 0.98, 1.05, 1.12, 1.28)
_MONTHS = (0.82, 0.85, 0.92, 0.95, 1.0, 1.0, 0.9, 0.85, 1.0, 1.05, 1.2, 1.5)
_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 14, 13, 12, 12, 13, 15, 18, 21, 22, 18, 11, 5)
_GROWTH = 2.4  # the last day sells this much more than the first


def instants(spec: ShopSpec, rng: random.Random, count: int) -> list[datetime]:
    """`count` moments of buying, in order, in UTC, from the shop's first day to the end of its last."""
    days = [spec.until - timedelta(days=spec.days - 1 - i) for i in range(spec.days)]
    weights = [weight(day, i / spec.days) * rng.lognormvariate(0, 0.18) for i, day in enumerate(days)]
    chosen = rng.choices(days, weights, k=count)
    return sorted(moment(spec, rng, day) for day in chosen)


def moment(spec: ShopSpec, rng: random.Random, day: date) -> datetime:
    """A moment of the day when people buy, on the shop's clocks."""
    hour = rng.choices(range(24), _HOURS)[0]
    local = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), spec.zone)
    return local.astimezone(UTC)


def weight(day: date, progress: float) -> float:
    """How busy a day is, relative to others; `progress` is how far the shop's history has come, 0 to 1."""
    base = _GROWTH**progress * _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]
    if day.month == 12 and day.day > 21:
        base *= 0.5
    return base * (3.2 if _is_cyber_week(day) else 1.6 if _is_summer_sale(day) else 1.0)


def daily_orders(spec: ShopSpec, day: date) -> float:
    """How many orders the shop takes on a day after its history, as its size makes one expect."""
    days = (spec.until - timedelta(days=i) for i in range(spec.days))
    whole = sum(weight(past, 1 - i / spec.days) for i, past in enumerate(days))
    return spec.orders * weight(day, 1.0) / whole


def sale_of(day: date) -> Discount | None:
    """What is marked down in the whole shop on this day, if anything."""
    if _is_cyber_week(day):
        return Discount("Black Friday", "line", Decimal(25), is_percent=True)
    if _is_summer_sale(day):
        return Discount("Summer Sale", "line", Decimal(15), is_percent=True)
    return None


def sale_days(year: int) -> Iterator[date]:
    """Black Friday to the Monday after it."""
    november = date(year, 11, 1)
    thursdays = [november + timedelta(days=i) for i in range(30) if (november + timedelta(days=i)).weekday() == 3]
    return (thursdays[3] + timedelta(days=1 + i) for i in range(4))


def _is_cyber_week(day: date) -> bool:
    return day.month in (11, 12) and day in sale_days(day.year)


def _is_summer_sale(day: date) -> bool:
    return day.month == 7 and day.day <= 7
