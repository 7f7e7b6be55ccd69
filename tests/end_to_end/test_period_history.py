"""The address of a page keeps its period: in the menu, by Back and Forward, on reload, and past the sign-in."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import make_cast
from tests.end_to_end.test_sign_in import expect_signed_in, sign_in

pytestmark = pytest.mark.browser


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


def expect_view(page: Page, title: str, period: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Period")).to_have_value(period)
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()


def choose_period(page: Page, period: str) -> None:
    page.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name=period, exact=True).click()
