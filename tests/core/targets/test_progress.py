"""How far a month is on the way to its target, worked out by hand: every edge of a month, and of a young store."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.targets import Basis, Progress, Stage, pace_by_day, progress
from core.targets.progress import days_of, history_start

NOVEMBER = date(2026, 11, 1)
"""A month of 30 days that begins on a Sunday."""
TARGET = Decimal(3000)


def each_day(first: date, last: date, amount: int, on_sundays: int | None = None) -> dict[date, Decimal]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: Decimal(amount if on_sundays is None or day.weekday() != 6 else on_sundays) for day in days}


def at(day: date, sold: dict[date, Decimal], first_day: date | None = None) -> Progress:
    return progress(TARGET, NOVEMBER, day, sold, first_day)


def test_without_history_every_day_counts_the_same() -> None:
    sold = each_day(NOVEMBER, date(2026, 11, 11), 110)
    eleventh = at(date(2026, 11, 11), sold, NOVEMBER)
    assert eleventh == Progress(
        stage=Stage.RUNNING,
        target=TARGET,
        actual=Decimal(1210),
        days=30,
        whole_days=10,
        actual_whole=Decimal(1100),
        expected=Decimal(1000),
        forecast=Decimal(3300),
        bases=(Basis.EVEN,),
    )
    assert (eleventh.ahead, eleventh.missing, eleventh.needed_per_day) == (100, 1790, Decimal("89.5"))


def test_busy_weekdays_weigh_more() -> None:
    """Sundays sell 400, other days 100. November has five Sundays: 4,500; its first week is 1,000 of it."""
    sold = each_day(date(2026, 7, 1), date(2026, 11, 8), 100, on_sundays=400)
    eighth = at(date(2026, 11, 8), sold, date(2026, 7, 1))
    assert eighth.bases == (Basis.WEEKDAYS,)
    assert eighth.expected is not None
    assert eighth.forecast is not None
    assert round(eighth.expected, 4) == round(TARGET * 1000 / 4500, 4)
    assert round(eighth.forecast, 4) == 4500


def test_last_year_counts_beside_the_weekdays() -> None:
    """Last year's days sold 0 in the first half of the month: by them nothing is expected yet; the mean is half."""
    history = date(2025, 10, 1)
    sold = each_day(history, date(2026, 11, 15), 100)
    sold |= {day - timedelta(days=364): Decimal(0) for day in days_of(NOVEMBER)[:15]}
    sixteenth = at(date(2026, 11, 16), sold, history)
    assert sixteenth.bases == (Basis.WEEKDAYS, Basis.LAST_YEAR)
    assert sixteenth.expected is not None
    assert round(sixteenth.expected, 4) == TARGET / 4


def test_on_the_first_day_there_is_no_pace() -> None:
    first = at(NOVEMBER, {NOVEMBER: Decimal(70)}, NOVEMBER)
    assert (first.stage, first.actual, first.expected, first.forecast, first.ahead) == (
        Stage.BEGUN, 70, None, None, None,
    )  # fmt: skip
    assert first.needed_per_day == Decimal(2930) / 30


def test_a_month_that_is_over_has_its_result_and_one_ahead_has_nothing() -> None:
    over = at(date(2026, 12, 1), each_day(NOVEMBER, date(2026, 12, 5), 110), NOVEMBER)
    assert (over.stage, over.actual, over.expected, over.forecast) == (Stage.OVER, 3300, TARGET, 3300)
    assert (over.missing, over.needed_per_day, over.share) == (0, None, Decimal("1.1"))
    future = at(date(2026, 10, 31), each_day(date(2026, 10, 1), date(2026, 10, 31), 110), date(2026, 10, 1))
    assert (future.stage, future.actual, future.expected) == (Stage.FUTURE, 0, None)


def test_a_store_without_an_order_has_no_forecast_but_zero() -> None:
    tenth = at(date(2026, 11, 10), {}, None)
    assert (tenth.actual, tenth.expected, tenth.forecast, tenth.bases) == (0, 900, 0, (Basis.EVEN,))


def test_a_weekday_with_more_returned_than_sold_takes_nothing_from_the_pace() -> None:
    sold = each_day(date(2026, 7, 1), date(2026, 11, 1), 100, on_sundays=-500)
    second = at(date(2026, 11, 2), sold, date(2026, 7, 1))
    assert second.expected is None, "only a Sunday is over, and Sundays sell nothing"
    assert second.needed_per_day is not None


def test_the_leap_day_and_each_month_have_their_days() -> None:
    assert [len(days_of(date(2028, month, 1))) for month in (1, 2, 4, 12)] == [31, 29, 30, 31]
    assert history_start(date(2028, 2, 1)).weekday() == date(2028, 2, 1).weekday()


@pytest.mark.parametrize("day", range(2, 31))
def test_a_store_on_pace_is_level_on_every_day(day: int) -> None:
    """It sells by its weekdays exactly what the target asks for."""
    today = NOVEMBER.replace(day=day)
    sold = each_day(date(2025, 9, 1), today - timedelta(days=1), 100)
    level = at(today, sold, date(2025, 9, 1))
    assert level.ahead is not None
    assert level.forecast is not None
    assert abs(level.ahead) < Decimal("0.001")
    assert abs(level.forecast - TARGET) < Decimal("0.001")


def test_the_pace_of_each_day_ends_at_the_target() -> None:
    """Days sell 100 and Sundays 400, so a month with five Sundays has 4,500 of which each day has its part."""
    sold = each_day(date(2026, 7, 1), date(2026, 11, 8), 100, on_sundays=400)
    days = pace_by_day(TARGET, NOVEMBER, date(2026, 11, 8), sold, date(2026, 7, 1))
    assert [each.day for each in days] == days_of(NOVEMBER)
    assert round(days[0].expected, 4) == round(TARGET * 400 / 4500, 4)
    assert round(days[6].expected, 4) == round(TARGET * 1000 / 4500, 4)
    assert days[-1].expected == TARGET
    assert [each.actual for each in days[:9]] == [400, 500, 600, 700, 800, 900, 1000, 1400, None]


def test_without_history_the_pace_of_each_day_is_even() -> None:
    days = pace_by_day(TARGET, NOVEMBER, date(2026, 10, 31), {}, None)
    assert [each.expected for each in days] == [100 * number for number in range(1, 31)]
    assert {each.actual for each in days} == {None}
