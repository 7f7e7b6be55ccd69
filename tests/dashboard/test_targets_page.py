"""The Targets page as each of the cast: set, see the pace, replace and remove; and the line that Overview offers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core import targets
from core.database import tenant_session
from core.database.models import Store
from core.targets import TargetMetric
from dashboard.drawing.target_words import month_name
from tests import factories as made
from tests.cast import Cast, add_store
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import components, downloads, open_page, page_text, press, tables

NOW = datetime.now(UTC)
BERLIN_MONTH = NOW.astimezone(ZoneInfo("Europe/Berlin")).date().replace(day=1)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


def set_target(cast: Cast, amount: str = "1000", metric: TargetMetric = TargetMetric.NET_SALES) -> None:
    targets.set_target(cast.alice.actor, cast.acme.store_id, BERLIN_MONTH, metric, Decimal(amount), NOW)


def type_amount(app: AppTest, amount: float) -> AppTest:
    (entry,) = app.number_input
    return entry.set_value(amount).run()


def test_an_owner_sets_a_target_replaces_it_and_removes_it(cast: Cast, acme: Shop) -> None:
    acme.receive(made.order(processed_at=NOW, created_at=NOW, updated_at=NOW))
    app = open_page(cast.alice, "targets")
    assert f"No target for {month_name(BERLIN_MONTH)}. Set one above." in page_text(app)
    press(type_amount(app, 400.0), "Save target")
    assert "€40\\.00 of €400\\.00 \\(10\\.0%\\)" in page_text(app)
    assert "saved: €400\\.00" in page_text(app)
    press(type_amount(app, 800.0), "Save target")
    assert "€40\\.00 of €800\\.00 \\(5\\.0%\\)" in page_text(app)
    press(app, "Remove target")
    assert "No target for" in page_text(app)
    assert len(targets.history(cast.acme.key)) == 3


def test_zero_is_refused_with_the_cure(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice, "targets")
    press(app, "Save target")
    assert "Type a target above zero" in page_text(app)


def test_a_viewer_sees_the_targets_and_cannot_set_them(cast: Cast, acme: Shop) -> None:
    set_target(cast)
    app = open_page(cast.bob, "targets")
    assert not app.exception
    assert "€0\\.00 of €1,000\\.00" in page_text(app)
    assert not app.number_input


def test_other_months_have_their_result(cast: Cast, acme: Shop) -> None:
    last = (BERLIN_MONTH - timedelta(days=1)).replace(day=1)
    targets.set_target(cast.alice.actor, cast.acme.store_id, last, TargetMetric.ORDERS, Decimal(2), NOW)
    noon = datetime(last.year, last.month, 3, 12, tzinfo=UTC)
    acme.receive(made.order(processed_at=noon, created_at=noon, updated_at=NOW))
    app = open_page(cast.alice, "targets")
    assert tables(app)["Targets of Acme (acme.myshopify.com)"] == [
        [month_name(last), "Orders", "2 orders", "1 order", "50.0%"]
    ]


def test_a_target_in_a_currency_of_before_says_so(cast: Cast, acme: Shop) -> None:
    set_target(cast)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).where(cast.acme.key.owns(Store)).values(currency="USD"))
    app = open_page(cast.alice, "targets")
    assert "This target is in EUR, and the store sells in USD now" in page_text(app)
    assert "of €1,000\\.00" in page_text(app)


def test_without_a_store_the_page_says_what_to_do(cast: Cast) -> None:
    app = open_page(cast.dana, "targets")
    assert not app.exception
    assert not app.number_input


def test_charlie_sees_nothing_of_alices_targets(cast: Cast, acme: Shop) -> None:
    set_target(cast)
    open_page(cast.alice, "targets")
    app = open_page(cast.charlie, "targets")
    assert "1,000" not in page_text(app)
    assert "No target for" in page_text(app)


def test_overview_says_where_this_months_target_stands(cast: Cast, acme: Shop) -> None:
    acme.receive(made.order(processed_at=NOW, created_at=NOW, updated_at=NOW))
    assert target_lines(open_page(cast.alice, "overview")) == []
    set_target(cast, "400")
    (line,) = target_lines(open_page(cast.alice, "overview"))
    assert "10\\.0% reached" in line


def target_lines(app: AppTest) -> list[str]:
    assert not app.exception
    return [link.proto.label for link in app.get("page_link") if "Target of" in link.proto.label]


def test_one_click_takes_the_suggested_target_and_the_chart_has_its_pace(cast: Cast, acme: Shop) -> None:
    sell_in_last_whole_month(acme)
    app = open_page(cast.alice, "targets")
    assert "Suggested: €40\\.00" in page_text(app)
    assert "Your last whole month came to €40\\.00\\." in page_text(app)
    press(app, "Set €40\\.00")
    assert "€0\\.00 of €40\\.00 \\(0\\.0%\\)" in page_text(app)
    assert f"No target for {month_name(BERLIN_MONTH)}" not in page_text(app)
    assert "in EUR, added up from the first of the month" in page_text(app)
    stored = targets.list_targets(cast.acme.key)
    assert [(each.month, each.amount) for each in stored] == [(BERLIN_MONTH, Decimal(40))]


def test_a_viewer_sees_the_suggestion_and_no_button(cast: Cast, acme: Shop) -> None:
    sell_in_last_whole_month(acme)
    app = open_page(cast.bob, "targets")
    assert "Suggested: €40\\.00" in page_text(app)
    assert not [button for button in app.button if button.label.startswith("Set ")]


def sell_in_last_whole_month(shop: Shop) -> None:
    """Sell for 40 on the first day of the last month, so that this month is the store's only whole one."""
    last = (BERLIN_MONTH - timedelta(days=1)).replace(day=1)
    noon = datetime(last.year, last.month, 1, 12, tzinfo=UTC)
    shop.receive(made.order(processed_at=noon, created_at=noon, updated_at=NOW))


def test_days_months_and_changes_are_files(cast: Cast, acme: Shop) -> None:
    set_target(cast)
    last = (BERLIN_MONTH - timedelta(days=1)).replace(day=1)
    targets.set_target(cast.alice.actor, cast.acme.store_id, last, TargetMetric.ORDERS, Decimal(9), NOW)
    app = open_page(cast.alice, "targets")
    days, months = downloads(app)
    assert f"/exports/target-days.csv?store={cast.acme.store_id}&start={BERLIN_MONTH}" in days
    assert f"/exports/targets.csv?store={cast.acme.store_id}" in months


def test_two_stores_of_one_name_have_their_targets(cast: Cast, acme: Shop) -> None:
    second = add_store(cast.alice.tenant_id, "Acme", "acme-us.myshopify.com", "USD", "America/New_York")
    month = NOW.astimezone(ZoneInfo("America/New_York")).date().replace(day=1)
    set_target(cast)
    targets.set_target(cast.alice.actor, second.store_id, month, TargetMetric.NET_SALES, Decimal(900), NOW)
    app = open_page(cast.alice, "targets")
    assert not app.exception
    assert len(components(app, "chart")) == 2
