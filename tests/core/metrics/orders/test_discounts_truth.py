"""Discounts are the simulator's own, by code and title."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core import rollups
from core.metrics.orders.discount_days import REPEAT_DAYS
from core.metrics.orders.discounts import discounts
from core.shopify import pages
from core.simulator.shop import truth_discounts
from core.simulator.shop.shop import Shop, ShopSpec
from tests.core.metrics.conftest import Shop as Store
from tests.core.metrics.conftest import shop_of
from tests.simulated import read_shop

SPEC = ShopSpec(seed=5, customers=30, orders=120, until=date(2026, 11, 20), days=400)
DAYS = ("2026-01-05", "2026-11-10")


@pytest.fixture(scope="module")
def world(database_url: str) -> tuple[Shop, Store]:
    """The simulator's shop, and our store of the same orders."""
    shop, acme = read_shop(database_url, SPEC, pages.orders_page)
    return shop, shop_of(acme)


def test_each_discount_is_the_simulators_from_rows_and_from_kept_days(world: tuple[Shop, Store]) -> None:
    shop, store = world
    period, today = store.days(*DAYS), SPEC.until + timedelta(days=1)
    true = truth_discounts.by_discount(shop, period.start, period.end, today, REPEAT_DAYS)
    assert len(true) > 2
    for _ in range(2):
        ours = {row.label.lower(): row for row in store.ask(discounts, period, today) if row.discount_given}
        assert {
            name: (row.orders, row.discount_given, row.placed_value, row.orders_new, row.orders_settled)
            for name, row in ours.items()
        } == {
            name: (len(use.orders), use.given, use.placed_value, use.new, use.settled)
            for name, use in true.items()
            if use.given
        }
        assert {name: row.orders_repeated for name, row in ours.items()} == {
            name: use.repeated for name, use in true.items() if use.given
        }
        rollups.refresh_money(store.scope.store)
