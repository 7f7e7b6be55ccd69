"""Discounts by code and title: what each took off, whom it brought, and order values with and without."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import rollups
from core.database import StoreKey, tenant_session
from core.domain import Order
from core.domain.orders import Allocation, DiscountKind
from core.metrics import Scope
from core.metrics.orders.discounts import discount_summary, discounts
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW, Shop

PERIOD = ("2026-11-01", "2026-11-30")
TODAY = date(2026, 11, 30)


def bought(
    order_id: int, customer_id: int, label: str, off: str, kind: DiscountKind = DiscountKind.CODE, **changes: Any
) -> Order:
    """Make an order of two shirts at 20.00 of which a discount took a part."""
    at = datetime(2026, 11, order_id, 12, tzinfo=UTC)
    shares = (Allocation(kind, label, Decimal(off)),) if label else ()
    line = made.line(order_id, discount=Decimal(off), tax="0", allocations=shares)
    fields = {"name": f"#{order_id}", "created_at": at, "processed_at": at, "updated_at": NOW} | changes
    return made.order(order_id=order_id, customer_id=customer_id, line_items=(line,), **fields)


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """Two orders with a code in two spellings, one with an automatic discount, one without any."""
    acme.receive(
        made.product(),
        bought(1, 81, "SAVE10", "4.00"),
        bought(2, 81, "save10", "4.00"),
        bought(3, 82, "Two for one", "20.00", DiscountKind.AUTOMATIC),
        bought(4, 83, "", "0"),
        bought(5, 84, "TEST", "4.00", test=True),
    )
    return acme


def test_codes_that_differ_in_case_only_are_one(shop: Shop) -> None:
    code, automatic = shop.ask(discounts, shop.days(*PERIOD), TODAY)
    assert code.label.lower() == "save10"
    assert (code.kind, code.orders, code.discount_given, code.net_sales) == ("code", 2, 8, 72)
    assert (code.average_order_value, code.new_share) == (36, Decimal("0.5"))
    assert (automatic.kind, automatic.label, automatic.discount_given) == ("automatic", "Two for one", 20)


def test_repeats_count_only_orders_that_had_their_time(shop: Shop) -> None:
    code, _ = shop.ask(discounts, shop.days(*PERIOD), TODAY)
    assert (code.repeat_share, code.is_open) == (None, True)
    code, _ = shop.ask(discounts, shop.days(*PERIOD), TODAY + timedelta(days=120))
    assert (code.repeat_share, code.is_open) == (Decimal("0.5"), False)


def test_order_values_with_and_without_a_discount(shop: Shop) -> None:
    found = shop.ask(discount_summary, shop.days(*PERIOD))
    assert (found.all_orders, found.discounted_orders, found.discount_given) == (4, 3, 28)
    assert found.discounted_share == Decimal("0.75")
    assert (found.full_price_order_value, found.discounted_order_value) == (40, Decimal(92) / 3)


def test_without_orders_shares_are_blank(acme: Shop) -> None:
    found = acme.ask(discount_summary, acme.days(*PERIOD))
    assert (found.discounted_share, found.discounted_order_value, found.full_price_order_value) == (None, None, None)
    assert acme.ask(discounts, acme.days(*PERIOD), TODAY) == ()


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        assert discounts(session, foreign, shop.days(*PERIOD), TODAY) == ()
        assert discount_summary(session, foreign, shop.days(*PERIOD)).all_orders == 0


def test_the_margin_is_of_the_goods_with_a_known_cost(acme: Shop) -> None:
    acme.receive(
        made.product(variants=(made.variant(unit_cost=Decimal(9)),)),
        bought(1, 81, "SAVE10", "4.00"),
        bought(2, 82, "save10", "4.00", taxes_included=True),
    )
    (code,) = acme.ask(discounts, acme.days(*PERIOD), TODAY)
    assert (code.value_with_cost, code.cost_of_goods, code.cost_coverage) == (72, 36, 1)
    assert code.discount_margin == Decimal("0.5")
    assert acme.ask(discount_summary, acme.days(*PERIOD)).contains_tax


def test_kept_days_give_what_the_rows_gave_and_follow_every_later_change(shop: Shop) -> None:
    """A return, a further order and a cost change days that are kept; another spelling is on another day."""
    period, later = shop.days(*PERIOD), TODAY + timedelta(days=120)
    cut = shop.days("2026-11-01", "2026-11-02", datetime(2026, 11, 2, 11, 30, tzinfo=UTC))
    changes = (
        (),
        (bought(6, 81, "Save10", "2.00"), bought(7, 82, "", "0")),
        (bought(1, 81, "SAVE10", "4.00", updated_at=NOW + timedelta(days=1), refunds=(made.refund(31, 1),)),),
        (made.product(variants=(made.variant(unit_cost=Decimal(3)),), updated_at=NOW + timedelta(days=1)),),
    )
    for change in changes:
        shop.receive(*change)
        live = asked(shop, period, cut, later)
        assert rollups.refresh_money(shop.scope.store) > 0
        assert asked(shop, period, cut, later) == live
        assert rollups.audit(shop.scope.store, NOW) == {}


def asked(shop: Shop, period: Any, cut: Any, later: date) -> list[Any]:
    found = [shop.ask(discounts, each, day) for each in (period, cut) for day in (TODAY, later)]
    return [*found, *(shop.ask(discount_summary, each) for each in (period, cut))]
