"""Where net sales changed: each split has terms that add up to the change, and orders that add up to each term."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.database import StoreKey, tenant_session
from core.metrics import Scope
from core.metrics.bridges.period_sums import period_sums
from core.metrics.bridges.split_orders import SplitOrderKey, count_split_orders, split_orders
from core.metrics.bridges.split_rows import Split
from core.metrics.bridges.splits import split_change
from core.metrics.sorting import Sort
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW, Shop

OCTOBER, NOVEMBER = ("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30")


def utc(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def sold(order_id: int, at: datetime, **changes: Any) -> Any:
    """Make an order of two shirts at 20.00 that was placed at this time."""
    fields = {"name": f"#{order_id}", "created_at": at, "processed_at": at, "updated_at": NOW} | changes
    return made.order(order_id=order_id, **fields)


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """October: Ada orders for 40.00 on the web. November: Ada again, in the shop; Bo by a code, for 35.00; and a
    shirt of October and one of November come back."""
    late = made.refund(31, 1, utc(11, 5), lines=(made.refund_line(41),))
    own = made.refund(32, 2, utc(11, 12), lines=(made.refund_line(42),))
    reduced = made.line(11, discount=Decimal("5.00"), tax="6.65")
    acme.receive(
        made.product(),
        sold(1, utc(10, 20), customer_id=81, source_name="web", country="DE", refunds=(late,)),
        sold(2, utc(11, 10), customer_id=81, source_name="pos", country="DE", refunds=(own,)),
        sold(3, utc(11, 15), email="bo@example.com", source_name="web", country="FR", line_items=(reduced,),
             discount_codes=("b", "A ", "a")),
    )  # fmt: skip
    return acme


def terms(shop: Shop, split: Split) -> dict[str | None, tuple[Decimal, Decimal]]:
    found = shop.ask(split_change, shop.days(*NOVEMBER), shop.days(*OCTOBER), split)
    return {term.key: (term.current, term.earlier) for term in found.shown}


def test_returns_are_split_by_whether_their_order_is_of_the_same_period(shop: Shop) -> None:
    assert terms(shop, Split.STEP) == {
        "gross_sales": (80, 40),
        "discounts": (-5, 0),
        "own_returns": (-20, 0),
        "late_returns": (-20, 0),
    }


def test_sales_of_an_order_are_its_customers_first_or_later_ones(shop: Shop) -> None:
    assert terms(shop, Split.CUSTOMER) == {"new": (15, 40), "returning": (20, 0)}


def test_an_order_with_two_codes_is_in_one_term_however_they_are_written(shop: Shop) -> None:
    assert terms(shop, Split.CODE) == {"A + B": (35, 0), None: (0, 40)}


def test_channels_countries_and_products_have_their_part(shop: Shop) -> None:
    assert terms(shop, Split.CHANNEL) == {"web": (15, 40), "pos": (20, 0)}
    assert terms(shop, Split.COUNTRY) == {"DE": (0, 40), "FR": (35, 0)}
    (shirt,) = shop.ask(split_change, shop.days(*NOVEMBER), shop.days(*OCTOBER), Split.PRODUCT).shown
    assert (shirt.key, shirt.title, shirt.change) == ("7", "Shirt", Decimal(-5))


@pytest.mark.parametrize("split", Split)
def test_the_terms_add_up_to_the_change_and_their_orders_to_each_term(shop: Shop, split: Split) -> None:
    now, before = shop.days(*NOVEMBER), shop.days(*OCTOBER)
    whole = shop.ask(period_sums, now).net_sales - shop.ask(period_sums, before).net_sales
    all_terms = shop.ask(split_change, now, before, split)
    assert all_terms.change == whole == Decimal(-5)
    for term in all_terms.shown:
        orders = shop.ask(split_orders, now, before, split, term.key)
        assert sum(order.change for order in orders) == term.change
        assert shop.ask(count_split_orders, now, before, split, term.key) == len(orders)


def test_terms_beyond_the_limit_are_one_and_nothing_is_lost(shop: Shop) -> None:
    found = shop.ask(split_change, shop.days(*NOVEMBER), shop.days(*OCTOBER), Split.STEP, 1)
    assert [term.key for term in found.shown] == ["gross_sales"]
    assert found.others is not None
    assert (found.others.parts, found.others.change, found.change) == (3, Decimal(-45), Decimal(-5))
    enough = shop.ask(split_change, shop.days(*NOVEMBER), shop.days(*OCTOBER), Split.STEP, 4)
    assert enough.others is None


def test_orders_of_a_term_are_sorted_and_paged(shop: Shop) -> None:
    arguments = (shop.days(*NOVEMBER), shop.days(*OCTOBER), Split.STEP, "gross_sales")
    by_name = shop.ask(split_orders, *arguments, sort=Sort(SplitOrderKey.NAME))
    assert [(order.name, order.current, order.earlier) for order in by_name] == [
        ("#1", 0, 40),
        ("#2", 40, 0),
        ("#3", 40, 0),
    ]
    assert [order.name for order in shop.ask(split_orders, *arguments, 1, 1, Sort(SplitOrderKey.NAME))] == ["#2"]


def test_a_cut_period_takes_its_whole_days_and_the_day_until_the_cut(shop: Shop) -> None:
    until_noon = shop.days(*NOVEMBER[:1], "2026-11-15", until=datetime(2026, 11, 15, 11, tzinfo=UTC))
    assert shop.ask(period_sums, until_noon).net_sales == 0, "the order of the 15th came at noon"
    later = shop.days(*NOVEMBER[:1], "2026-11-15", until=datetime(2026, 11, 15, 13, tzinfo=UTC))
    sums = shop.ask(period_sums, later)
    assert (sums.net_sales, sums.orders, sums.placed_value) == (35, 2, 75)
    assert sums == shop.ask(period_sums, shop.days(*NOVEMBER))
    for split in Split:
        found = shop.ask(split_change, until_noon, shop.days(*OCTOBER), split)
        assert found.change == Decimal(-40)


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    now, before = shop.days(*NOVEMBER), shop.days(*OCTOBER)
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        for scope in (foreign, shop.scope):
            assert period_sums(session, scope, now).net_sales == 0
            for split in Split:
                assert split_change(session, scope, now, before, split).shown == ()
                assert split_orders(session, scope, now, before, split, None) == ()
