"""A session of another business sees no row, whichever question it asks and whichever store it names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.database import StoreKey, system_session, tenant_session
from core.database.models import DayCheck
from core.domain import Transaction
from core.domain.periods import Grain
from core.metrics import Scope, attention
from core.metrics.customers import listing as customers
from core.metrics.money import (
    finance,
    gift_cards,
    order_costs,
    payments,
    profit,
    profit_orders,
    profit_products,
    taxes,
    variant_costs,
)
from core.metrics.orders import listing as orders
from core.metrics.orders.listing import Summary
from core.metrics.paging import Page
from core.metrics.products import listing as products
from core.metrics.products import movers
from core.metrics.sales import origins, overview, pace, week_hours
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER

ARGUMENTS: dict[Callable[..., Any], tuple[Any, ...]] = {
    overview.report: (Grain.MONTH,),
    overview.report_beside: (),
    pace.paces: (),
    products.sales_by_product: (),
    products.sales_by_variant: (),
    products.count_products: (),
    products.count_variants: (),
    customers.buyers: (),
    customers.count_buyers: (),
    orders.orders: (),
    orders.orders_page: (),
    orders.count_orders: (),
    orders.summary: (),
    orders.first_day: (),
    profit.profit: (Grain.MONTH,),
    profit.profit_beside: (),
    profit_products.profit_by_product: (),
    profit_products.count_earnings: (),
    profit_orders.profit_by_order: (),
    payments.payments_by_gateway: (),
    taxes.taxes: (),
    gift_cards.gift_cards: (),
    movers.movers: (5,),
    attention.sold_out: (),
    attention.faults: (),
    origins.sales_by_origin: (origins.Origin.COUNTRY,),
    origins.sales_by_kind: (Grain.MONTH,),
    week_hours.week_hours: (),
    finance.finance: (Grain.MONTH,),
    variant_costs.uncosted_variants: (),
    variant_costs.catalogue_variants: ([71], []),
    profit_orders.order_profit: (made.ORDER_ID,),
    order_costs.order_costs: (made.ORDER_ID,),
}
"""Every question there is, with what it needs beside a period."""
MODULES = (
    overview,
    pace,
    products,
    customers,
    orders,
    profit,
    profit_products,
    profit_orders,
    payments,
    taxes,
    variant_costs,
    finance,
    gift_cards,
    order_costs,
    movers,
    origins,
    week_hours,
    attention,
)


def test_no_question_is_missing_here() -> None:
    asked = {
        function
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and "session" in inspect.signature(function).parameters
        if not name.startswith("_")
    }
    assert asked == set(ARGUMENTS)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Make a shop of Alice's with a result for every question."""
    sold_out = made.product(variants=(made.variant(inventory_quantity=0),))
    paid = Transaction(1, "sale", "success", made.PLACED, Decimal(9), "paypal")
    by_card = Transaction(2, "sale", "success", made.PLACED, Decimal(1), "gift_card")
    order = made.order(customer_id=81, refunds=(made.refund(),), transactions=(paid, by_card))
    acme.receive(sold_out, made.customer(81), order)
    with tenant_session(acme.business.tenant_id) as session:
        compared = {"state": "differs", "ours": 1, "theirs": 2, "currency": "EUR", "checked_at": made.PLACED}
        session.add(DayCheck(**acme.business.key.parameters, day=made.PLACED.date(), **compared))
    return acme


@pytest.mark.parametrize("question", ARGUMENTS, ids=lambda question: question.__name__)
def test_only_the_tenant_of_the_session_is_answered(busy: Shop, cast: Cast, question: Callable[..., Any]) -> None:
    own_answer = busy.ask(question, *_arguments(question, busy))
    assert not _is_empty(own_answer), "the owner sees something, or this test would prove nothing"
    for scope in (busy.scope, Scope(StoreKey(cast.charlie.tenant_id, busy.scope.store.store_id))):
        with tenant_session(cast.charlie.tenant_id) as session:
            assert _is_empty(question(session, scope, *_arguments(question, busy)))


@pytest.mark.parametrize("question", ARGUMENTS, ids=lambda question: question.__name__)
def test_without_a_tenant_nothing_is_answered(busy: Shop, question: Callable[..., Any]) -> None:
    with system_session() as session:
        assert _is_empty(question(session, busy.scope, *_arguments(question, busy)))


def _arguments(question: Callable[..., Any], shop: Shop) -> tuple[Any, ...]:
    period = shop.days(*NOVEMBER)
    if question in (overview.report_beside, profit.profit_beside):
        return period, period, Grain.MONTH
    if question is movers.movers:
        return period, shop.days("2025-11-01", "2025-11-30"), 5
    if question is pace.paces:
        return ((shop.days(made.PLACED.date().isoformat()),),)
    if question in (profit_orders.order_profit, order_costs.order_costs, variant_costs.catalogue_variants):
        return ARGUMENTS[question]
    if question in (orders.first_day, attention.faults):
        return ()
    if question is attention.sold_out:
        return (made.PLACED.date() + timedelta(days=1),)
    if question in (orders.orders, orders.orders_page, orders.count_orders):
        return (orders.OrderQuestion(period),)
    return period, *ARGUMENTS[question]


def _is_empty(answer: Any) -> bool:
    if isinstance(answer, overview.Report | profit.ProfitReport | finance.FinanceReport | origins.KindReport):
        empty = type(answer.whole)()
        return answer.whole == empty and all(point.figures == empty for point in answer.points)
    if isinstance(answer, tuple) and answer and isinstance(answer[0], pace.Pace):
        return all(running == pace.Running(Decimal(0), Decimal(0), 0) for day in answer for running in day.hours)
    if isinstance(answer, attention.Faults):
        return answer == attention.Faults(0, 0)
    if isinstance(answer, gift_cards.GiftCards):
        return not answer.are_known
    if isinstance(answer, Page):
        return answer.rows == ()
    if isinstance(answer, Summary):
        return answer.orders == 0
    return answer is None or answer in ((), 0, products.GoodsCount(0, 0, Decimal(0)))
