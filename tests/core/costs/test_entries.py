"""Costs that a merchant types in: owners alone, dated, with a history, and never twice for the same days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import costs, stores
from core.costs import CostBasis, CostEntry, CostKind
from core.database import StoreKey
from core.errors import InvalidInput, NotAllowed, NotFound, StoreNotFound
from tests.cast import NOW, Cast, Person

RENT = CostEntry(CostKind.OTHER, Decimal(900), CostBasis.MONTH, name="Rent")
FEES = CostEntry(CostKind.PAYMENT_FEES, Decimal("0.25"), percent=Decimal("1.4"))


def enter(person: Person, cast: Cast, entry: CostEntry = RENT, **changes: Any) -> None:
    values = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    costs.add_cost(person.actor, cast.acme.store_id, CostEntry(**values | changes), NOW)


def current(cast: Cast) -> list[CostEntry]:
    return [view.entry for view in costs.costs(cast.acme.key)]


def test_an_owner_enters_a_cost_and_everybody_sees_whose_it_is(cast: Cast) -> None:
    before = stores.find(cast.acme.key).revision
    enter(cast.alice, cast)
    (view,) = costs.costs(cast.acme.key)
    assert (view.entry, view.currency, view.entered_by, view.entered_at) == (RENT, "EUR", "Alice Archer", NOW)
    assert stores.find(cast.acme.key).revision > before, "cached figures would be shown on"


def test_nobody_but_an_owner_of_the_business_changes_costs(cast: Cast) -> None:
    enter(cast.alice, cast)
    (view,) = costs.costs(cast.acme.key)
    for person, error in ((cast.bob, NotAllowed), (cast.charlie, (StoreNotFound, NotFound))):
        with pytest.raises(error):
            enter(person, cast)
        with pytest.raises(error):
            costs.replace_cost(person.actor, cast.acme.store_id, view.cost_id, RENT, NOW)
        with pytest.raises(error):
            costs.remove_cost(person.actor, cast.acme.store_id, view.cost_id, NOW)
    assert current(cast) == [RENT]


def test_another_business_sees_no_cost(cast: Cast) -> None:
    enter(cast.alice, cast)
    costs.remove_cost(cast.alice.actor, cast.acme.store_id, costs.costs(cast.acme.key)[0].cost_id, NOW)
    enter(cast.alice, cast)
    foreign = StoreKey(cast.charlie.tenant_id, cast.acme.store_id)
    assert (costs.costs(foreign), costs.cost_history(foreign)) == ((), ())


def test_a_changed_cost_stays_in_the_history_with_its_dates(cast: Cast) -> None:
    enter(cast.alice, cast)
    (view,) = costs.costs(cast.acme.key)
    later = NOW + timedelta(days=1)
    dearer = CostEntry(CostKind.OTHER, Decimal(950), CostBasis.MONTH, name="Rent")
    costs.replace_cost(cast.alice.actor, cast.acme.store_id, view.cost_id, dearer, later)
    assert current(cast) == [dearer]
    (former,) = costs.cost_history(cast.acme.key)
    assert (former.entry, former.entered_at, former.replaced_at) == (RENT, NOW, later)
    assert former.replaced_by == "Alice Archer"


def test_a_second_click_removes_nothing_else(cast: Cast) -> None:
    enter(cast.alice, cast)
    (view,) = costs.costs(cast.acme.key)
    costs.remove_cost(cast.alice.actor, cast.acme.store_id, view.cost_id, NOW)
    with pytest.raises(NotFound, match="reload"):
        costs.remove_cost(cast.alice.actor, cast.acme.store_id, view.cost_id, NOW)
    assert current(cast) == []


def test_payment_fees_of_the_same_days_are_refused_and_of_the_next_days_taken(cast: Cast) -> None:
    enter(cast.alice, cast, FEES, valid_to=date(2026, 10, 31))
    with pytest.raises(InvalidInput, match="these days have a cost already"):
        enter(cast.alice, cast, FEES, valid_from=date(2026, 10, 31))
    enter(cast.alice, cast, FEES, valid_from=date(2026, 11, 1))
    assert len(current(cast)) == 2


def test_a_refused_change_leaves_the_cost_as_it_was(cast: Cast) -> None:
    enter(cast.alice, cast)
    (view,) = costs.costs(cast.acme.key)
    with pytest.raises(InvalidInput):
        costs.replace_cost(
            cast.alice.actor, cast.acme.store_id, view.cost_id, CostEntry(CostKind.OTHER, Decimal(1)), NOW
        )
    assert current(cast) == [RENT]


def test_advertising_may_have_several_channels(cast: Cast) -> None:
    for channel in ("Meta", "Google"):
        enter(cast.alice, cast, CostEntry(CostKind.ADVERTISING, Decimal(10), CostBasis.DAY, name=channel))
    assert [entry.name for entry in current(cast)] == ["Meta", "Google"]


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"name": " "}, "what the cost is for"),
        ({"name": "x" * 61}, "Shorten"),
        ({"percent": Decimal(1)}, "Only payment fees"),
        ({"amount": Decimal(-1)}, "positive"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "swap"),
        ({"kind": CostKind.PACKAGING}, "per order"),
        ({"kind": CostKind.PAYMENT_FEES, "basis": CostBasis.ORDER, "percent": Decimal(101)}, "between 0 and 100"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_cure(cast: Cast, changes: dict[str, Any], cure: str) -> None:
    with pytest.raises(InvalidInput, match=cure):
        enter(cast.alice, cast, RENT, **changes)
    assert current(cast) == []
