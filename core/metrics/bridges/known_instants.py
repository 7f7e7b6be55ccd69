"""Since when can a period be compared with what was known of it? Instants, and the days that were over then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.periods import Period, local_day


@dataclass(frozen=True, slots=True)
class Reading:
    """The days of a period that were over at an instant: sales of later days are new, and no changes."""

    period: Period
    at: datetime


def reading(period: Period, at: datetime) -> Reading | None:
    """Return the reading of a period at an instant; None if none of its days was over."""
    last = min(period.end, local_day(at, period.zone) - timedelta(days=1))
    if last < period.start:
        return None
    return Reading(replace(period, end=last, until=None), at)


def first_reading(period: Period, kept_since: datetime, now: datetime) -> datetime:
    """Return the instant at which the period ended, or the next one at which its changes were kept."""
    return min(max(period.instants[1], kept_since), now)


def instant_named(name: str, period: Period, kept_since: datetime, now: datetime) -> datetime:
    """Return the instant that an address names, such as 2026-11-01T00:00, on the store's clock; else the first
    reading's. It is not before changes were kept, nor later than now."""
    try:
        local = datetime.fromisoformat(name).replace(tzinfo=period.zone)
        return min(max(local, kept_since), now)
    except (ValueError, OverflowError):
        return first_reading(period, kept_since, now)
