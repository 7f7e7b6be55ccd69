"""The Cohorts page as each of the cast: the table of heat, what is hatched and marked, an empty store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import component_data, open_page, page_text

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


def test_an_empty_store_says_so_and_another_tenant_sees_nothing(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, 10, 81))
    app = open_page(cast.charlie, "cohorts")
    assert not app.exception
    assert not [element for element in app.get("bidi_component") if "cohorts" in element.proto.component_name]
