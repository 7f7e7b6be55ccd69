"""The labels of an axis of values: round, few, and named as the page writes amounts and counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from dashboard.drawing import formats
from dashboard.drawing.plot import Level

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_MOST = 5
"""Labels above zero, about: more than the height of a chart has room for would touch."""
_ROOM = Decimal("0.06")
"""Of the span, above the highest and below the lowest value."""


def levels(values: Iterable[Decimal | int | None], money: str | None) -> tuple[Level, ...]:
    """Label the axis of these values; `money` is their currency, None for counts."""
    ticks = round_values(*_ends(values))
    if money:
        return tuple(Level(float(tick), formats.axis_money(tick, money)) for tick in ticks)
    return tuple(Level(float(tick), formats.axis_count(tick)) for tick in ticks if tick == tick.to_integral_value())


def bounds(values: Iterable[Decimal | int | None]) -> tuple[float, float]:
    """The lowest and the highest place of the axis: zero is on it, and the longest line ends below the upper edge."""
    lowest, highest = _ends(values)
    room = (highest - lowest) * _ROOM or Decimal(1)
    return float(lowest - room if lowest else lowest), float(highest + room)


def round_values(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Choose round values between the lowest and the highest one, zero among them."""
    span = highest - lowest
    if not span:
        return [Decimal(0)]
    power = Decimal(1).scaleb((span / _MOST).adjusted())
    step = next(power * part for part in _STEPS if power * part * _MOST >= span)
    first = int((lowest / step).to_integral_value(ROUND_CEILING))
    last = int((highest / step).to_integral_value(ROUND_FLOOR))
    return [step * number for number in range(first, last + 1)]


def _ends(values: Iterable[Decimal | int | None]) -> tuple[Decimal, Decimal]:
    amounts = [Decimal(0), *(Decimal(value) for value in values if value is not None)]
    return min(amounts), max(amounts)
