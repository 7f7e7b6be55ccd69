"""The running day beside other days: drawn up to now, and the others to their end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.metrics.sales.pace import Pace, Running
from dashboard.drawing import pace_chart, sentences
from dashboard.drawing.pace_chart import COMPARED, TODAY
from dashboard.drawing.plot import Look

BERLIN = ZoneInfo("Europe/Berlin")
NAMES = {TODAY: "Today", COMPARED: "Yesterday"}


def running(amount: int) -> Running:
    return Running(Decimal(amount), Decimal(amount) * 2, amount)


def pace(day: int, so_far: int, per_hour: int = 10) -> Pace:
    """A day that sells `per_hour` in each hour."""
    return Pace(date(2026, 11, day), tuple(running(per_hour * (n + 1)) for n in range(24)), running(so_far))


def at(hour: int, minute: int = 0, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=zone).astimezone(UTC)


def records(now: datetime, zone: ZoneInfo = BERLIN) -> list[dict[str, object]]:
    paces = {TODAY: pace(21, 9), COMPARED: pace(20, 7)}
    return pace_chart.pace_records(paces, "net_sales", now, zone)


def test_at_51_minutes_past_midnight_today_is_a_line_from_midnight_to_now_and_yesterday_is_whole() -> None:
    drawn = records(at(0, 51))
    assert [(row["time"], row[TODAY], row[COMPARED]) for row in drawn[:3]] == [
        ("00:00", 0, 0),
        ("00:51 (now)", 9, 7),
        ("01:00", None, 10),
    ]
    assert (drawn[-1]["time"], drawn[-1][COMPARED]) == ("24:00", 240)
    assert len(drawn) == 26


def test_at_23_oclock_the_hour_and_now_are_one_row() -> None:
    drawn = records(at(23))
    assert [row["time"] for row in drawn[-3:]] == ["22:00", "23:00 (now)", "24:00"]
    assert [row[TODAY] for row in drawn[-3:]] == [220, 9, None]
    assert len(drawn) == 25


def test_the_time_is_that_of_the_stores_clock() -> None:
    now = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    (row,) = [row for row in records(now, ZoneInfo("Asia/Tokyo")) if "now" in str(row["time"])]
    assert row["time"] == "05:30 (now)"
    assert row["at"] == datetime(2026, 11, 21, 5, 30)


def test_where_clocks_skip_an_hour_the_day_still_has_its_24_places() -> None:
    drawn = pace_chart.pace_records({TODAY: pace(21, 9)}, "orders", datetime(2026, 3, 29, 1, 10, tzinfo=UTC), BERLIN)
    assert [row["time"] for row in drawn[2:5]] == ["02:00", "03:00", "03:10 (now)"]


def test_the_chart_spans_the_whole_day_and_names_the_amount_of_now() -> None:
    plot = pace_chart.pace(records(at(0, 51)), NAMES, "EUR")
    assert (plot.places[0], plot.places[-1]) == (0, 1)
    assert (plot.ticks[0].text, plot.ticks[-1].text) == ("00:00", "24:00")
    assert [(line.name, line.look) for line in plot.series] == [("Today", Look.THIS), ("Yesterday", Look.COMPARED)]
    assert plot.ending is not None
    assert (plot.ending.text, round(plot.ending.at * 24 * 60)) == ("€9.00", 51)
    late = pace_chart.pace(records(at(23)), NAMES, None).ending
    assert late is not None
    assert late.text == "9"


@pytest.mark.parametrize(
    ("today", "metric", "expected"),
    [
        (700, "net_sales", "€540.00 ahead of yesterday at this time."),
        (100, "net_sales", "€60.00 behind yesterday at this time."),
        (160, "net_sales", "Level with yesterday at this time."),
        (161, "orders", "1 order ahead of yesterday at this time."),
        (100, "total_sales", "€120.00 behind yesterday at this time."),
    ],
)
def test_the_sentence_compares_both_days_at_this_time(today: int, metric: str, expected: str) -> None:
    assert sentences.pace(pace(21, today), pace(20, 160), metric, "yesterday", "EUR") == expected
