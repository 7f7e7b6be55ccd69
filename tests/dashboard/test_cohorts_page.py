"""The Cohorts page as each of the cast: the table of heat, what is hatched and marked, an empty store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import costs
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import component_data, open_page, page_text, tiles

NOW = datetime.now(UTC)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


def placed(order_id: int, days_ago: int, customer_id: int) -> Any:
    at = NOW - timedelta(days=days_ago)
    return made.order(order_id=order_id, created_at=at, processed_at=at, customer_id=customer_id)


def test_the_newest_cohort_comes_first_and_unfinished_periods_are_hatched(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, 100, 81), placed(2, 0, 81), placed(3, 0, 82))
    app = open_page(cast.alice, "cohorts")
    assert not app.exception
    data = component_data(app, "cohorts")
    total, newest, oldest = data["rows"]
    assert [cell["is_open"] for cell in newest["cells"]] == [True]
    assert newest["note"] == "1 customer so far"
    assert (oldest["note"], oldest["mark"], total["is_total"]) == ("1 customer", "few customers", True)
    assert oldest["cells"][-1] == {"text": "100.0%", "strength": 1.0, "is_open": True}
    assert [cell["text"] for cell in oldest["cells"][1:-1]] == ["0.0%"] * (len(oldest["cells"]) - 2)
    assert "counts second orders only" in page_text(app)


def test_the_table_shows_money_by_week_too(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, 10, 81), placed(2, 0, 81))
    app = open_page(cast.alice, "cohorts")
    app.get_by_key("cohorts-by").set_value("Weeks").run()
    app.get_by_key("cohorts-show").set_value("Net sales a customer").run()
    assert not app.exception
    _, week = component_data(app, "cohorts")["rows"]
    assert week["cells"][-1]["text"] == "€80.00"
    assert week["name"].startswith("Week of ")


def test_a_customer_has_a_value_within_the_days_that_are_over(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, 100, 81), placed(2, 50, 81), placed(3, 20, 82))
    drawn = tiles(open_page(cast.alice, "cohorts"))
    assert {label: (tile["text"], tile["note"]) for label, tile in drawn.items()} == {
        "Within 30 days": ("€40.00", "of 1 customer"),
        "Within 60 days": ("€80.00", "of 1 customer"),
        "Within 90 days": ("€80.00", "of 1 customer"),
    }


@pytest.mark.parametrize(("amount", "words"), [("5", "paid back in the same month"), ("26", "not paid back yet")])
def test_a_cohort_says_what_a_customer_cost_and_when_it_paid_back(
    cast: Cast, acme: Shop, amount: str, words: str
) -> None:
    """Two shirts of 20.00 that cost 7.50 each earn 25.00."""
    acme.receive(made.product(variants=(made.variant(71, unit_cost=Decimal("7.50")),)), placed(1, 100, 81))
    advertising = costs.CostEntry(costs.CostKind.ADVERTISING, Decimal(amount), name="Search ads")
    costs.add_cost(cast.alice.actor, cast.acme.store_id, advertising, NOW)
    app = open_page(cast.alice, "cohorts")
    app.get_by_key("cohorts-show").set_value("Profit a customer").run()
    assert not app.exception
    _, cohort = component_data(app, "cohorts")["rows"]
    assert cohort["note"] == f"1 customer\n€{amount}.00 advertising each"
    assert cohort["mark"] == f"few customers, {words}"


def test_without_advertising_the_page_says_where_to_enter_it(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, 100, 81))
    app = open_page(cast.alice, "cohorts")
    assert "Enter your advertising" not in page_text(app)
    app.get_by_key("cohorts-show").set_value("Profit a customer").run()
    assert "Enter your advertising" in page_text(app)


def test_an_empty_store_says_so_and_another_tenant_sees_nothing(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, 10, 81))
    app = open_page(cast.charlie, "cohorts")
    assert not app.exception
    assert not [element for element in app.get("bidi_component") if "cohorts" in element.proto.component_name]
