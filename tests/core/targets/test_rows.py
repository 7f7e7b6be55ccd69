"""Targets are set by owners alone, once a click, for their own stores, and every change stays on record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update

from core import targets
from core.database import tenant_session
from core.database.models import Store
from core.errors import InvalidInput, NotAllowed, StoreNotFound
from core.targets import TargetMetric, TargetView
from tests.cast import NOW, Cast

NOVEMBER = date(2026, 11, 1)
SALES, ORDERS = TargetMetric.NET_SALES, TargetMetric.ORDERS


def test_the_newest_target_counts_and_all_are_on_record(cast: Cast) -> None:
    actor, store = cast.alice.actor, cast.acme
    targets.set_target(actor, store.store_id, NOVEMBER, SALES, Decimal("40000"), NOW)
    targets.set_target(actor, store.store_id, NOVEMBER, SALES, Decimal("45000.004"), NOW)
    targets.set_target(actor, store.store_id, NOVEMBER, ORDERS, Decimal("300.4"), NOW)
    assert set(targets.list_targets(store.key)) == {
        TargetView(NOVEMBER, SALES, Decimal("45000.00"), "EUR"),
        TargetView(NOVEMBER, ORDERS, Decimal(300), "EUR"),
    }
    targets.remove_target(actor, store.store_id, NOVEMBER, SALES, NOW)
    assert [target.metric for target in targets.list_targets(store.key)] == [ORDERS]
    changes = targets.history(store.key)
    assert [(change.metric, change.amount, change.by) for change in changes] == [
        (SALES, None, "Alice Archer"),
        (ORDERS, 300, "Alice Archer"),
        (SALES, Decimal("45000.00"), "Alice Archer"),
        (SALES, Decimal("40000.00"), "Alice Archer"),
    ]


def test_a_second_click_changes_nothing(cast: Cast) -> None:
    for _ in range(2):
        targets.set_target(cast.alice.actor, cast.acme.store_id, NOVEMBER, SALES, Decimal("40000"), NOW)
    assert len(targets.history(cast.acme.key)) == 1
    for _ in range(2):
        targets.remove_target(cast.alice.actor, cast.acme.store_id, NOVEMBER, SALES, NOW)
        targets.remove_target(cast.alice.actor, cast.acme.store_id, NOVEMBER, ORDERS, NOW)
    assert len(targets.history(cast.acme.key)) == 2


def test_a_target_keeps_the_currency_that_it_was_set_in(cast: Cast) -> None:
    targets.set_target(cast.alice.actor, cast.acme.store_id, NOVEMBER, SALES, Decimal("40000.50"), NOW)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).where(cast.acme.key.owns(Store)).values(currency="JPY"))
    assert targets.list_targets(cast.acme.key)[0].currency == "EUR"
    targets.set_target(cast.alice.actor, cast.acme.store_id, NOVEMBER, SALES, Decimal("40000.50"), NOW)
    (target,) = targets.list_targets(cast.acme.key)
    assert (target.amount, target.currency) == (40001, "JPY")


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1e13", "NaN", "Infinity"])
def test_an_amount_that_is_no_target_is_refused(cast: Cast, amount: str) -> None:
    with pytest.raises(InvalidInput, match="above zero"):
        targets.set_target(cast.alice.actor, cast.acme.store_id, NOVEMBER, SALES, Decimal(amount), NOW)
    assert targets.list_targets(cast.acme.key) == ()


@pytest.mark.parametrize("month", [date(2026, 11, 2), date(2025, 10, 1), date(2028, 12, 1)])
def test_a_month_that_is_none_or_too_far_away_is_refused(cast: Cast, month: date) -> None:
    with pytest.raises(InvalidInput, match="Choose a month"):
        targets.set_target(cast.alice.actor, cast.acme.store_id, month, SALES, Decimal(1), NOW)


def test_only_owners_set_targets_and_only_for_their_own_stores(cast: Cast) -> None:
    for actor, error in ((cast.bob.actor, NotAllowed), (cast.charlie.actor, StoreNotFound)):
        with pytest.raises(error):
            targets.set_target(actor, cast.acme.store_id, NOVEMBER, SALES, Decimal(1), NOW)
        with pytest.raises(error):
            targets.remove_target(actor, cast.acme.store_id, NOVEMBER, SALES, NOW)
    assert targets.history(cast.acme.key) == ()
    foreign = type(cast.acme.key)(cast.charlie.tenant_id, cast.acme.store_id)
    targets.set_target(cast.alice.actor, cast.acme.store_id, NOVEMBER, SALES, Decimal(1), NOW)
    assert targets.list_targets(foreign) == targets.history(foreign) == ()
