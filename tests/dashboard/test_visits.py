"""Every page of one store counts as activity of a visit to it, also a record page; pages of the business do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from core import accounts
from core.database import tenant_session
from core.database.models import StoreVisit
from dashboard.navigation import PAGES
from tests.cast import Cast, add_store
from tests.dashboard.pages import open_page

OF_BUSINESS = {"all_stores", "settings", "stores", "targets"}
"""Pages about all stores, or about none."""
OF_STORE = [spec.file for spec in PAGES if spec.file not in OF_BUSINESS]


def visited_on(cast: Cast, page: str, **query: str) -> set[int]:
    """Open a page after the overview; returns the stores whose visit that page recorded."""
    app = open_page(cast.alice)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(delete(StoreVisit))
    for name, value in query.items():
        app.query_params[name] = value
    assert not app.switch_page(f"app_pages/{page}.py").run().exception
    with tenant_session(cast.acme.tenant_id) as session:
        return set(session.scalars(select(StoreVisit.store_id)))


@pytest.mark.parametrize("page", OF_STORE)
def test_a_page_of_a_store_counts(cast: Cast, page: str) -> None:
    assert visited_on(cast, page, order="5", customer="81", product="7") == {cast.acme.store_id}


def test_a_record_page_counts_for_the_store_of_its_address(cast: Cast) -> None:
    other = add_store(cast.alice.tenant_id, "Other", "other.myshopify.com", "EUR", "Europe/Berlin")
    assert visited_on(cast, "order", shop="other", order="5") == {other.store_id}
    assert visited_on(cast, "order", shop="globex", order="5") == set()


@pytest.mark.parametrize("page", sorted(OF_BUSINESS))
def test_a_page_of_the_business_counts_for_no_store(cast: Cast, page: str) -> None:
    assert visited_on(cast, page) == set()


def test_a_visit_goes_on_while_its_user_reads_single_orders(cast: Cast) -> None:
    """Forty minutes after the last report, but twenty after the last order, it is the same visit."""
    actor, store_id = cast.alice.actor, cast.acme.store_id
    days_ago = datetime.now(UTC) - timedelta(days=2)
    accounts.record_visit(actor, store_id, days_ago)
    app = open_page(cast.alice)
    let_pass(cast, timedelta(minutes=20))
    app.query_params["order"] = "5"
    app.switch_page("app_pages/order.py").run()
    let_pass(cast, timedelta(minutes=20))

    app.switch_page("app_pages/overview.py").run()

    assert accounts.previous_visit(actor, store_id) == days_ago


def let_pass(cast: Cast, time: timedelta) -> None:
    """Let the last activity be longer ago."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(StoreVisit).values(last_active_at=StoreVisit.last_active_at - time))
