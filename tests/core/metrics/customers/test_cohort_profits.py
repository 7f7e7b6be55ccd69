"""The profit of cohorts: from kept profits, from rows, and of goods whose cost nobody knows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core import rollups
from core.database import StoreKey, tenant_session
from core.metrics import Scope
from core.metrics.customers.cohort_profits import Earned, cohort_profits, earned_by_period
from core.metrics.customers.cohorts import Width, cohorts
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, utc

TODAY = date(2026, 11, 21)
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """Two customers of September, one of October. Shirts at 20.00 cost 8.00, caps at 99.00 an unknown amount.

    Each order is of two shirts (40 - 16 = 24), one of November of a cap only. One shirt of the first came back.
    """
    cap = made.line(price="99.00", quantity=1, product_id=8, variant_id=81, tax="0")
    acme.receive(
        made.product(variants=(made.variant(71, unit_cost=Decimal(8)),)),
        made.product(product_id=8, variants=(made.variant(81),)),
        at(utc(2026, 9, 1), 1, customer_id=1, refunds=(made.refund(31, 1, utc(2026, 11, 4)),)),
        at(utc(2026, 9, 2), 2, customer_id=2),
        at(utc(2026, 10, 5), 3, customer_id=2),
        at(utc(2026, 10, 6), 4, customer_id=3),
        at(utc(2026, 11, 7), 5, customer_id=3, line_items=(cap,)),
    )
    return acme


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_cohort_earns_in_the_period_of_its_orders(shop: Shop, is_kept: bool) -> None:
    if is_kept:
        assert rollups.refresh_money(shop.scope.store)
    found = shop.ask(cohort_profits, Width.MONTH, TODAY)
    assert found == {
        (SEPTEMBER, SEPTEMBER): Earned(Decimal(36), Decimal(60)),
        (SEPTEMBER, OCTOBER): Earned(Decimal(24), Decimal(40)),
        (OCTOBER, OCTOBER): Earned(Decimal(24), Decimal(40)),
        (OCTOBER, NOVEMBER): Earned(Decimal(0), Decimal(0)),
    }
    september, october = shop.ask(cohorts, Width.MONTH, TODAY)
    assert [one.margin for one in earned_by_period(september, found)] == [Decimal("0.6"), Decimal("0.6"), None]
    assert [one.margin for one in earned_by_period(october, found)] == [Decimal("0.6"), None]


def test_quarters_have_the_months_of_both(shop: Shop) -> None:
    found = shop.ask(cohort_profits, Width.QUARTER, TODAY)
    assert found == {
        (date(2026, 7, 1), date(2026, 7, 1)): Earned(Decimal(36), Decimal(60)),
        (date(2026, 7, 1), date(2026, 10, 1)): Earned(Decimal(24), Decimal(40)),
        (date(2026, 10, 1), date(2026, 10, 1)): Earned(Decimal(24), Decimal(40)),
    }


def test_with_too_many_stale_orders_nothing_is_computed(shop: Shop) -> None:
    assert shop.ask(cohort_profits, Width.MONTH, TODAY, 5) is not None
    assert shop.ask(cohort_profits, Width.MONTH, TODAY, 4) is None
    rollups.refresh_money(shop.scope.store)
    assert shop.ask(cohort_profits, Width.MONTH, TODAY, 0) is not None


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        assert cohort_profits(session, foreign, Width.MONTH, TODAY) == {}
