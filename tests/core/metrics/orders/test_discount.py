"""One discount: its row, its points by day and by hour, and its orders page by page."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from core import rollups
from core.database import StoreKey, tenant_session
from core.domain.orders import Allocation, DiscountKind
from core.domain.periods import Grain
from core.metrics import Scope
from core.metrics.orders.discount import (
    ANY,
    DiscountKey,
    UseKey,
    discount,
    discount_series,
    discounted_orders,
    parse_key,
)
from core.metrics.sorting import Sort
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop
from tests.core.metrics.orders.test_discounts import bought

PERIOD = ("2026-11-01", "2026-11-30")
TODAY = date(2026, 11, 30)
SAVE10 = DiscountKey("code", "save10")


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """Three orders with a code in two spellings, one with an automatic discount of the same name, one without any."""
    acme.receive(
        made.product(),
        bought(1, 81, "SAVE10", "4.00"),
        bought(2, 81, "save10", "6.00"),
        bought(3, 82, "SAVE10", "20.00", DiscountKind.AUTOMATIC),
        bought(4, 83, "", "0"),
        bought(5, 84, "SAVE10", "2.00"),
        bought(6, 85, "SAVE10", "9.00", test=True),
    )
    return acme


@pytest.mark.parametrize("is_kept", [False, True])
def test_its_row_and_its_points_have_both_spellings_and_no_other_kind(shop: Shop, is_kept: bool) -> None:
    if is_kept:
        assert rollups.refresh_money(shop.scope.store)
    period = shop.days(*PERIOD)
    row = shop.ask(discount, period, TODAY, SAVE10)
    assert row is not None
    assert (row.orders, row.discount_given, row.discounted_orders) == (3, 12, 3)
    series = shop.ask(discount_series, period, SAVE10, period.points(Grain.DAY))
    by_day = [(point.discounted_orders, point.discount_given) for point in series.points]
    assert by_day[:6] == [(1, 4), (1, 6), (0, 0), (0, 0), (1, 2), (0, 0)]
    assert (len(by_day), series.whole.discounted_orders, series.whole.discount_given) == (30, 3, 12)


def test_without_a_name_the_points_are_of_every_discount(shop: Shop) -> None:
    period = shop.days(*PERIOD)
    series = shop.ask(discount_series, period, ANY, period.points(Grain.WEEK))
    assert [point.discount_given for point in series.points] == [4, 28, 0, 0, 0, 0]
    assert series.whole.discounted_orders == 4


def test_the_points_of_a_single_day_are_hours(shop: Shop) -> None:
    """The orders were placed at 12:00 UTC, which is 13:00 in Berlin."""
    day = shop.days("2026-11-02", "2026-11-02")
    series = shop.ask(discount_series, day, SAVE10, day.points(Grain.HOUR))
    assert [(hour, point.discount_given) for hour, point in enumerate(series.points) if point.discounted_orders] == [
        (13, 6)
    ]


def test_its_orders_come_page_by_page_in_both_orders(shop: Shop) -> None:
    period = shop.days(*PERIOD)
    first = shop.ask(discounted_orders, period, SAVE10, 2)
    second = shop.ask(discounted_orders, period, SAVE10, 2, 2)
    assert [(row.name, row.discount_given, row.net_sales, row.is_first) for row in first + second] == [
        ("#5", 2, 38, True),
        ("#2", 6, 34, False),
        ("#1", 4, 36, True),
    ]
    smallest = shop.ask(discounted_orders, period, SAVE10, None, 0, Sort(UseKey.GIVEN))
    assert [row.discount_given for row in smallest] == [2, 4, 6]


def test_a_discount_that_nobody_used_has_no_row_and_no_orders(shop: Shop) -> None:
    unused, period = DiscountKey("code", "welcome"), shop.days(*PERIOD)
    assert shop.ask(discount, period, TODAY, unused) is None
    assert shop.ask(discounted_orders, period, unused) == ()
    assert shop.ask(discount_series, period, unused, period.points(Grain.DAY)).whole.discount_given == 0


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    period = shop.days(*PERIOD)
    with tenant_session(cast.charlie.tenant_id) as session:
        assert discount(session, foreign, period, TODAY, SAVE10) is None
        assert discounted_orders(session, foreign, period, SAVE10) == ()
        assert not discount_series(session, foreign, period, ANY, period.points(Grain.DAY)).whole.discount_given


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("code:SAVE10", SAVE10),
        ("automatic:2:1", DiscountKey("automatic", "2:1")),
        ("unknown:", DiscountKey("unknown")),
        ("", None),
        (":", None),
        ("coupon:SAVE10", None),
        ("code:\0", None),
        (f"code:{'x' * 301}", None),
    ],
)
def test_a_name_from_an_address_is_read_or_refused(typed: str, key: DiscountKey | None) -> None:
    assert parse_key(typed) == key
    assert key is None or parse_key(str(key)) == key


def test_amounts_of_an_order_with_two_discounts_are_of_this_one(acme: Shop) -> None:
    allocations = tuple(
        Allocation(DiscountKind.CODE, label, Decimal(off)) for label, off in (("SAVE10", 4), ("EXTRA", 1))
    )
    line = made.line(1, discount=Decimal(5), tax="0", allocations=allocations)
    order = replace(bought(1, 81, "", "0"), line_items=(line,))
    acme.receive(made.product(), order)
    (row,) = acme.ask(discounted_orders, acme.days(*PERIOD), SAVE10)
    assert (row.discount_given, row.net_sales) == (4, 35)
