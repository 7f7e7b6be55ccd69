"""Days, periods and comparisons as values, in a store's own time zone. `now` is an argument; no database here.

A day is the half-open range from local midnight to the next local midnight, so it has 23 or 25 hours when clocks
change. A period is whole days, both ends included. A period that contains today is unfinished, and what it is
compared with is cut at the same time of day, so that a morning is not compared with a whole day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.errors import InvalidInput

MAX_DAYS = 3660


class Preset(StrEnum):
    """The named periods, as they stand in the URL."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "7d"
    LAST_30_DAYS = "30d"
    LAST_90_DAYS = "90d"
    LAST_12_MONTHS = "12m"
    THIS_MONTH = "month"
    LAST_MONTH = "last-month"
    THIS_YEAR = "year"


class Comparison(StrEnum):
    """What a period is compared with."""

    PREVIOUS_PERIOD = "previous"
    PREVIOUS_YEAR = "year"
    NONE = "none"


class Grain(StrEnum):
    """The width of one point of a time series."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of one time zone, `start` and `end` included; events at or after `until` are left out if set."""

    start: date
    end: date
    zone: ZoneInfo
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInput("The period ends before it starts; swap the two dates.")
        if (self.end - self.start).days >= MAX_DAYS:
            raise InvalidInput("The period is longer than ten years; choose a shorter one.")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    @property
    def grain(self) -> Grain:
        """The width of a point that keeps a chart of this period readable: at most about 100 points."""
        if self.days <= 92:
            return Grain.DAY
        return Grain.WEEK if self.days <= 731 else Grain.MONTH

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The half-open range of instants it covers, before `until` is applied."""
        return _midnight(self.start, self.zone), _midnight(self.end + timedelta(days=1), self.zone)

    def contains(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.start <= day <= self.end

    def compared(self, comparison: Comparison, now: datetime) -> Period | None:
        """The period to hold beside this one, cut at the same elapsed time if this one is unfinished; or None."""
        match comparison:
            case Comparison.NONE:
                return None
            case Comparison.PREVIOUS_PERIOD:
                shifted = self._shifted(timedelta(days=-self.days))
            case Comparison.PREVIOUS_YEAR:
                shifted = Period(_year_before(self.start), _year_before(self.end), self.zone)
        today = local_day(now, self.zone)
        if not self.contains(today):
            return shifted
        cut = shifted.start + (today - self.start)
        return Period(shifted.start, shifted.end, self.zone, _same_time_of_day(now, cut, self.zone))

    def _shifted(self, by: timedelta) -> Period:
        return Period(self.start + by, self.end + by, self.zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day an instant falls on in `zone`."""
    return instant.astimezone(zone).date()


def preset(name: Preset, zone: ZoneInfo, now: datetime) -> Period:
    """The days a named period means at `now`; those that say "last N days" and "this" end today."""
    today = local_day(now, zone)
    first_of_month = today.replace(day=1)
    match name:
        case Preset.TODAY:
            start, end = today, today
        case Preset.YESTERDAY:
            start = end = today - timedelta(days=1)
        case Preset.LAST_7_DAYS:
            start, end = today - timedelta(days=6), today
        case Preset.LAST_30_DAYS:
            start, end = today - timedelta(days=29), today
        case Preset.LAST_90_DAYS:
            start, end = today - timedelta(days=89), today
        case Preset.LAST_12_MONTHS:
            start, end = _year_before(today) + timedelta(days=1), today
        case Preset.THIS_MONTH:
            start, end = first_of_month, today
        case Preset.LAST_MONTH:
            end = first_of_month - timedelta(days=1)
            start = end.replace(day=1)
        case Preset.THIS_YEAR:
            start, end = today.replace(month=1, day=1), today
    return Period(start, end, zone)


def bucket(day: date, grain: Grain) -> date:
    """The first day of the week (a Monday) or month that `day` falls in; the day itself for days."""
    match grain:
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)


def _year_before(day: date) -> date:
    """The same date a year earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _same_time_of_day(now: datetime, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, now.astimezone(zone).time(), zone)
