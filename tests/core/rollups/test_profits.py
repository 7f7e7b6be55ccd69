"""The list of orders by profit is the same from kept profits, from rows, and from any mixture of both."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, select, text

from core import rollups
from core.database import tenant_session
from core.database.models import OrderProfit, StaleProfitDay, Store
from core.domain.periods import Period
from core.metrics.money.profit_orders import OrderProfitKey, profit_by_order
from core.metrics.sorting import Sort
from core.rollups import profits
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import at, utc
from tests.core.rollups.test_money import enter_unit_cost

MOST, LEAST = Sort(OrderProfitKey.GROSS_PROFIT, is_descending=True), Sort(OrderProfitKey.GROSS_PROFIT)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make a shop: shirts cost 8.00, caps cost nothing that is known.

    #1 sold two shirts at 20.00 and earned 24. #2 sold one at 30.00 and earned 22. #3 sold one at 5.00 and lost 3.
    #4 sold a cap. #5 sold a gift card only, which earns nothing.
    """
    shop = shop_of(cast.acme)
    cap = made.line(price="99.00", product_id=8, variant_id=81)
    card = made.line(price="50.00", quantity=1, tax="0", is_gift_card=True)
    shop.receive(
        made.product(variants=(made.variant(71, unit_cost=Decimal(8)),)),
        made.product(product_id=8, variants=(made.variant(81),)),
        at(utc(2026, 11, 1, 12), 1, name="#1"),
        at(utc(2026, 11, 2, 12), 2, name="#2", line_items=(made.line(price="30.00", quantity=1, tax="0"),)),
        at(utc(2026, 11, 3, 12), 3, name="#3", line_items=(made.line(price="5.00", quantity=1, tax="0"),)),
        at(utc(2026, 11, 4, 12), 4, name="#4", line_items=(cap,)),
        at(utc(2026, 11, 5, 12), 5, name="#5", line_items=(card,)),
    )
    rollups.refresh_money(shop.business.key)
    return shop


@pytest.fixture
def november(acme: Shop) -> Period:
    return acme.days("2026-11-01", "2026-11-30")


def ranked(shop: Shop, period: Period, sort: Sort[OrderProfitKey] = MOST) -> list[tuple[str, Decimal | None]]:
    return [(row.name, row.gross_profit) for row in shop.ask(profit_by_order, period, None, 0, sort)]


def stale(shop: Shop) -> list[date]:
    with tenant_session(shop.business.tenant_id) as session:
        return list(session.scalars(select(StaleProfitDay.business_date).order_by(StaleProfitDay.business_date)))


def check(shop: Shop, period: Period) -> None:
    """Compare the mixture with kept profits alone, and with rows alone."""
    mixed = [ranked(shop, period, sort) for sort in (MOST, LEAST)]
    rollups.refresh_money(shop.business.key)
    assert stale(shop) == []
    assert profits.audit(shop.business.key) == 0
    assert mixed == [ranked(shop, period, sort) for sort in (MOST, LEAST)]
    with tenant_session(shop.business.tenant_id) as session:
        session.execute(delete(OrderProfit))
        days = "SELECT DISTINCT tenant_id, store_id, business_date FROM orders"
        session.execute(text(f"INSERT INTO stale_profit_days {days}"))
    assert mixed == [ranked(shop, period, sort) for sort in (MOST, LEAST)]
    rollups.refresh_money(shop.business.key)


def test_orders_stand_by_their_profit_and_those_of_an_unknown_cost_last(acme: Shop, november: Period) -> None:
    assert stale(acme) == []
    known = [("#1", Decimal(24)), ("#2", Decimal(22)), ("#5", Decimal(0)), ("#3", Decimal(-3))]
    assert ranked(acme, november) == [*known, ("#4", None)]
    assert ranked(acme, november, LEAST) == [*reversed(known), ("#4", None)]
    check(acme, november)


