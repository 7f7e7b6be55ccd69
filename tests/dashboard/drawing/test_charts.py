"""Frames and figures: what is drawn is what was computed, and nothing that has not happened yet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.periods import Comparison, Grain, Period
from core.metrics.customers.listing import Buyer
from core.metrics.orders.rows import OrderRow
from core.metrics.sales.overview import Headline, Point, Report
from dashboard.drawing import charts, frames, records
from dashboard.drawing.countries import country_name
from dashboard.drawing.plot import Look, Shape
from dashboard.drawing.records import Record

BERLIN = ZoneInfo("Europe/Berlin")
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
DAYS = Period(date(2026, 11, 19), date(2026, 11, 21), BERLIN)


def points(period: Period, *totals: str) -> tuple[Point, ...]:
    starts = period.points(period.grain)
    figures = [Headline(total_sales=Decimal(total), orders=n) for n, total in enumerate(totals)]
    return tuple(Point(start, figure) for start, figure in zip(starts, figures, strict=True))


def report(period: Period, *totals: str) -> Report:
    return Report(Headline(), points(period, *totals))


def column(rows: list[Record], name: str) -> list[Any]:
    return [row[name] for row in rows]


def over_time(period: Period = DAYS, now: datetime = NOON) -> list[Record]:
    compared = period.compared(Comparison.PREVIOUS_PERIOD, now)
    assert compared is not None
    return frames.over_time(
        "total_sales",
        report(period, "10.50", "0", "-3"),
        report(compared, "1", "2", "3"),
        period,
        compared,
        now,
        Grain.DAY,
    )


def test_a_line_has_the_value_of_each_day_and_says_it_in_money() -> None:
    line = charts.over_time(over_time(now=LATER), Grain.DAY, "EUR", "now", "before").series[0]
    assert line.name == "now"
    assert line.values == (Decimal("10.50"), 0, -3)
    assert list(zip(line.names, line.texts, strict=True)) == [
        ("Thu 19 Nov 2026", "€10.50"),
        ("Fri 20 Nov 2026", "€0.00"),
        ("Sat 21 Nov 2026", "−€3.00"),
    ]


def test_the_comparison_is_muted_and_behind_and_names_its_own_days() -> None:
    now, before = charts.over_time(over_time(now=LATER), Grain.DAY, "EUR", "now", "before").series
    assert (before.name, before.look, now.look) == ("before", Look.COMPARED, Look.THIS)
    assert before.names[0] == "Mon 16 Nov 2026"


def test_an_unfinished_day_is_dotted_and_says_so_far() -> None:
    line = charts.over_time(over_time(), Grain.DAY, "EUR", "now", "before").series[0]
    assert (line.open, line.open_name) == ((False, False, True), "So far")
    assert line.names[-1] == "Sat 21 Nov 2026 so far"


def test_the_comparison_of_an_unfinished_day_is_drawn_to_its_end() -> None:
    compared = DAYS.compared(Comparison.PREVIOUS_PERIOD, NOON)
    assert compared is not None
    assert compared.until is not None
    whole = report(compared, "1", "2", "3")
    frame = frames.over_time("total_sales", report(DAYS, "1", "2", "3"), whole, DAYS, compared.whole, NOON, Grain.DAY)
    assert column(frame, "compared") == [1, 2, 3]


def test_without_a_comparison_there_is_one_line() -> None:
    frame = frames.over_time("orders", report(DAYS, "1", "2", "3"), None, DAYS, None, LATER, Grain.DAY)
    (line,) = charts.over_time(frame, Grain.DAY, None, "now", "").series
    assert (line.name, line.texts) == ("now", ("0", "1", "2"))


def test_hours_that_have_not_come_yet_are_left_open_and_not_drawn_as_zero() -> None:
    today = Period(date(2026, 11, 21), date(2026, 11, 21), BERLIN)
    yesterday = today.compared(Comparison.PREVIOUS_PERIOD, NOON)
    assert yesterday is not None
    hours = report(today, *["1"] * 24)
    frame = frames.over_time("total_sales", hours, report(yesterday, *["1"] * 24), today, yesterday, NOON, Grain.HOUR)
    values, compared = column(frame, "value"), column(frame, "compared")
    assert 24 - values.count(None) == 13, "midnight to noon, the hour that has just begun included"
    assert 24 - compared.count(None) == 12, "yesterday is cut at noon"
    assert frame[0]["compared_name"] == "20 Nov 2026, 00:00"


def test_where_the_comparison_is_shorter_nothing_stands_beside_the_last_day() -> None:
    whole = report(DAYS, "1", "2", "3")
    shorter = Report(Headline(), whole.points[:2])
    frame = frames.over_time("total_sales", whole, shorter, DAYS, DAYS, NOON, Grain.DAY)
    assert column(frame, "compared") == [1, 2, None]


def test_few_points_are_dots_too_and_many_are_a_line() -> None:
    few = charts.over_time(over_time(), Grain.DAY, "EUR", "a", "b").payload("Sales")["series"]
    assert [line["has_dots"] for line in few] == [True, True]
    month = Period(date(2026, 10, 1), date(2026, 10, 31), BERLIN)
    frame = frames.over_time("total_sales", report(month, *["1"] * 31), None, month, None, NOON, Grain.DAY)
    (line,) = charts.over_time(frame, Grain.DAY, "EUR", "a", "").payload("Sales")["series"]
    assert not line["has_dots"]


def test_the_axis_names_the_currency_and_has_zero_and_all_values() -> None:
    plot = charts.over_time(over_time(), Grain.DAY, "JPY", "a", "b")
    assert [(level.value, level.text) for level in plot.levels] == [(0, "¥0"), (5, "¥5"), (10, "¥10")]
    assert plot.bounds[0] < -3
    assert plot.bounds[1] > 10.5


def test_the_payload_of_a_chart_has_a_place_a_value_and_a_text_for_each_point() -> None:
    payload = charts.over_time(over_time(), Grain.DAY, "EUR", "a", "b").payload("Total sales by day")
    assert (payload["alt"], payload["kind"], payload["places"]) == ("Total sales by day", "lines", [0, 0.5, 1])
    for line in payload["series"]:
        assert len(line["values"]) == len(line["names"]) == len(line["texts"]) == len(line["open"]) == 3


KINDS = {"new_customers": ("New", Look.SECOND), "repeat_customers": ("Repeat", Look.THIS)}


def new_and_repeat(now: datetime) -> list[Record]:
    counted = [
        Point(start, Headline(new_customers=n, repeat_customers=2 * n, customers=3 * n))
        for n, start in enumerate(DAYS.points(Grain.DAY))
    ]
    metrics = ("new_customers", "repeat_customers", "customers")
    return frames.parts_over_time(counted, metrics, DAYS, now, Grain.DAY)


def test_new_and_repeat_customers_are_stacked_to_all() -> None:
    plot = charts.stacked(new_and_repeat(LATER), KINDS, Grain.DAY, None)
    assert plot.shape is Shape.COLUMNS
    assert {kind.name: kind.values for kind in plot.series} == {"New": (0, 1, 2), "Repeat": (0, 2, 4)}
    assert plot.bounds[1] > 6, "both together fit"


def test_parts_below_zero_have_room_below_the_axis() -> None:
    rows = [
        {"start": NOON, "name": "a", "is_running": False, "is_part": False, "new": Decimal(30), "old": Decimal(-50)},
        {"start": NOON, "name": "b", "is_running": False, "is_part": False, "new": Decimal(-10), "old": Decimal(-20)},
    ]
    kinds = {"new": ("New", Look.SECOND), "old": ("Returning", Look.THIS)}
    plot = charts.stacked(rows, kinds, Grain.DAY, "EUR")
    assert plot.bounds[0] < -50
    assert 30 < plot.bounds[1] < 50
    assert plot.series[1].texts == ("−€50.00", "−€20.00")


def test_the_bar_of_an_unfinished_day_is_hatched_and_says_so_far() -> None:
    new = charts.stacked(new_and_repeat(NOON), KINDS, Grain.DAY, None).series[0]
    assert new.open == (False, False, True)
    assert new.names[-1] == "New, Sat 21 Nov 2026 so far"


def test_the_table_of_a_chart_has_its_numbers_exactly() -> None:
    rows = frames.columns_of(over_time(), ("name", "value", "compared"))
    assert rows[0] == {"name": "Thu 19 Nov 2026", "value": Decimal("10.50"), "compared": Decimal(1)}
    counted = frames.columns_of(new_and_repeat(NOON), ("name", "new_customers"))
    assert counted[1] == {"name": "Fri 20 Nov 2026", "new_customers": 1}


def test_a_point_is_named_by_its_grain() -> None:
    month = Period(date(2026, 9, 1), date(2026, 11, 30), BERLIN)
    counted = Report(Headline(), tuple(Point(start, Headline()) for start in month.points(Grain.MONTH)))
    frame = frames.over_time("net_sales", counted, None, month, None, LATER, Grain.MONTH)
    assert column(frame, "name") == ["Sep 2026", "Oct 2026", "Nov 2026 so far"]


def test_a_part_of_a_month_is_dotted_and_named_by_its_days() -> None:
    quarter = Period(date(2026, 8, 30), date(2026, 11, 23), BERLIN)
    before = Period(date(2026, 6, 5), date(2026, 8, 29), BERLIN)

    def counted(starts: tuple[datetime, ...]) -> Report:
        return Report(Headline(), tuple(Point(start, Headline(orders=1)) for start in starts))

    frame = frames.over_time(
        "orders",
        counted(quarter.points(Grain.MONTH)),
        counted(before.points_beside(quarter, Grain.MONTH)),
        quarter,
        before,
        LATER,
        Grain.MONTH,
    )
    assert column(frame, "name") == ["30–31 Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026 so far"]
    assert column(frame, "compared_name") == [
        "5–6 Jun 2026",
        "7 Jun – 6 Jul 2026",
        "7 Jul – 6 Aug 2026",
        "7–29 Aug 2026",
    ]
    plot = charts.over_time(frame, Grain.MONTH, None, "now", "before")
    assert [(tick.text, tick.below) for tick in plot.ticks] == [("Sep", "2026"), ("Oct", "2026"), ("Nov", "2026")]
    line = plot.series[0]
    assert (line.open, line.open_name) == ((True, False, False, True), "So far, part of a month")


def test_a_cancelled_order_is_listed_as_cancelled_and_a_guest_as_guest() -> None:
    sums: tuple[Any, ...] = (Decimal(0), Decimal(0), Decimal(0), Decimal(0), "", "")
    row = OrderRow(
        1,
        "#1",
        NOON,
        None,
        "o:1",
        None,
        2,
        Decimal("5.00"),
        Decimal("4.20"),
        "USD",
        "partially_refunded",
        None,
        None,
        *sums,
    )
    cancelled = OrderRow(
        2, "#2", NOON, "Ada", "c:81", "France", 1, Decimal(1), Decimal(0), "USD", "refunded", "fulfilled", NOON, *sums
    )
    listed = records.order_records((row, cancelled))
    assert [record["customer"] for record in listed] == ["Guest", "Ada"]
    assert [record["fulfillment_status"] for record in listed] == ["unfulfilled", "cancelled"]
    assert [record["total"] for record in listed] == [Decimal("5.00"), Decimal(1)]


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [("Ada", "a@example.com", "Ada"), (None, "a@example.com", "a@example.com"), (None, None, "Guest")],
)
def test_a_customer_is_called_by_the_best_that_is_known(name: str | None, email: str | None, expected: str) -> None:
    buyer = Buyer("c:1", name, email, None, 1, Decimal(1), 1, Decimal(1), NOON, NOON, True)
    (record,) = records.buyer_records((buyer,), "EUR")
    assert (record["customer"], record["currency"]) == (expected, "EUR")
    assert record["contact"] == (email if name else None)


@pytest.mark.parametrize(
    ("stored", "shown"), [("DE", "Germany"), ("France", "France"), ("ZZX", "ZZX"), ("", ""), (None, None)]
)
def test_a_country_is_called_by_its_name(stored: str | None, shown: str | None) -> None:
    assert country_name(stored) == shown
