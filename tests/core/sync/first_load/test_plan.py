"""How a first load is cut: recent orders first, no order in two slices or in none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sync.first_load.plan import Span, halves, spans

NOW = datetime(2026, 11, 21, 8, 30, 15, tzinfo=UTC)
EVERYTHING = ("orders", "products", "customers", "inventory", "checkouts")


def days(count: int) -> datetime:
    return NOW - timedelta(days=count)


def test_the_last_thirty_days_come_first_then_products_and_customers_then_older_years() -> None:
    assert spans(NOW, days(1000), EVERYTHING) == (
        Span("orders", days(30), None),
        Span("products"),
        Span("customers"),
        Span("inventory"),
        Span("orders", days(90), days(30)),
        Span("orders", days(365), days(90)),
        Span("orders", days(730), days(365)),
        Span("orders", None, days(730)),
        Span("checkouts"),
    )


def test_a_shop_of_last_week_is_one_slice_of_orders() -> None:
    assert [span for span in spans(NOW, days(7), EVERYTHING) if span.entity == "orders"] == [Span("orders")]


def test_a_shop_whose_age_is_not_known_is_read_to_its_beginning() -> None:
    assert spans(NOW, None, ("orders",))[-1].since is None


def test_entities_that_the_app_may_not_read_are_left_out() -> None:
    assert {span.entity for span in spans(NOW, days(400), ("products",))} == {"products"}
    assert spans(NOW, days(400), ()) == ()


@given(age=st.integers(0, 6000), order=st.integers(-400, 7000), seconds=st.integers(0, 86_399))
def test_every_order_is_in_a_slice_and_in_one_only(age: int, order: int, seconds: int) -> None:
    created = NOW - timedelta(days=order, seconds=seconds)
    found = [
        span
        for span in spans(NOW, days(age), ("orders",))
        if (span.since is None or created >= span.since) and (span.until is None or created < span.until)
    ]
    assert len(found) == 1


def test_a_window_is_a_search_text_with_quoted_times_in_utc() -> None:
    berlin = NOW.astimezone(tz=None)
    assert Span("orders", berlin, None).search_text == "created_at:>='2026-11-21T08:30:15Z'"
    assert Span("orders", days(2), NOW).search_text == (
        "created_at:>='2026-11-19T08:30:15Z' created_at:<'2026-11-21T08:30:15Z'"
    )
    assert Span("products").search_text == ""


@pytest.mark.parametrize(
    ("span", "middle"),
    [
        (Span("orders", days(20), days(10)), days(15)),
        (Span("orders", days(30), None), days(15)),
        (Span("orders", None, days(20)), days(60)),
    ],
)
def test_a_span_too_long_for_shopify_becomes_two_with_nothing_between_them(span: Span, middle: datetime) -> None:
    two = halves(span, NOW, days(100))
    assert two == (Span("orders", middle, span.until), Span("orders", span.since, middle))


def test_a_span_that_cannot_be_halved_stays_one() -> None:
    assert halves(Span("products"), NOW, days(100)) is None
    assert halves(Span("orders"), NOW, None) is None
    second = days(1) + timedelta(seconds=1)
    assert halves(Span("orders", days(1), second), NOW, days(100)) is None
