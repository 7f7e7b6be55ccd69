"""Days, periods and comparisons as values, in a store's own time zone. `now` is an argument; no database here.

A day is the half-open range from local midnight to the next local midnight, so it has 23 or 25 hours when clocks
change. A period is whole days, both ends included. A period that contains today is unfinished, and what it is
compared with is cut at the same time of day, so that a morning is not compared with a whole day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.errors import InvalidInput

MAX_DAYS = 3660
FEWEST_POINTS, MOST_POINTS = 3, 400
"""Of a time series that a reader chooses the grain of; see `Period.grains`."""
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
"""Beyond these, no store has sold anything, and arithmetic with days runs out of calendar."""


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
    PREVIOUS_MONTH = "month"
    PREVIOUS_YEAR = "year"
    NONE = "none"


class Grain(StrEnum):
    """The width of one point of a time series."""

    HOUR = "hour"
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
        if self.start < EARLIEST or self.end > LATEST:
            raise InvalidInput(f"The period is not between {EARLIEST.year} and {LATEST.year}; choose other days.")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    @property
    def grain(self) -> Grain:
        """The width of a point that keeps a chart of this period readable: some 20 to 100 points."""
        if self.days == 1:
            return Grain.HOUR
        if self.days <= 92:
            return Grain.DAY
        return Grain.WEEK if self.days <= 731 else Grain.MONTH

    @property
    def grains(self) -> tuple[Grain, ...]:
        """The widths of a point that a reader may choose from, the narrowest first; `grain` is one of them.

        Two points make no trend, and on a phone a point of more than 400 has less than a pixel. A day has hours.
        """
        if self.days == 1:
            return (Grain.HOUR,)
        fits = [grain for grain, number in self._points_by_grain().items() if FEWEST_POINTS <= number <= MOST_POINTS]
        return tuple(fits) if self.grain in fits else (self.grain,)

    def grain_named(self, name: str) -> Grain:
        """The grain of this name, as an address has it; the period's own if there is none, or if it does not fit."""
        return next((grain for grain in self.grains if grain == name), self.grain)

    @property
    def last_whole_day(self) -> date:
        """The last day before the day that `until` cuts; the day before `start` if the first day is cut."""
        if self.until is None:
            return self.end
        return min(self.end, local_day(self.until, self.zone) - timedelta(days=1))

    @property
    def whole(self) -> Period:
        """The same days without the cut."""
        return replace(self, until=None)

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The half-open range of instants it covers, before `until` is applied; in UTC, so that they subtract."""
        return _midnight(self.start, self.zone), _midnight(self.end + timedelta(days=1), self.zone)

    def is_begun(self, grain: Grain) -> bool:
        """Whether it begins with a week or month; always for days and hours."""
        return bucket(self.start, grain) == self.start

    def is_whole(self, grain: Grain) -> bool:
        """Whether it is made of whole weeks or months; always for days and hours."""
        following = self.end + timedelta(days=1)
        return self.is_begun(grain) and bucket(following, grain) == following

    def contains(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.start <= day <= self.end

    def points(self, grain: Grain) -> tuple[datetime, ...]:
        """The instants (UTC) at which the points of a time series begin.

        The first is the period's start, even in the middle of a week or month: no point counts days outside.
        """
        if grain is Grain.HOUR:
            start, end = self.instants
            return tuple(start + timedelta(hours=n) for n in range(math.ceil((end - start) / timedelta(hours=1))))
        days = [self.start + timedelta(days=n) for n in range(self.days)]
        return tuple(_midnight(day, self.zone) for day in days if day == self.start or bucket(day, grain) == day)

    def points_beside(self, other: Period, grain: Grain) -> tuple[datetime, ...]:
        """As `points`, cut at the same distances from the start as those of `other`, to be drawn over them.

        Weeks and months of two periods rarely begin together; the n-th point of each has the same number of days.
        Where this period is shorter (no 29 February), there are fewer points.
        """
        if grain is Grain.HOUR:
            # A day of 23 hours beside one of 24: the last hour of the longer one counts to the end of the day.
            return self.points(grain)[: len(other.points(grain))]
        offsets = [local_day(point, other.zone) - other.start for point in other.points(grain)]
        days = [self.start + offset for offset in offsets]
        return tuple(_midnight(day, self.zone) for day in days if day <= self.end)

    def compared(self, comparison: Comparison, now: datetime) -> Period | None:
        """The period to hold beside this one, cut at the same elapsed time if this one is unfinished; or None.

        The previous period has the same number of days and ends the day before. The previous month and year have the
        same dates; a date that they lack becomes their month's last day.
        """
        today = local_day(now, self.zone)
        match comparison:
            case Comparison.NONE:
                return None
            case Comparison.PREVIOUS_PERIOD:
                start, end, cut = (day - timedelta(days=self.days) for day in (self.start, self.end, today))
            case Comparison.PREVIOUS_MONTH:
                start, end, cut = (_month_before(day) for day in (self.start, self.end, today))
            case Comparison.PREVIOUS_YEAR:
                start, end, cut = (_year_before(day) for day in (self.start, self.end, today))
        return Period(start, end, self.zone, self._until(cut, now))

    def week_before(self, now: datetime) -> Period:
        """The same weekdays one week earlier, cut at the same time of day if this period is unfinished."""
        week = timedelta(weeks=1)
        until = self._until(local_day(now, self.zone) - week, now)
        return Period(self.start - week, self.end - week, self.zone, until)

    def _points_by_grain(self) -> dict[Grain, int]:
        """How many days, weeks and months it touches."""
        weeks = (bucket(self.end, Grain.WEEK) - bucket(self.start, Grain.WEEK)).days // 7 + 1
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        return {Grain.DAY: self.days, Grain.WEEK: weeks, Grain.MONTH: months}

    def _until(self, cut: date, now: datetime) -> datetime | None:
        return _same_time_of_day(now, cut, self.zone) if self.contains(local_day(now, self.zone)) else None


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day an instant falls on in `zone`."""
    return instant.astimezone(zone).date()


def last_time_of_day(at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """The latest instant, at most `now`, at which a clock of the zone showed this time."""
    today = datetime.combine(local_day(now, zone), at, zone)
    return today if today <= now else today - timedelta(days=1)


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
    """The first day of the week (a Monday) or month that `day` falls in; the day itself for days and hours."""
    match grain:
        case Grain.HOUR | Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)


def _month_before(day: date) -> date:
    """The same date a month earlier; 31 March becomes the last of February."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def _year_before(day: date) -> date:
    """The same date a year earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Where clocks skip midnight, the first instant of the day; where they show it twice, the first of both."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _same_time_of_day(now: datetime, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, now.astimezone(zone).time(), zone).astimezone(UTC)
