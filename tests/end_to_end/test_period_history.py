"""The address of a page keeps its period: in the menu, by Back and Forward, on reload, and past the sign-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import make_cast
from tests.core.metrics.conftest import shop_of
from tests.dashboard.reports import placed
from tests.end_to_end.test_sign_in import expect_signed_in, sign_in

pytestmark = pytest.mark.browser

SLOW = 45_000
"""Milliseconds for a page that draws charts, on a machine that does other work too."""


def test_menu_back_forward_and_reload_keep_page_and_period(context: BrowserContext) -> None:
    people = make_cast()
    page = context.new_page()
    page.goto("/orders?range=Last+7+days")
    sign_in(page, people.alice.email)
    expect_signed_in(page, people.alice.name)
    expect_view(page, "Orders", "Last 7 days")

    page.get_by_role("link", name="Customers", exact=True).click()
    expect_view(page, "Customers", "Last 7 days")
    choose_period(page, "Yesterday")
    expect_view(page, "Customers", "Yesterday")

    page.go_back()
    expect_view(page, "Customers", "Last 7 days")
    page.go_back()
    expect_view(page, "Orders", "Last 7 days")
    assert "range=Last+7+days" in page.url
    page.go_forward()
    expect_view(page, "Customers", "Last 7 days")
    page.go_forward()
    expect_view(page, "Customers", "Yesterday")
    page.reload()
    expect_view(page, "Customers", "Yesterday")


def test_back_and_the_menu_keep_the_metric_and_the_grain_of_a_chart(context: BrowserContext) -> None:
    """A day has no weeks: the choice is dropped with the period, which is one step, and comes back with the next."""
    people = make_cast()
    shop_of(people.acme).receive(placed(1, datetime.now(UTC)))
    page = context.new_page()
    page.goto("/?range=Last+90+days")
    sign_in(page, people.alice.email)
    page.get_by_role("radio", name="Orders", exact=True).click()
    expect(page.get_by_text("number of orders, by day")).to_be_visible(timeout=SLOW)
    page.get_by_role("radio", name="Week", exact=True).click()
    expect(page.get_by_text("number of orders, by week")).to_be_visible(timeout=SLOW)

    choose_period(page, "Today")
    expect(page.get_by_role("heading", name="Orders today")).to_be_visible(timeout=SLOW)
    page.wait_for_url(lambda address: "grain" not in address)
    page.go_back()
    expect(page.get_by_text("number of orders, by week")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Data health", exact=True).click()
    expect(page.get_by_role("heading", name="Data health", exact=True)).to_be_visible(timeout=SLOW)
    page.go_back()
    expect(page.get_by_text("number of orders, by week")).to_be_visible(timeout=SLOW)

    page.locator("summary").filter(has_text="Show as table").first.press("Enter")
    table = page.get_by_role("table", name="Orders over time")
    # Ninety days touch thirteen weeks if they begin on a Monday, else fourteen.
    last = datetime.now(ZoneInfo("Europe/Berlin")).date()
    weeks = 13 if (last - timedelta(days=89)).weekday() == 0 else 14
    expect(table.get_by_role("row")).to_have_count(weeks + 1, timeout=SLOW)


def test_the_menu_keeps_the_period_of_the_list_after_a_reload_of_its_record(context: BrowserContext) -> None:
    people = make_cast()
    page = context.new_page()
    came_from = "from=range%3DCustom%26start%3D2026-01-05%26end%3D2026-01-09%26compare%3DPrevious%2Byear"
    page.goto(f"/order?shop=acme&order=1&{came_from}")
    sign_in(page, people.alice.email)
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Overview").click()
    expect_view(page, "Overview", "Custom")
    expect(page.get_by_role("combobox", name="Compared with")).to_have_value("Previous year")
    expect(page.get_by_text("5–9 Jan 2026").first).to_be_visible()
    page.reload()
    expect_view(page, "Overview", "Custom")


def expect_view(page: Page, title: str, period: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Period")).to_have_value(period)
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()


def choose_period(page: Page, period: str) -> None:
    page.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name=period, exact=True).click()
