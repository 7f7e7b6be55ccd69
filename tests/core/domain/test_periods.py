"""Days, periods and comparisons: month ends, leap years, days of 23 and 25 hours, unfinished days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.periods import Comparison, Grain, Period, Preset, bucket, local_day, preset
from core.errors import InvalidInput

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")
HAVANA = ZoneInfo("America/Havana")
BEIRUT = ZoneInfo("Asia/Beirut")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


NOON = utc(2026, 11, 21, 11, 0)
"""Saturday noon in Berlin."""


def days(start: str, end: str, zone: ZoneInfo = BERLIN) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end), zone)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        (Preset.TODAY, "2026-11-21", "2026-11-21"),
        (Preset.YESTERDAY, "2026-11-20", "2026-11-20"),
        (Preset.LAST_7_DAYS, "2026-11-15", "2026-11-21"),
        (Preset.LAST_30_DAYS, "2026-10-23", "2026-11-21"),
        (Preset.LAST_90_DAYS, "2026-08-24", "2026-11-21"),
        (Preset.LAST_12_MONTHS, "2025-11-22", "2026-11-21"),
        (Preset.THIS_MONTH, "2026-11-01", "2026-11-21"),
        (Preset.LAST_MONTH, "2026-10-01", "2026-10-31"),
        (Preset.THIS_YEAR, "2026-01-01", "2026-11-21"),
    ],
)
def test_each_preset_means_these_days(name: Preset, start: str, end: str) -> None:
    assert preset(name, BERLIN, NOON) == days(start, end)


def test_today_is_the_day_of_the_store_and_not_of_the_server() -> None:
    late = utc(2026, 11, 21, 23, 30)
    assert preset(Preset.TODAY, BERLIN, late).start == date(2026, 11, 22)
    assert preset(Preset.TODAY, NEW_YORK, late).start == date(2026, 11, 21)
    assert local_day(late, TOKYO) == date(2026, 11, 22)


def test_last_month_on_the_31st_of_march_is_all_of_february() -> None:
    assert preset(Preset.LAST_MONTH, BERLIN, utc(2026, 3, 31, 12)) == days("2026-02-01", "2026-02-28")
    assert preset(Preset.LAST_MONTH, BERLIN, utc(2028, 3, 31, 12)) == days("2028-02-01", "2028-02-29")


def test_last_month_in_january_is_december_of_the_year_before() -> None:
    assert preset(Preset.LAST_MONTH, BERLIN, utc(2026, 1, 1, 12)) == days("2025-12-01", "2025-12-31")


def test_the_first_of_a_month_is_a_month_of_one_day() -> None:
    assert preset(Preset.THIS_MONTH, BERLIN, utc(2026, 11, 1, 12)) == days("2026-11-01", "2026-11-01")


def test_twelve_months_that_end_on_a_leap_day_begin_on_the_first_of_march() -> None:
    assert preset(Preset.LAST_12_MONTHS, BERLIN, utc(2028, 2, 29, 12)) == days("2027-03-01", "2028-02-29")


def test_a_period_contains_its_first_and_its_last_day_and_no_other() -> None:
    period = days("2026-11-01", "2026-11-30")
    assert period.days == 30
    assert period.contains(date(2026, 11, 1))
    assert period.contains(date(2026, 11, 30))
    assert not period.contains(date(2026, 12, 1))
    assert not period.contains(date(2026, 10, 31))


def test_a_day_ends_where_the_next_one_begins() -> None:
    assert days("2026-11-20", "2026-11-20").instants[1] == days("2026-11-21", "2026-11-21").instants[0]
    assert days("2026-11-21", "2026-11-21").instants == (utc(2026, 11, 20, 23), utc(2026, 11, 21, 23))


def test_the_day_on_which_clocks_go_forward_has_23_hours() -> None:
    start, end = days("2026-03-29", "2026-03-29").instants
    assert end - start == timedelta(hours=23)
    assert len(days("2026-03-29", "2026-03-29").points(Grain.HOUR)) == 23


def test_the_day_on_which_clocks_go_back_has_25_hours() -> None:
    start, end = days("2026-10-25", "2026-10-25").instants
    assert end - start == timedelta(hours=25)
    assert len(days("2026-10-25", "2026-10-25").points(Grain.HOUR)) == 25


def test_a_day_whose_midnight_is_skipped_begins_with_its_first_instant() -> None:
    """In Beirut clocks go from 00:00 to 01:00: the day has no midnight."""
    start, end = days("2026-03-29", "2026-03-29", BEIRUT).instants
    assert start == utc(2026, 3, 28, 22)
    assert local_day(start, BEIRUT) == date(2026, 3, 29)
    assert local_day(start - timedelta(microseconds=1), BEIRUT) == date(2026, 3, 28)
    assert end - start == timedelta(hours=23)


def test_a_day_whose_midnight_comes_twice_begins_with_the_first() -> None:
    """In Havana clocks go from 01:00 back to 00:00."""
    start, end = days("2026-11-01", "2026-11-01", HAVANA).instants
    assert start == utc(2026, 11, 1, 4)
    assert end - start == timedelta(hours=25)


def test_a_period_that_ends_before_it_starts_is_refused_with_the_cure() -> None:
    with pytest.raises(InvalidInput, match="swap the two dates"):
        days("2026-11-02", "2026-11-01")


def test_ten_years_are_the_most() -> None:
    assert days("2016-11-22", "2026-11-21").days == 3652
    with pytest.raises(InvalidInput, match="ten years"):
        days("2016-01-01", "2026-11-21")


@pytest.mark.parametrize(("start", "end"), [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")])
def test_days_at_the_ends_of_the_calendar_are_refused_before_they_overflow(start: str, end: str) -> None:
    with pytest.raises(InvalidInput, match="between 1970 and 2999"):
        days(start, end)


@pytest.mark.parametrize(
    ("start", "end", "grain", "points"),
    [
        ("2026-11-21", "2026-11-21", Grain.HOUR, 24),
        ("2026-11-20", "2026-11-21", Grain.DAY, 2),
        ("2026-08-22", "2026-11-21", Grain.DAY, 92),
        ("2026-08-21", "2026-11-21", Grain.WEEK, 14),
        ("2025-11-22", "2026-11-21", Grain.WEEK, 53),
        ("2024-11-21", "2026-11-21", Grain.WEEK, 105),
        ("2024-11-20", "2026-11-21", Grain.MONTH, 25),
    ],
)
def test_a_chart_has_a_readable_number_of_points(start: str, end: str, grain: Grain, points: int) -> None:
    period = days(start, end)
    assert period.grain is grain
    assert len(period.points(grain)) == points


def test_points_of_days_are_the_stores_midnights_over_a_change_of_clocks() -> None:
    points = days("2026-10-24", "2026-10-26").points(Grain.DAY)
    assert points == (utc(2026, 10, 23, 22), utc(2026, 10, 24, 22), utc(2026, 10, 25, 23))


def test_the_first_point_is_the_periods_start_even_in_the_middle_of_a_week_or_month() -> None:
    wednesday = days("2026-11-04", "2026-11-17")
    assert [local_day(point, BERLIN).isoformat() for point in wednesday.points(Grain.WEEK)] == [
        "2026-11-04",
        "2026-11-09",
        "2026-11-16",
    ]
    assert [
        local_day(point, BERLIN).isoformat() for point in days("2026-10-15", "2026-12-02").points(Grain.MONTH)
    ] == [
        "2026-10-15",
        "2026-11-01",
        "2026-12-01",
    ]


def test_a_bucket_begins_on_monday_or_on_the_first() -> None:
    sunday = date(2026, 11, 22)
    assert bucket(sunday, Grain.WEEK) == date(2026, 11, 16)
    assert bucket(sunday, Grain.MONTH) == date(2026, 11, 1)
    assert bucket(sunday, Grain.DAY) == bucket(sunday, Grain.HOUR) == sunday


def test_the_previous_period_has_as_many_days_and_ends_the_day_before() -> None:
    finished = days("2026-10-01", "2026-10-31")
    assert finished.compared(Comparison.PREVIOUS_PERIOD, NOON) == days("2026-08-31", "2026-09-30")


def test_the_previous_year_has_the_same_dates() -> None:
    finished = days("2026-10-01", "2026-10-31")
    assert finished.compared(Comparison.PREVIOUS_YEAR, NOON) == days("2025-10-01", "2025-10-31")


def test_nothing_is_compared_when_nothing_is_asked_for() -> None:
    assert days("2026-10-01", "2026-10-31").compared(Comparison.NONE, NOON) is None


def test_an_unfinished_day_is_compared_with_yesterday_until_the_same_time() -> None:
    compared = days("2026-11-21", "2026-11-21").compared(Comparison.PREVIOUS_PERIOD, NOON)
    assert compared == Period(date(2026, 11, 20), date(2026, 11, 20), BERLIN, until=utc(2026, 11, 20, 11))


def test_an_unfinished_month_is_compared_until_the_same_day_and_time() -> None:
    compared = days("2026-11-01", "2026-11-30").compared(Comparison.PREVIOUS_PERIOD, NOON)
    assert compared == Period(date(2026, 10, 2), date(2026, 10, 31), BERLIN, until=utc(2026, 10, 22, 10))


def test_the_same_time_of_day_is_by_the_clock_over_a_change_of_clocks() -> None:
    """Noon of 25 October was an hour later in UTC than noon of 24 October."""
    sunday_noon = utc(2026, 10, 25, 11)
    compared = days("2026-10-25", "2026-10-25").compared(Comparison.PREVIOUS_PERIOD, sunday_noon)
    assert compared is not None
    assert compared.until == utc(2026, 10, 24, 10)


def test_an_unfinished_year_is_cut_at_the_same_date_whatever_leap_day_lies_between() -> None:
    june = utc(2028, 6, 15, 10)
    compared = days("2028-01-01", "2028-12-31").compared(Comparison.PREVIOUS_YEAR, june)
    assert compared == Period(date(2027, 1, 1), date(2027, 12, 31), BERLIN, until=utc(2027, 6, 15, 10))


def test_the_previous_month_has_the_same_dates() -> None:
    month = days("2026-10-05", "2026-10-12")
    assert month.compared(Comparison.PREVIOUS_MONTH, NOON) == days("2026-09-05", "2026-09-12")
    january = days("2026-01-10", "2026-01-20")
    assert january.compared(Comparison.PREVIOUS_MONTH, NOON) == days("2025-12-10", "2025-12-20")


def test_the_31st_of_march_is_compared_with_the_last_of_february() -> None:
    march = days("2026-03-31", "2026-03-31")
    assert march.compared(Comparison.PREVIOUS_MONTH, NOON) == days("2026-02-28", "2026-02-28")
    leap_year = days("2024-03-01", "2024-03-31")
    assert leap_year.compared(Comparison.PREVIOUS_MONTH, NOON) == days("2024-02-01", "2024-02-29")


def test_an_unfinished_month_is_compared_up_to_the_same_time_of_the_month_before() -> None:
    compared = days("2026-11-01", "2026-11-30").compared(Comparison.PREVIOUS_MONTH, NOON)
    assert compared is not None
    assert (compared.start, compared.end) == (date(2026, 10, 1), date(2026, 10, 30))
    assert compared.until is not None
    assert compared.until.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M") == "2026-10-21 12:00"


def test_a_leap_day_is_compared_with_28_february() -> None:
    assert days("2028-02-29", "2028-02-29").compared(Comparison.PREVIOUS_YEAR, NOON) == days(
        "2027-02-28", "2027-02-28"
    )


def test_a_finished_period_is_compared_whole() -> None:
    compared = days("2026-11-20", "2026-11-20").compared(Comparison.PREVIOUS_PERIOD, NOON)
    assert compared is not None
    assert compared.until is None


def test_the_points_of_a_comparison_stand_under_those_of_the_period() -> None:
    """Weeks of both begin at the same distance from the start, so that each pair has the same number of days."""
    period = days("2026-08-04", "2026-11-21")
    compared = period.compared(Comparison.PREVIOUS_PERIOD, NOON)
    assert compared is not None
    own, beside = period.points(Grain.WEEK), compared.points_beside(period, Grain.WEEK)
    assert len(own) == len(beside)
    for day, other in zip(own, beside, strict=True):
        assert local_day(day, BERLIN) - period.start == local_day(other, BERLIN) - compared.start


def test_where_the_comparison_is_a_day_shorter_the_last_point_has_nothing_beside_it() -> None:
    february = days("2028-02-01", "2028-02-29")
    compared = february.compared(Comparison.PREVIOUS_YEAR, NOON)
    assert compared is not None
    assert len(compared.points_beside(february, Grain.DAY)) == 28


def test_hours_are_compared_with_the_other_days_own_hours() -> None:
    sunday = days("2026-10-25", "2026-10-25")
    compared = sunday.compared(Comparison.PREVIOUS_PERIOD, NOON)
    assert compared is not None
    assert len(compared.points_beside(sunday, Grain.HOUR)) == 24


def test_the_hours_of_the_day_on_which_clocks_go_forward_have_a_partner_each() -> None:
    spring = Period(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    before = spring.compared(Comparison.PREVIOUS_PERIOD, datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert before is not None
    assert (len(spring.points(Grain.HOUR)), len(before.points(Grain.HOUR))) == (23, 24)
    assert len(before.points_beside(spring, Grain.HOUR)) == 23
    assert len(spring.points_beside(before, Grain.HOUR)) == 23


@pytest.mark.parametrize(
    ("start", "end", "grains"),
    [
        ("2026-11-21", "2026-11-21", (Grain.HOUR,)),
        ("2026-11-15", "2026-11-21", (Grain.DAY,)),
        ("2026-10-23", "2026-11-21", (Grain.DAY, Grain.WEEK)),
        ("2026-08-24", "2026-11-21", (Grain.DAY, Grain.WEEK, Grain.MONTH)),
        ("2025-11-22", "2026-11-21", (Grain.DAY, Grain.WEEK, Grain.MONTH)),
        ("2024-11-22", "2026-11-21", (Grain.WEEK, Grain.MONTH)),
        ("2017-01-01", "2026-11-21", (Grain.MONTH,)),
        ("2026-11-20", "2026-11-21", (Grain.DAY,)),
    ],
)
def test_a_reader_chooses_among_grains_that_fit_the_period(start: str, end: str, grains: tuple[Grain, ...]) -> None:
    assert days(start, end).grains == grains


def test_the_own_grain_of_a_period_is_always_one_of_its_grains() -> None:
    last = date(2026, 11, 21)
    for length in range(1, 3661, 7):
        period = Period(last - timedelta(days=length - 1), last, BERLIN)
        assert period.grain in period.grains
        assert all(len(period.points(grain)) <= 400 for grain in period.grains)


@pytest.mark.parametrize("name", ["hour", "month", "", "'; --"])
def test_a_grain_that_does_not_fit_is_the_periods_own(name: str) -> None:
    assert days("2026-10-23", "2026-11-21").grain_named(name) is Grain.DAY
    assert days("2026-10-23", "2026-11-21").grain_named("week") is Grain.WEEK


def test_weeks_and_months_are_whole_from_their_first_day_to_their_last() -> None:
    assert days("2026-11-16", "2026-11-22").is_whole(Grain.WEEK)
    assert not days("2026-11-17", "2026-11-22").is_whole(Grain.WEEK)
    assert not days("2026-11-01", "2026-11-29").is_whole(Grain.MONTH)
    assert days("2026-11-01", "2026-11-29").is_begun(Grain.MONTH)
    assert days("2026-11-18", "2026-11-19").is_whole(Grain.DAY)
