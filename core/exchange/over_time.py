"""The sum of all stores over time, with the part of each store, in one currency. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.domain.periods import Grain, bucket
from core.exchange.conversion import Converted, Sums
from core.exchange.side_by_side import Together


@dataclass(frozen=True, slots=True)
class TogetherPoint:
    """A day, week or month by its first day, on the calendar of each store.

    `parts` has each store in the order of `Together.rows`. A part is None if one of its days has no rate, and then
    the sum is None, too: it is never taken as zero.
    """

    start: date
    current: Sums | None
    parts: tuple[Sums | None, ...]


def over_time(together: Together, grain: Grain) -> tuple[TogetherPoint, ...]:
    """Add up the converted days of each store by day, week or month, the earliest first."""
    parts = [_by_point(row.converted, grain) for row in together.rows]
    starts = sorted({start for part in parts for start in part})
    points = []
    for start in starts:
        store_sums = tuple(part.get(start, Sums()) for part in parts)
        known = [part for part in store_sums if part is not None]
        points.append(TogetherPoint(start, sum(known, Sums()) if len(known) == len(store_sums) else None, store_sums))
    return tuple(points)


def _by_point(converted: Converted, grain: Grain) -> dict[date, Sums | None]:
    points = dict[date, Sums | None]()
    for day, sums in converted.days.items():
        start = bucket(day, grain)
        points[start] = (points.get(start) or Sums()) + sums
    return points | {bucket(day, grain): None for day in converted.missing}
