"""Profit and taxes are the same from kept sums, from rows, and from any mixture of both."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from core import rollups
from core.database import StoreKey, tenant_session
from core.database.models import (
    GoodsDay,
    GoodsOrderDay,
    GoodsOrderSpan,
    GoodsSpan,
    MoneyDay,
    StaleMoneyDay,
    Store,
    TaxDay,
    UnitCost,
    WeekHourSpan,
)
from core.domain import Deleted, Kind, Order
from core.domain.periods import EARLIEST, Grain, Period
from core.ingest import business_dates
from core.metrics.explore import Dimension, Measure, Question, answer
from core.metrics.money.profit import profit
from core.metrics.money.profit_products import profit_by_product
from core.metrics.money.taxes import taxes
from core.metrics.money.variant_costs import uncosted_variants
from core.metrics.sales.week_hours import week_hours
from core.rollups import money
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import at, utc
from tests.stored import rows

YEAR = ("2026-01-15", "2026-12-31")
TABLES = (MoneyDay, GoodsDay, GoodsSpan, TaxDay, GoodsOrderDay, GoodsOrderSpan, WeekHourSpan)
ORDERS_BY_PRODUCT = Question((Measure.ORDERS, Measure.NET_SALES), (Dimension.PRODUCT,))


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make a shop with sales in several months, of which one is refunded and lost, all of them kept."""
    shop = shop_of(cast.acme)
    lost = made.refund(lines=(made.refund_line(restock="no_restock"),))
    shop.receive(
        made.product(variants=(made.variant(71, unit_cost=Decimal(8)),)),
        made.order(refunds=(lost,)),
        *(at(utc(2026, month, 20, 12), month, name=f"#{month}") for month in range(1, 12)),
    )
    rollups.refresh_money(shop.business.key)
    return shop


def changed(month: int, **changes: Any) -> Order:
    """Make a later version of the order of a month."""
    placed = utc(2026, month, 20, 12)
    return made.order(order_id=month, created_at=placed, processed_at=placed, updated_at=NOW, **changes)


def stale(shop: Shop) -> list[date]:
    with tenant_session(shop.business.tenant_id) as session:
        return list(session.scalars(select(StaleMoneyDay.business_date).order_by(StaleMoneyDay.business_date)))


def answers(shop: Shop) -> list[Any]:
    """The answers of every question that reads the sums: of a part of a year, of a whole one, and of a cut day."""
    days = [
        shop.days(*YEAR),
        shop.days("2025-12-30", "2026-12-31"),
        shop.days("2026-11-02", "2026-11-20", utc(2026, 11, 20, 11)),
    ]
    return [
        (
            shop.ask(profit, period, Grain.MONTH),
            *(shop.ask(question, period) for question in (taxes, profit_by_product, uncosted_variants)),
            shop.ask(answer, period, ORDERS_BY_PRODUCT),
            shop.ask(week_hours, period),
        )
        for period in days
    ]


def check(shop: Shop) -> None:
    """Compare the answers from the mixture with those from rows alone, and with those from kept sums alone."""
    mixed = answers(shop)
    rollups.refresh_money(shop.business.key)
    assert stale(shop) == []
    kept = answers(shop)
    with tenant_session(shop.business.tenant_id) as session:
        for table in TABLES:
            session.execute(delete(table))
        session.execute(
            text(
                "INSERT INTO stale_money_days SELECT :tenant_id, :store_id, d::date "
                "FROM generate_series(date '2026-01-01', '2026-12-31', '1 day') d"
            ),
            shop.business.key.parameters,
        )
    assert mixed == kept == answers(shop)
    rollups.refresh_money(shop.business.key)


def test_kept_sums_equal_their_rows(acme: Shop) -> None:
    assert stale(acme) == []
    assert answers(acme)[0][0].whole.net_sales == 12 * 40 - 20
    check(acme)


def test_a_late_refund_makes_its_day_stale_and_no_other(acme: Shop) -> None:
    acme.receive(made.refund(32, 5, utc(2026, 8, 8, 12)))
    assert stale(acme) == [date(2026, 8, 8)]
    check(acme)


def test_an_unchanged_write_or_a_deletion_or_an_edit_is_followed(acme: Shop) -> None:
    acme.receive(changed(3, financial_status="pending"))
    check(acme)
    acme.receive(Deleted(Kind.ORDER, 4, NOW))
    check(acme)
    acme.receive(changed(5, line_items=(made.line(price="30.00"),)))
    check(acme)


def test_a_changed_cost_is_of_later_sales_and_leaves_earlier_ones(acme: Shop) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    acme.receive(made.product(updated_at=NOW, variants=(made.variant(71, unit_cost=Decimal(9)),)))
    check(acme)
    assert answers(acme)[0][0].whole.cost_of_goods == 23 * 8
    acme.receive(made.order(order_id=77, created_at=tomorrow, processed_at=tomorrow, updated_at=tomorrow))
    later = acme.ask(profit, Period(tomorrow.date(), tomorrow.date() + timedelta(days=1), acme.zone), Grain.DAY)
    assert later.whole.cost_of_goods == 2 * 9


