"""Baskets are counted after the first load and once a night, and a repeated count changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from core.database import tenant_session
from core.database.models import BasketBuild, BasketProduct, ProductPair, RecentSale
from core.rollups import queue_baskets_if_due, rebuild_baskets
from tests import factories as made
from tests.cast import Business, Cast
from tests.stored import write

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def acme(cast: Cast) -> Business:
    lines = (made.line(), made.line(12, product_id=8), made.line(13, product_id=7), made.line(14, product_id=None))
    for number in (1, 2, 3):
        write(cast.acme, made.order(order_id=number, line_items=lines))
    write(cast.acme, made.order(order_id=4, test=True, line_items=lines))
    return cast.acme


def queued(business: Business) -> int:
    with tenant_session(business.tenant_id) as session:
        count: int = session.scalars(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'count_baskets'")
        ).one()
    return count


def finish_load(business: Business) -> None:
    with tenant_session(business.tenant_id) as session:
        session.execute(text("UPDATE stores SET complete_until = now()"))


def test_a_product_counts_once_an_order_and_goods_without_a_product_never(acme: Business) -> None:
    for _ in range(2):
        rebuild_baskets(acme.key, NOW)
    with tenant_session(acme.tenant_id) as session:
        by_product = {row.product_id: row.orders for row in session.scalars(select(BasketProduct))}
        pairs = [(row.product_id, row.other_id, row.orders) for row in session.scalars(select(ProductPair))]
        build = session.scalars(select(BasketBuild)).one()
    assert by_product == {7: 3, 8: 3}
    assert pairs == [(7, 8, 3)]
    assert (build.orders, build.large_orders) == (3, 0)


def test_an_order_of_very_many_products_is_counted_apart(acme: Business) -> None:
    lines = tuple(made.line(number, product_id=number) for number in range(100, 121))
    write(acme, made.order(order_id=5, line_items=lines))
    rebuild_baskets(acme.key, NOW)
    with tenant_session(acme.tenant_id) as session:
        build = session.scalars(select(BasketBuild)).one()
        assert session.get(BasketProduct, (acme.tenant_id, acme.store_id, 100)) is None
    assert (build.orders, build.large_orders) == (3, 1)


def test_recent_sales_are_those_of_the_whole_days_before(acme: Business) -> None:
    at = NOW - timedelta(days=28)
    write(acme, made.order(order_id=6, created_at=at, processed_at=at))
    write(acme, made.order(order_id=7, created_at=NOW, processed_at=NOW))
    rebuild_baskets(acme.key, NOW)
    with tenant_session(acme.tenant_id) as session:
        recent = {(row.product_id, row.variant_id): row.units for row in session.scalars(select(RecentSale))}
    assert recent == {(7, 71): 14, (8, 71): 6}, "12 of the first three orders and 2 of four weeks ago"


def test_a_count_is_due_after_the_first_load_and_then_each_night(acme: Business) -> None:
    queue_baskets_if_due(acme.key, NOW)
    assert queued(acme) == 0, "the first load has not ended"
    finish_load(acme)
    for _ in range(2):
        queue_baskets_if_due(acme.key, NOW)
    assert queued(acme) == 1, "and no second job waits"
    with tenant_session(acme.tenant_id) as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    rebuild_baskets(acme.key, NOW)
    queue_baskets_if_due(acme.key, NOW + timedelta(hours=8))
    assert queued(acme) == 0
    queue_baskets_if_due(acme.key, NOW + timedelta(hours=12))
    assert queued(acme) == 1
