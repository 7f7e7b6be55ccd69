"""The profit of cohorts: from kept profits, from rows, and of goods whose cost nobody knows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core import rollups
from core.database import StoreKey, tenant_session
from core.metrics import Scope
from core.metrics.customers.cohort_profits import (
    Earned,
    cohort_profits,
    coverage,
    earned_by_period,
    margin_of_all,
    margins,
    profit_a_customer_of_all,
    profits_a_customer,
)
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


def test_a_customer_earned_what_its_cohort_did_so_far(shop: Shop) -> None:
    """September: 36 of two customers, then 60. October: 24 of one, whose cap of November has no known cost."""
    found, profits = shop.ask(cohorts, Width.MONTH, TODAY), shop.ask(cohort_profits, Width.MONTH, TODAY)
    september, october = found
    assert profits_a_customer(september, profits) == [Decimal(18), Decimal(30), Decimal(30)]
    assert profits_a_customer(october, profits) == [Decimal(24), Decimal(24)]
    assert margins(september, profits) == [Decimal("0.6"), Decimal("0.6"), None]


def test_all_cohorts_together_divide_their_sums(shop: Shop) -> None:
    """Only September has completed its second period: November has not ended."""
    found, profits = shop.ask(cohorts, Width.MONTH, TODAY), shop.ask(cohort_profits, Width.MONTH, TODAY)
    assert [profit_a_customer_of_all(found, profits, number) for number in range(3)] == [
        Decimal(20),
        Decimal(30),
        None,
    ]
    assert margin_of_all(found, profits, 0) == Decimal("0.6")
    assert margin_of_all(found, profits, 2) is None


def test_the_cost_of_a_cap_is_not_covered(shop: Shop) -> None:
    """Shirts of 60, 40 and 40 have a cost, the cap of 99 has none."""
    found, profits = shop.ask(cohorts, Width.MONTH, TODAY), shop.ask(cohort_profits, Width.MONTH, TODAY)
    assert coverage(found, profits) == Decimal(140) / Decimal(239)


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