def test_pages_follow_one_another_and_stop_at_the_period(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3, 13), 6, name="#6"))
    days = acme.days("2026-11-02", "2026-11-04")
    pages = [acme.ask(profit_by_order, days, 2, offset, MOST) for offset in (0, 2, 4)]
    assert [[row.name for row in page] for page in pages] == [["#6", "#2"], ["#3", "#4"], []]
    cut = acme.days("2026-11-01", "2026-11-03", utc(2026, 11, 3, 12, 30))
    assert [name for name, _ in ranked(acme, cut)] == ["#1", "#2", "#3"]


def test_a_return_changes_the_profit_of_its_order_whatever_day_it_is_of(acme: Shop, november: Period) -> None:
    """One of two shirts comes back and is put into stock: 20 - 8 are left."""
    acme.receive(made.refund(32, 1, utc(2026, 12, 8, 12), lines=(made.refund_line(restock="return"),)))
    assert date(2026, 11, 1) in stale(acme)
    assert ranked(acme, november)[:2] == [("#2", Decimal(22)), ("#1", Decimal(12))]
    check(acme, november)


def test_a_cost_that_becomes_known_ranks_the_orders_of_its_variant(acme: Shop, november: Period) -> None:
    acme.receive(made.product(product_id=8, updated_at=NOW, variants=(made.variant(81, unit_cost=Decimal(1)),)))
    assert stale(acme) == [date(2026, 11, 4)]
    assert ranked(acme, november)[0][0] == "#4"
    check(acme, november)


def test_a_cost_finds_the_order_that_an_edit_added_its_variant_to(acme: Shop, november: Period) -> None:
    """#2 gets a cap of 99.00 on 20 November; its cost of 4.00 becomes known later: 22 + 95."""
    lines = (made.line(price="30.00", quantity=1, tax="0"),)
    placed = utc(2026, 11, 2, 12)
    added = made.sale(quantity=1, total="99.00", tax="0", sale_id=92, line_item_id=13)
    agreements = (
        made.agreement(made.sale(quantity=1, total="30.00", tax="0", sale_id=91), at=placed),
        made.agreement(added, agreement_id=61, at=utc(2026, 11, 20, 12), reason="order_edit"),
    )
    cap = made.line(13, price="99.00", quantity=1, tax="0", product_id=8, variant_id=81)
    version = {"created_at": placed, "processed_at": placed, "updated_at": NOW, "name": "#2"}
    acme.receive(made.order(order_id=2, line_items=(*lines, cap), agreements=agreements, **version))
    assert dict(ranked(acme, november))["#2"] == 22
    check(acme, november)
    acme.receive(made.product(product_id=8, updated_at=NOW, variants=(made.variant(81, unit_cost=Decimal(4)),)))
    assert {date(2026, 11, 2), date(2026, 11, 4), date(2026, 11, 20)} <= set(stale(acme))
    assert dict(ranked(acme, november))["#2"] == 22 + 95
    check(acme, november)


def test_an_audit_finds_what_a_trigger_missed_and_has_it_computed_again(acme: Shop, november: Period) -> None:
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(text("UPDATE order_profits SET gross_profit = 1 WHERE order_id = 2"))
        session.execute(text("DELETE FROM order_profits WHERE order_id = 4"))
    assert rollups.audit(acme.business.key, NOW) == {"order_profits": 2}
    assert stale(acme) == [date(2026, 11, 2), date(2026, 11, 4)]
    check(acme, november)


def test_an_entered_cost_and_a_deleted_store(acme: Shop, november: Period) -> None:
    enter_unit_cost(acme, date(2026, 11, 1))
    check(acme, november)
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(delete(Store).where(acme.business.key.owns(Store)))
        assert session.scalars(select(OrderProfit)).all() == []
    assert stale(acme) == []


def test_another_business_sees_none_of_it(acme: Shop, cast: Cast, november: Period) -> None:
    assert ranked(shop_of(cast.globex), november) == []