def test_a_cost_that_shopify_learns_late_is_that_of_earlier_sales_without_an_entered_one(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    shop.receive(made.product(variants=(made.variant(71),)), at(utc(2026, 11, 3), 1), at(utc(2026, 11, 5), 2))
    rollups.refresh_money(shop.business.key)
    enter_unit_cost(shop, date(2026, 11, 4))
    shop.receive(made.product(updated_at=NOW, variants=(made.variant(71, unit_cost=Decimal(9)),)))
    assert stale(shop) == [date(2026, 11, 3), date(2026, 11, 5)]
    assert answers(shop)[0][0].whole.cost_of_goods == 2 * 9 + 2 * 5
    check(shop)


def test_a_deleted_variant_keeps_the_cost_of_its_sales(acme: Shop) -> None:
    acme.receive(made.product(updated_at=NOW, variants=(made.variant(72),)))
    assert answers(acme)[0][0].whole.cost_of_goods == 23 * 8
    check(acme)


def enter_unit_cost(shop: Shop, valid_from: date) -> None:
    """Enter a cost of 5.00 for a shirt."""
    fields = {"variant_id": 71, "unit_cost": Decimal(5), "currency": "EUR", "valid_from": valid_from}
    with tenant_session(shop.business.tenant_id) as session:
        session.add(UnitCost(**shop.business.key.parameters, **fields, entered_at=NOW))


def test_an_entered_cost_makes_the_days_of_its_variant_stale(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    shop.receive(made.product(variants=(made.variant(71),)), at(utc(2026, 11, 3), 1), at(utc(2026, 11, 5), 2))
    rollups.refresh_money(shop.business.key)
    enter_unit_cost(shop, EARLIEST)
    assert stale(shop) == [date(2026, 11, 3), date(2026, 11, 5)]
    check(shop)


def test_a_changed_time_zone_moves_days(acme: Shop) -> None:
    acme.receive(at(utc(2026, 6, 30, 23), 99))
    rollups.refresh_money(acme.business.key)
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(text("UPDATE stores SET time_zone = 'America/New_York'"))
    business_dates.recompute(acme.business.key)
    assert stale(acme)
    check(acme)


def test_a_deleted_store_takes_its_sums_with_it(acme: Shop) -> None:
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(delete(Store).where(acme.business.key.owns(Store)))
    assert [rows(acme.business, table) for table in (*TABLES, StaleMoneyDay)] == [[]] * 8


def test_another_business_refreshes_none_of_it(acme: Shop, cast: Cast) -> None:
    acme.receive(at(utc(2026, 3, 20, 12), 300))
    assert rollups.refresh_money(StoreKey(cast.charlie.tenant_id, acme.business.store_id)) == 0
    assert len(stale(acme)) == 1


def test_an_audit_finds_what_a_trigger_missed_and_has_it_computed_again(acme: Shop) -> None:
    assert money.audit(acme.business.key) == 0
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(text("UPDATE goods_days SET cost_of_goods = 1 WHERE business_date = '2026-03-20'"))
        session.execute(text("DELETE FROM tax_days WHERE business_date = '2026-05-20'"))
        session.execute(text("UPDATE money_days SET paid_orders = 7 WHERE business_date = '2026-05-20'"))
        session.execute(text("UPDATE goods_order_days SET orders = 2 WHERE business_date = '2026-06-20'"))
    assert rollups.audit(acme.business.key, NOW) == {"money_days": 3}
    assert stale(acme) == [date(2026, 3, 20), date(2026, 5, 20), date(2026, 6, 20)]
    check(acme)
    assert money.audit(acme.business.key) == 0


@pytest.mark.parametrize(
    ("fault", "days"),
    [
        ("UPDATE goods_spans SET units = units + 1 WHERE span = '2026Q2'", (4, 5, 6)),
        ("DELETE FROM goods_order_spans WHERE span = '2026-08-11'", (8,)),
        ("UPDATE week_hour_spans SET hour = 23 - hour WHERE span = '2026-10'", (10,)),
    ],
)
def test_an_audit_compares_spans_with_their_days(acme: Shop, fault: str, days: tuple[int, ...]) -> None:
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(text(fault))
    assert money.audit(acme.business.key) == len(days)
    assert stale(acme) == [date(2026, month, 20) for month in days]
    rollups.refresh_money(acme.business.key)
    assert money.audit(acme.business.key) == 0


def test_an_audit_leaves_out_spans_with_stale_days(acme: Shop) -> None:
    acme.receive(changed(3, line_items=(made.line(price="30.00"),)))
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(text("DELETE FROM goods_spans WHERE span IN ('2026-03', '2026Q3')"))
    assert money.audit(acme.business.key) == 3
    assert stale(acme) == [date(2026, month, 20) for month in (3, 7, 8, 9)]
