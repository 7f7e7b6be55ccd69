"""A merchant without a mouse: sign in, read Overview, download, by Tab, Enter and the arrows alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.cast import PASSWORD
from tests.end_to_end.shop_window import Window
from tests.end_to_end.test_layout import settle

pytestmark = pytest.mark.browser

MOST_STOPS = 120
"""Presses of Tab within which everything on a page must be reached."""


def test_sign_in_overview_and_a_download_need_no_mouse(context: BrowserContext, window: Window) -> None:
    page = context.new_page()
    page.goto("/")
    tab_to(page, page.get_by_label("Email address").first)
    page.keyboard.type(window.people.alice.email)
    tab_to(page, page.get_by_label("Password", exact=True).first)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    settle(page)

    tab_to(page, page.get_by_role("combobox", name="Period"))
    page.keyboard.press("ArrowDown")
    page.keyboard.type("Last 90")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Period")).to_have_value("Last 90 days")
    settle(page)

    file = page.locator("a[href*='/exports/orders.csv']")
    tab_to(page, page.get_by_role("button", name="Download: Recent orders"))
    page.keyboard.press("Enter")
    tab_to(page, file)
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    with Path(started.value.path()).open(encoding="utf-8-sig", newline="") as rows:
        assert {row["name"] for row in csv.DictReader(rows)} == set(window.order_names)

    tab_to(page, page.get_by_role("link", name=window.order_names[0], exact=True).first, backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=window.order_names[0])).to_be_visible()


def tab_to(page: Page, place: Locator, backwards: bool = False) -> None:
    """Press Tab, or Shift and Tab, until the place has the focus."""
    expect(place).to_be_visible()
    for _ in range(MOST_STOPS):
        if place.evaluate("element => element === element.getRootNode().activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"Tab does not reach {place}")
