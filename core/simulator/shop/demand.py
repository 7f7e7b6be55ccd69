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
_GROWTH = 2.4  # the last day has this many times the orders of the first


def order_times(spec: ShopSpec, rng: random.Random, count: int) -> list[datetime]:
    """Draw `count` times of orders, in order, in UTC, from the shop's first day to the end of its last."""
    days = [spec.until - timedelta(days=spec.days - 1 - i) for i in range(spec.days)]
    weights = [day_weight(day, i / spec.days) * rng.lognormvariate(0, 0.18) for i, day in enumerate(days)]
    order_days = rng.choices(days, weights, k=count)
    return sorted(order_time(spec, rng, day) for day in order_days)


def order_time(spec: ShopSpec, rng: random.Random, day: date) -> datetime:
    """Draw a time of an order on a day, by the shop's clock."""
    hour = rng.choices(range(24), _HOURS)[0]
    local = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), spec.zone)
    return local.astimezone(UTC)


def day_weight(day: date, progress: float) -> float:
    """Return how busy a day is relative to others. `progress` is the part of the shop's history before it, 0 to 1."""
    base = _GROWTH**progress * _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]
    if day.month == 12 and day.day > 21:
        base *= 0.5
    return base * (3.2 if _is_cyber_week(day) else 1.6 if _is_summer_sale(day) else 1.0)


def expected_orders(spec: ShopSpec, day: date) -> float:
    """Return the expected number of orders on a day after the history, from the shop's size."""
    days = (spec.until - timedelta(days=i) for i in range(spec.days))
    total_weight = sum(day_weight(past, 1 - i / spec.days) for i, past in enumerate(days))
    return spec.orders * day_weight(day, 1.0) / total_weight


def sale_on(day: date) -> Discount | None:
    """Return the discount on the whole shop on this day, if any."""
    if _is_cyber_week(day):
        return Discount("Black Friday", "line", Decimal(25), is_percent=True)
    if _is_summer_sale(day):
        return Discount("Summer Sale", "line", Decimal(15), is_percent=True)
    return None


def cyber_week(year: int) -> Iterator[date]:
    """Yield the days from Black Friday to the Monday after it."""
    november = date(year, 11, 1)
    thursdays = [november + timedelta(days=i) for i in range(30) if (november + timedelta(days=i)).weekday() == 3]
    return (thursdays[3] + timedelta(days=1 + i) for i in range(4))


def _is_cyber_week(day: date) -> bool:
    return day.month in (11, 12) and day in cyber_week(day.year)


def _is_summer_sale(day: date) -> bool:
    return day.month == 7 and day.day <= 7
