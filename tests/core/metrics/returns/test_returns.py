"""Returns by their own day and by the day of their order: two answers, whose difference is explained to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.database import StoreKey, tenant_session
from core.domain import Deleted, Kind, Order
from core.domain.periods import Grain
from core.metrics import Scope
from core.metrics.returns.causes import returns_by_product, returns_by_reason
from core.metrics.returns.later_sales import Basis
from core.metrics.returns.orders import ReturnKey, count_returned_orders, returned_orders
from core.metrics.returns.report import (
    CohortReturns,
    Difference,
    Returns,
    cohort_returns,
    difference,
    is_open,
    over_time,
    returns,
    settled_share,
)
from core.metrics.sorting import Sort
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW, Shop

NOVEMBER = ("2026-11-01", "2026-11-30")
BY_DAY, BY_ORDER = Basis.RETURN_DAY, Basis.ORDER_DAY


def utc(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def sold(order_id: int, at: datetime, **changes: object) -> Order:
    """Make an order of two shirts at 20.00 that was placed at this time."""
    fields = {"name": f"#{order_id}", "created_at": at, "processed_at": at, "updated_at": NOW} | changes
    return made.order(order_id=order_id, **fields)


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """October: order 1, of which a shirt comes back in November. November: order 2, of which a shirt comes back in
    November and, in December, the other; and order 3, which is kept."""
    too_small = made.refund(31, 1, utc(11, 5), note="Too small", lines=(made.refund_line(41),))
    broken = made.refund(32, 2, utc(11, 12), note="too small ", lines=(made.refund_line(42),))
    late = made.refund(33, 2, utc(12, 3), lines=(made.refund_line(43),))
    acme.receive(
        made.product(),
        sold(1, utc(10, 20), refunds=(too_small,)),
        sold(2, utc(11, 10), refunds=(broken, late)),
        sold(3, utc(11, 15)),
    )
    return acme


def test_by_return_day_a_period_has_what_came_back_in_it(shop: Shop) -> None:
    november = shop.ask(returns, shop.days(*NOVEMBER))
    assert november == Returns(
        returns=Decimal("40.00"),
        units_returned=2,
        orders_returned=2,
        refunds=2,
        refunded=Decimal("47.60"),
        gross_sales=Decimal("80.00"),
        units_sold=4,
    )
    assert (november.return_rate, november.unit_return_rate) == (Decimal("0.5"), Decimal("0.5"))
    assert november.average_refund == Decimal("23.80")


def test_by_order_day_a_period_has_what_came_back_of_its_orders(shop: Shop) -> None:
    november = shop.ask(cohort_returns, shop.days(*NOVEMBER))
    assert november == CohortReturns(
        cohort_returns=Decimal("40.00"),
        cohort_units_returned=2,
        cohort_orders_returned=1,
        cohort_refunded=Decimal("47.60"),
        cohort_gross_sales=Decimal("80.00"),
        cohort_units_sold=4,
    )
    october = shop.ask(cohort_returns, shop.days("2026-10-01", "2026-10-31"))
    assert (october.cohort_returns, october.cohort_return_rate) == (Decimal("20.00"), Decimal("0.5"))


def test_both_views_differ_by_the_returns_of_other_orders_and_on_other_days(shop: Shop) -> None:
    assert shop.ask(difference, shop.days(*NOVEMBER)) == Difference(
        both=Decimal("20.00"), of_other_orders=Decimal("20.00"), on_other_days=Decimal("20.00")
    )
    december = shop.ask(difference, shop.days("2026-12-01", "2026-12-31"))
    assert (december.both, december.of_other_orders, december.amount) == (0, 20, 20)


def test_a_rate_over_no_sales_is_blank(shop: Shop) -> None:
    december = shop.ask(returns, shop.days("2026-12-01", "2026-12-31"))
    assert (december.returns, december.return_rate, december.unit_return_rate) == (20, None, None)


def test_a_cut_period_leaves_out_what_happened_after_the_cut(shop: Shop) -> None:
    cut = shop.days(*NOVEMBER, until=utc(11, 11))
    assert shop.ask(returns, cut).returns == Decimal("20.00")
    assert shop.ask(cohort_returns, cut).cohort_gross_sales == Decimal("40.00")


def test_goods_that_an_edit_added_count_in_the_sales_of_their_order(acme: Shop) -> None:
    placed = made.agreement(made.sale(quantity=2, total="47.60", tax="7.60"), at=utc(10, 20))
    added = made.agreement(
        made.sale(quantity=1, total="23.80", tax="3.80"), at=utc(11, 5), reason="order_edit", agreement_id=62
    )
    acme.receive(sold(1, utc(10, 20), agreements=(placed, added)))
    october, november = acme.days("2026-10-01", "2026-10-31"), acme.days(*NOVEMBER)
    assert acme.ask(cohort_returns, october).cohort_gross_sales == Decimal("60.00")
    assert acme.ask(cohort_returns, november).cohort_gross_sales == 0
    assert acme.ask(returns, november).gross_sales == Decimal("20.00")


def test_refunds_of_test_and_deleted_orders_are_in_no_figure(acme: Shop) -> None:
    refund = made.refund(31, 1, utc(11, 5))
    acme.receive(sold(1, utc(11, 2), refunds=(refund,)), sold(2, utc(11, 2), test=True))
    acme.receive(made.refund(32, 2, utc(11, 5)))
    acme.receive(Deleted(Kind.ORDER, 1, NOW))
    november = acme.ask(returns, acme.days(*NOVEMBER))
    assert (november.returns, november.refunds, november.refunded) == (0, 0, 0)


def test_the_points_add_up_to_the_whole_in_both_views(shop: Shop) -> None:
    period = shop.days("2026-10-01", "2026-12-31")
    points = period.points(Grain.MONTH)
    by_day = shop.ask(over_time, period, BY_DAY, points)
    assert [(point.returns, point.gross_sales) for point in by_day] == [(0, 40), (40, 80), (20, 0)]
    by_order = shop.ask(over_time, period, BY_ORDER, points)
    assert [(point.returns, point.gross_sales) for point in by_order] == [(20, 40), (40, 80), (0, 0)]
    assert [point.return_rate for point in by_order] == [Decimal("0.5"), Decimal("0.5"), None]


def test_products_and_reasons_add_up_to_the_returns(shop: Shop) -> None:
    period = shop.days("2026-11-01", "2026-12-31")
    for basis, whole in ((BY_DAY, Decimal("60.00")), (BY_ORDER, Decimal("40.00"))):
        (shirt,) = shop.ask(returns_by_product, period, basis)
        assert (shirt.title, shirt.returns, shirt.gross_sales, shirt.units_sold) == ("Shirt", whole, 80, 4)
        reasons = shop.ask(returns_by_reason, period, basis)
        assert sum(row.returns for row in reasons) == whole
    by_day = {row.reason: row.orders for row in shop.ask(returns_by_reason, period, BY_DAY)}
    assert by_day == {"Too small": 2, None: 1}, "capitals make no other reason"


def test_the_list_has_a_row_an_order_and_day_and_adds_up(shop: Shop) -> None:
    period = shop.days("2026-11-01", "2026-12-31")
    rows = shop.ask(returned_orders, period, BY_DAY)
    assert [(row.name, row.items, row.returns, row.refunded, row.reason) for row in rows] == [
        ("#2", "Shirt", 20, Decimal("23.80"), None),
        ("#2", "Shirt", 20, Decimal("23.80"), "too small"),
        ("#1", "Shirt", 20, Decimal("23.80"), "Too small"),
    ]
    assert [row.name for row in shop.ask(returned_orders, period, BY_ORDER)] == ["#2", "#2"]
    assert [row.name for row in shop.ask(returned_orders, period, BY_DAY, "TOO")] == ["#2", "#1"]
    assert shop.ask(count_returned_orders, period, BY_DAY, "#1") == 1
    by_order = shop.ask(returned_orders, period, BY_DAY, limit=1, sort=Sort(ReturnKey.PLACED))
    assert [row.name for row in by_order] == ["#1"]


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("key", ReturnKey)
def test_every_sort_keeps_the_pages_of_the_list_whole(shop: Shop, basis: Basis, key: ReturnKey) -> None:
    period = shop.days("2026-10-01", "2026-12-31")
    for down in (False, True):
        whole = shop.ask(returned_orders, period, basis, sort=Sort(key, down))
        assert len(whole) == shop.ask(count_returned_orders, period, basis) == 3
        pages = [shop.ask(returned_orders, period, basis, limit=2, offset=at, sort=Sort(key, down)) for at in (0, 2)]
        assert [row for page in pages for row in page] == list(whole)
        assert set(whole) == set(shop.ask(returned_orders, period, basis, "#")), "read by an index, or as a whole"


def test_a_refund_of_money_alone_is_listed_without_items(acme: Shop) -> None:
    goodwill = made.refund(
        31, 1, utc(11, 5), lines=(), refunded=Decimal("5.00"), note="Late parcel",
        adjustments=(made.adjustment("refund_discrepancy", "-5.00"),),
    )  # fmt: skip
    acme.receive(sold(1, utc(11, 2), refunds=(goodwill,)))
    (row,) = acme.ask(returned_orders, acme.days(*NOVEMBER), BY_DAY)
    assert (row.items, row.units_returned, row.returns, row.refunded, row.reason) == (None, 0, 5, 5, "Late parcel")


def test_a_period_is_open_until_its_last_orders_had_their_time_to_come_back(shop: Shop) -> None:
    october = shop.days("2026-10-01", "2026-10-31")
    assert is_open(october, utc(12, 29))
    assert not is_open(october, utc(12, 31))


def test_the_share_that_came_back_in_time_says_whether_open_is_long_enough(shop: Shop) -> None:
    assert shop.ask(settled_share, date(2026, 11, 21)) is None, "no order is old enough"
    shop.receive(
        sold(9, utc(10, 20), refunds=(made.refund(39, 9, utc(10, 20) + timedelta(days=61)),)),
    )
    assert shop.ask(settled_share, date(2027, 3, 1)) == Decimal("0.75"), "60 of 80 within 60 days"


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    period = shop.days("2026-10-01", "2026-12-31")
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        assert returns(session, foreign, period).returns == 0
        assert cohort_returns(session, foreign, period).cohort_gross_sales == 0
        assert difference(session, foreign, period) == Difference(Decimal(0), Decimal(0), Decimal(0))
        assert returns_by_product(session, foreign, period, BY_DAY) == ()
        assert returns_by_reason(session, foreign, period, BY_DAY) == ()
        assert returned_orders(session, foreign, period, BY_DAY) == ()
