"""A session of another business sees no row, whichever question it asks and whichever store it names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

import pytest

from core import rollups
from core.database import StoreKey, system_session, tenant_session
from core.database.models import DayCheck
from core.domain import Transaction
from core.metrics import Scope
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW, Shop
from tests.core.metrics.questions import ARGUMENTS, CHECKOUT_ID, MODULES

ALWAYS_THERE = {"start", "day", "segment"}
"""Fields that an answer about nothing has, too."""


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
    acme.receive(sold_out, made.customer(81, rfm_group="loyal"), order, made.checkout(CHECKOUT_ID), made.cart())
    rollups.rebuild_segments(acme.business.key, NOW)
    with tenant_session(acme.business.tenant_id) as session:
        compared = {"state": "differs", "ours": 1, "theirs": 2, "currency": "EUR", "checked_at": made.PLACED}
        session.add(DayCheck(**acme.business.key.parameters, day=made.PLACED.date(), **compared))
    return acme


@pytest.mark.parametrize("question", ARGUMENTS, ids=lambda question: question.__name__)
def test_only_the_tenant_of_the_session_is_answered(busy: Shop, cast: Cast, question: Callable[..., Any]) -> None:
    arguments = ARGUMENTS[question](busy)
    own_answer = busy.ask(question, *arguments)
    assert not is_empty(own_answer), "the owner sees something, or this test would prove nothing"
    for scope in (busy.scope, Scope(StoreKey(cast.charlie.tenant_id, busy.scope.store.store_id))):
        with tenant_session(cast.charlie.tenant_id) as session:
            assert is_empty(question(session, scope, *arguments))


@pytest.mark.parametrize("question", ARGUMENTS, ids=lambda question: question.__name__)
def test_without_a_tenant_nothing_is_answered(busy: Shop, question: Callable[..., Any]) -> None:
    with system_session() as session:
        assert is_empty(question(session, busy.scope, *ARGUMENTS[question](busy)))


def is_empty(answer: Any) -> bool:
    """Whether an answer has no row, no day with an amount, and no total but zero."""
    if is_dataclass(answer):
        return all(
            is_empty(getattr(answer, field.name)) for field in fields(answer) if field.name not in ALWAYS_THERE
        )
    if isinstance(answer, tuple | list):
        return all(map(is_empty, answer))
    return answer is None or answer == 0
