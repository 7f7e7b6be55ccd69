"""A session of another business sees no row, whichever question it asks and whichever store it names."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text, update

from core import metrics, rollups
from core.database import StoreKey, system_session, tenant_session
from core.database.models import Arrival, DayCheck, Delivery, DeliveryState, RollupAudit, Store
from core.domain import Kind, ReturnLine, Source, Transaction, Unreadable
from core.domain.orders import Allocation, DiscountKind
from core.metrics import Scope
from core.metrics.orders.days import skip_days
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW, Shop
from tests.core.metrics.questions import ARGUMENTS, CHECKOUT_ID, RANKED
from tests.shopify_sends import store_delivery

ALWAYS_THERE = {"start", "day", "segment", "is_open", "is_from_first", "contains_tax"}
"""Fields that an answer about nothing has, too."""
NOT_ANSWERS = {skip_days}
"""They narrow another question's period and return it."""
QUESTIONS = (*ARGUMENTS.items(), *RANKED)


def test_no_question_is_missing_here() -> None:
    modules = (
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(metrics.__path__, f"{metrics.__name__}.")
    )
    asked = {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if {"session", "scope"} <= inspect.signature(function).parameters.keys()
    }
    assert asked - NOT_ANSWERS == set(ARGUMENTS)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Make a shop of Alice's with a result for every question."""
    store = acme.business.key
    with tenant_session(store.tenant_id) as session:
        is_loaded = {"changes_kept_since": text("clock_timestamp()")}
        session.execute(update(Store).where(store.owns(Store)).values(**is_loaded))
        compared = {"ours": 1, "theirs": 2, "currency": "EUR", "checked_at": made.PLACED}
        session.add(DayCheck(**store.parameters, day=made.PLACED.date(), state="differs", **compared))
        session.add(Arrival(**store.parameters, day=made.PLACED.date(), source="webhook", changes=1))
        session.add(RollupAudit(**store.parameters, audited_at=NOW, differing=1))
    _sell(acme)
    delivery_id = store_delivery(acme.business, "orders/create", {"id": made.ORDER_ID})
    with tenant_session(store.tenant_id) as session:
        failed = {"state": DeliveryState.FAILED, "refusal": "unreadable", "reason": "name is missing"}
        session.execute(update(Delivery).where(Delivery.delivery_id == delivery_id).values(**failed))
    rollups.rebuild_baskets(store, NOW + timedelta(days=120))  # First orders have had their time.
    rollups.rebuild_segments(store, NOW)
    return acme


def _sell(shop: Shop) -> None:
    """Write an order with a refund, a return, a discount and payments, and the odd ones that some questions list."""
    sold_out = made.product(
        variants=(made.variant(inventory_quantity=0, unit_cost=Decimal(8), inventory_item_id=9071),)
    )
    shop.receive(
        sold_out, made.level(), made.customer(81, rfm_group="loyal"), made.checkout(CHECKOUT_ID), made.cart()
    )
    share = Allocation(DiscountKind.CODE, "SAVE10", Decimal(4))
    order = made.order(
        customer_id=81,
        line_items=(made.line(discount=Decimal(4), allocations=(share,)),),
        refunds=(made.refund(),),
        return_lines=(ReturnLine(1, 1, made.REFUNDED, "open", 1, "other", line_item_id=11),),
        transactions=(
            Transaction(1, "sale", "success", made.PLACED, Decimal(9), "paypal"),
            Transaction(2, "sale", "success", made.PLACED, Decimal(1), "gift_card"),
        ),
    )
    both_products = (made.line(), made.line(12, product_id=8, variant_id=72))
    first_orders = [
        made.order(order_id=number, customer_id=number, line_items=both_products) for number in range(2001, 2011)
    ]
    strange = made.agreement(made.sale("carbon_offset", total="2.38", tax="0.38"))
    shop.receive(
        order,
        *first_orders,
        made.order(order_id=2011, currency="USD"),
        made.order(order_id=2012, source=Source.CSV, refunds_undated=Decimal(5)),
        made.order(order_id=2013, agreements=(strange,)),
        Unreadable(Kind.ORDER, 2014, "name is missing"),
    )


def test_only_the_tenant_of_the_session_is_answered(busy: Shop, cast: Cast) -> None:
    scopes = (busy.scope, Scope(StoreKey(cast.charlie.tenant_id, busy.scope.store.store_id)))
    unanswered, leaked = [], []
    for question, arguments_for in QUESTIONS:
        arguments = arguments_for(busy)
        if is_empty(busy.ask(question, *arguments)):
            unanswered.append(question.__name__)
        with tenant_session(cast.charlie.tenant_id) as session:
            leaked += [question.__name__ for scope in scopes if not is_empty(question(session, scope, *arguments))]
    assert unanswered == [], "the owner sees something, or this test would prove nothing"
    assert leaked == []


def test_without_a_tenant_nothing_is_answered(busy: Shop) -> None:
    leaked = []
    for question, arguments_for in QUESTIONS:
        arguments = arguments_for(busy)
        with system_session() as session:
            if not is_empty(question(session, busy.scope, *arguments)):
                leaked.append(question.__name__)
    assert leaked == []


def is_empty(answer: Any) -> bool:
    """Whether an answer has no row, no day with an amount, and no total but zero."""
    if is_dataclass(answer):
        return all(
            is_empty(getattr(answer, field.name)) for field in fields(answer) if field.name not in ALWAYS_THERE
        )
    if isinstance(answer, Mapping):
        return all(map(is_empty, answer.values()))
    if isinstance(answer, tuple | list):
        return all(map(is_empty, answer))
    return answer is None or answer == 0


def test_an_answer_with_an_amount_anywhere_is_not_empty() -> None:
    assert is_empty(({"EUR": (Decimal(0), None)}, ()))
    assert not is_empty(({"EUR": (Decimal(0), 1)}, ()))
