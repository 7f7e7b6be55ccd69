"""Values as a merchant reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.domain.periods import Grain, Period
from core.metrics.changes import Change
from dashboard.drawing import formats

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1234.5", "EUR", "€1,234.50"),
        ("0", "USD", "$0.00"),
        ("1234.5", "JPY", "¥1,235"),
        ("1.5", "KWD", "KWD\u00a01.500"),
        ("-3", "EUR", "−€3.00"),
        ("-0.001", "EUR", "€0.00"),
        ("0.005", "EUR", "€0.01"),
        ("99999999999999999.99", "EUR", "€99,999,999,999,999,999.99"),
        ("12", "CAD", "CA$12.00"),
    ],
)
def test_money_is_written_with_its_currency_and_its_own_decimals(amount: str, currency: str, expected: str) -> None:
    assert formats.money(Decimal(amount), currency) == expected


def test_a_missing_value_is_a_dash_and_never_zero() -> None:
    assert formats.money(None, "EUR") == "–"
    assert formats.short_money(None, "EUR") == "–"
    assert formats.percent(None) == "–"
    assert formats.count(None) == "–"
    assert formats.ratio(None) == "–"
    assert formats.instant(None, BERLIN) == "–"
    assert formats.clock(None, BERLIN, NOON) == "–"
    assert formats.status_text(None) == "–"
    assert formats.metric("average_order_value", None, "EUR") == "–"
    assert formats.metric("orders", None, "EUR") == "–"


def test_large_amounts_in_little_room_lose_their_cents() -> None:
    assert formats.short_money(Decimal("9999.99"), "EUR") == "€9,999.99"
    assert formats.short_money(Decimal("10000.50"), "EUR") == "€10,001"
    assert formats.short_money(Decimal("-10000.50"), "EUR") == "−€10,001"


def test_one_is_not_many() -> None:
    assert [formats.counted(n, "order") for n in (0, 1, 1234)] == ["0 orders", "1 order", "1,234 orders"]


def test_a_metric_is_written_in_its_unit() -> None:
    assert formats.metric("total_sales", Decimal("1234.5"), "EUR") == "€1,234.50"
    assert formats.metric("returning_customer_rate", Decimal("0.256"), "EUR") == "25.6%"
    assert formats.metric("orders", 1234, "EUR") == "1,234"
    assert formats.metric("items_per_order", Decimal("2.049"), "EUR") == "2.05"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(Decimal("0.125")), "+12.5%"),
        (Change(Decimal("-0.03")), "−3.0%"),
        (Change(Decimal(0)), "0.0%"),
        (Change(Decimal("12.3456")), "+1,235%"),
        (Change(is_new=True), "new"),
        (Change(), "–"),
    ],
)
def test_a_change_has_its_sign_and_growth_from_nothing_is_new(change: Change, expected: str) -> None:
    assert formats.change(change) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 11, 21), date(2026, 11, 21), "21 Nov 2026"),
        (date(2026, 11, 1), date(2026, 11, 21), "1–21 Nov 2026"),
        (date(2026, 10, 30), date(2026, 11, 28), "30 Oct – 28 Nov 2026"),
        (date(2025, 11, 22), date(2026, 11, 21), "22 Nov 2025 – 21 Nov 2026"),
    ],
)
def test_a_period_says_no_more_than_it_must(start: date, end: date, expected: str) -> None:
    assert formats.period(Period(start, end, BERLIN)) == expected


def test_times_are_the_stores() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert formats.instant(late, BERLIN) == "21 Nov 2026, 00:30"
    assert formats.instant(late, ZoneInfo("America/New_York")) == "20 Nov 2026, 18:30"


def test_a_clock_shows_the_date_only_when_it_is_not_todays() -> None:
    assert formats.clock(datetime(2026, 11, 21, 7, 14, tzinfo=UTC), BERLIN, NOON) == "08:14"
    assert formats.clock(datetime(2026, 11, 20, 22, 59, tzinfo=UTC), BERLIN, NOON) == "20 Nov 2026, 23:59"


def test_a_point_is_called_by_its_width() -> None:
    start = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
    assert formats.point(start, Grain.HOUR, BERLIN) == "00:00"
    assert formats.point(start, Grain.HOUR, BERLIN, dated=True) == "16 Nov 2026, 00:00"
    assert formats.point(start, Grain.DAY, BERLIN) == "Mon 16 Nov 2026"
    assert formats.point(start, Grain.WEEK, BERLIN) == "Week from 16 Nov 2026"
    assert formats.point(start, Grain.MONTH, BERLIN) == "Nov 2026"


def test_a_state_is_written_in_words() -> None:
    assert formats.status_text("partially_refunded") == "Partially refunded"


def test_a_float_made_for_drawing_reads_as_the_amount_it_was() -> None:
    assert formats.exact(0.1) == Decimal("0.1")
    assert formats.exact(1234.56) == Decimal("1234.56")
    assert formats.exact(float("nan")) is None
    assert formats.exact(None) is None


def test_time_since_is_written_in_its_largest_unit() -> None:
    for passed, expected in (
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=2), "2 days ago"),
    ):
        assert formats.ago(NOON - passed, NOON) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (-5, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "1 h"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_a_span_is_written_in_its_largest_unit(seconds: int, words: str) -> None:
    assert formats.span(timedelta(seconds=seconds)) == words
