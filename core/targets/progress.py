"""How far is a month on the way to its target? Pure.

Days differ: a shop sells more on Sundays, and in the last week before Christmas. So the share of a month that should
be done by now comes from two patterns, each over whole days, and their mean counts. One is the store's mean sales by
weekday in the 13 weeks before the month. The other is the same month of last year, 364 days before each day, so that
weekdays match. A store without enough history takes all days alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

WEEKS = 13
FEWEST_WEEKS = 4
"""Of history before the month, below which weekdays are not known well enough."""
YEAR = timedelta(days=364)
"""52 weeks: each day meets its own weekday."""


class Stage(StrEnum):
    """Where a month stands."""

    FUTURE = "future"
    BEGUN = "begun"
    """Its first day: no whole day to measure a pace by."""
    RUNNING = "running"
    OVER = "over"


class Basis(StrEnum):
    """A pattern that the pace is measured by."""

    EVEN = "even"
    WEEKDAYS = "weekdays"
    LAST_YEAR = "last-year"


@dataclass(frozen=True, slots=True)
class Progress:
    """A month beside its target.

    `actual` is all of it so far. The pace is of whole days only: `whole_days` came to `actual_whole`, where
    `expected` would be on target, and the month ends at `forecast` if it goes on so. All three are
    None without a whole day, or where the patterns expect nothing yet. `bases` are the patterns of the pace.
    """

    stage: Stage
    target: Decimal
    actual: Decimal
    days: int
    whole_days: int
    actual_whole: Decimal
    expected: Decimal | None
    forecast: Decimal | None
    bases: tuple[Basis, ...]

    @property
    def share(self) -> Decimal:
        """The part of the target that is reached, a fraction; a target is above zero."""
        return self.actual / self.target

    @property
    def ahead(self) -> Decimal | None:
        """How much the whole days are ahead of the target's pace; negative behind it."""
        return None if self.expected is None else self.actual_whole - self.expected

    @property
    def missing(self) -> Decimal:
        """What is left to reach the target; zero if it is reached."""
        return max(Decimal(0), self.target - self.actual)

    @property
    def needed_per_day(self) -> Decimal | None:
        """What each day from today on has to bring; None if the target is reached or the month is over."""
        days_left = self.days - self.whole_days
        return self.missing / days_left if days_left and self.missing else None


def progress(
    target: Decimal, month: date, today: date, sold: Mapping[date, Decimal], first_day: date | None
) -> Progress:
    """Compare a month with its target.

    `sold` has the amount of each day with any; it reaches back `history_start(month)`. `first_day` is the first day
    of the store with orders, None without one.
    """
    days = days_of(month)
    done = [day for day in days if day < today]
    actual_whole = _sum(sold, done)
    share, bases = _share_done(days, done, sold, first_day)
    return Progress(
        stage=_stage(days, today),
        target=target,
        actual=_sum(sold, [day for day in days if day <= today]),
        days=len(days),
        whole_days=len(done),
        actual_whole=actual_whole,
        expected=_times(target, share) if share else None,
        forecast=_times(actual_whole, 1 / share) if share else None,
        bases=bases,
    )


@dataclass(frozen=True, slots=True)
class PaceDay:
    """The sums from the first of the month to the end of a day; `actual` is None for a day that has not begun."""

    day: date
    expected: Decimal
    actual: Decimal | None


def pace_by_day(
    target: Decimal, month: date, today: date, sold: Mapping[date, Decimal], first_day: date | None
) -> tuple[PaceDay, ...]:
    """Return each day of the month with the target's pace and what was sold; see `progress` for the arguments."""
    days = days_of(month)
    paces = []
    for number, day in enumerate(days, start=1):
        share, _ = _share_done(days, days[:number], sold, first_day)
        actual = _sum(sold, days[:number]) if day <= today else None
        paces.append(PaceDay(day, _times(target, share or Fraction(0)), actual))
    return tuple(paces)


def days_of(month: date) -> list[date]:
    """The days of the month that begins with `month`."""
    return [day for day in (month + timedelta(days=n) for n in range(31)) if day.month == month.month]


def history_start(month: date) -> date:
    """The first day whose sales `progress` looks at."""
    return month - YEAR


def _stage(days: Sequence[date], today: date) -> Stage:
    if today < days[0]:
        return Stage.FUTURE
    if today == days[0]:
        return Stage.BEGUN
    return Stage.RUNNING if today <= days[-1] else Stage.OVER


def _share_done(
    days: Sequence[date], done: Sequence[date], sold: Mapping[date, Decimal], first_day: date | None
) -> tuple[Fraction | None, tuple[Basis, ...]]:
    """The share of the month's amount that belongs to its whole days: the mean of the patterns there are."""
    shares = {
        Basis.WEEKDAYS: _share(days, done, _weekday_weights(days[0], sold, first_day)),
        Basis.LAST_YEAR: _share(days, done, _last_year(days, sold, first_day)),
    }
    known = {basis: share for basis, share in shares.items() if share is not None}
    if not known:
        return (Fraction(len(done), len(days)) if done else None), (Basis.EVEN,)
    return sum(known.values(), Fraction(0)) / len(known), tuple(known)


def _share(days: Sequence[date], done: Sequence[date], weights: Mapping[date, Decimal] | None) -> Fraction | None:
    """None if nothing is known, or nothing was sold."""
    if weights is None:
        return None
    whole = sum((weights[day] for day in days), Decimal(0))
    return Fraction(sum((weights[day] for day in done), Decimal(0))) / Fraction(whole) if whole else None


def _weekday_weights(month: date, sold: Mapping[date, Decimal], first_day: date | None) -> dict[date, Decimal] | None:
    """The mean of each day's weekday before the month, over whole weeks that the store was open in."""
    weeks = min(WEEKS, (month - first_day).days // 7) if first_day else 0
    if weeks < FEWEST_WEEKS:
        return None
    past = [month - timedelta(days=n) for n in range(1, weeks * 7 + 1)]
    means = {
        weekday: max(Decimal(0), _sum(sold, [day for day in past if day.weekday() == weekday]) / weeks)
        for weekday in range(7)
    }
    return {day: means[day.weekday()] for day in days_of(month)}


def _last_year(
    days: Sequence[date], sold: Mapping[date, Decimal], first_day: date | None
) -> dict[date, Decimal] | None:
    """The amounts of last year's days. A day with more returned than sold weighs nothing."""
    if first_day is None or first_day > days[0] - YEAR:
        return None
    return {day: max(Decimal(0), sold.get(day - YEAR, Decimal(0))) for day in days}


def _times(amount: Decimal, share: Fraction) -> Decimal:
    """Multiply first and divide last: a third of a thousand is no 999.99."""
    return amount * share.numerator / share.denominator


def _sum(sold: Mapping[date, Decimal], days: Sequence[date]) -> Decimal:
    return sum((sold.get(day, Decimal(0)) for day in days), Decimal(0))
