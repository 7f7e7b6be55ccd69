"""The tables of lists in a browser: sorted, paged and searched by mouse and keyboard, wide and on a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests import factories as made
from tests.cast import make_cast
from tests.core.metrics.conftest import shop_of
from tests.dashboard.reports import finish_sync, placed
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_reports import PATIENCE, enter

pytestmark = pytest.mark.browser


@pytest.fixture
def page(context: BrowserContext, web: str) -> Page:
    """Alice with 120 orders of yesterday: #1 has the smallest total, #120 the latest time."""
    people = make_cast()
    shop = shop_of(people.acme)
    noon = datetime.now(UTC) - timedelta(days=1)
    shop.receive(
        made.product(),
        *(
            placed(n, noon + timedelta(seconds=n), name=f"#{n}", number=n, total=Decimal(n), financial_status="paid")
            for n in range(1, 121)
        ),
    )
    finish_sync(shop)
    expect.set_options(timeout=PATIENCE)
    page = enter(context, web, people.alice)
    return page


def first_row(page: Page) -> Locator:
    return page.get_by_role("rowheader").first


def test_a_list_is_sorted_paged_and_searched_and_the_address_keeps_all(page: Page) -> None:
    page.goto("/orders")
    expect(first_row(page)).to_have_text("#120")
    total = page.get_by_role("button", name="Order total")
    total.click()
    expect(page.get_by_role("columnheader", name="Order total")).to_have_attribute("aria-sort", "descending")
    total.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Order total")).to_have_attribute("aria-sort", "ascending")
    expect(first_row(page)).to_have_text("#1")
    expect(total).to_be_focused()

    following = page.get_by_role("button", name="Next page")
    following.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("51–100 of 120")).to_be_visible()
    expect(first_row(page)).to_have_text("#51")
    expect(following).to_be_focused()
    page.keyboard.press("Enter")
    expect(first_row(page)).to_have_text("#101")
    expect(following).to_be_disabled()
    page.reload()
    expect(first_row(page)).to_have_text("#101")

    page.go_back()
    expect(first_row(page)).to_have_text("#51")
    page.go_forward()
    expect(first_row(page)).to_have_text("#101")

    page.get_by_label("Search").fill("12")
    page.keyboard.press("Enter")
    expect(first_row(page)).to_have_text("#12")
    expect(page.get_by_role("button", name="Next page")).to_be_hidden()


def test_a_reader_chooses_the_columns_and_this_browser_keeps_them(page: Page) -> None:
    page.goto("/orders")
    menu = page.get_by_role("group", name="Columns")
    page.get_by_role("button", name="Columns").focus()
    page.keyboard.press("Enter")
    menu.get_by_role("checkbox", name="Items").uncheck()
    menu.get_by_role("checkbox", name="Tags").check()
    items = page.get_by_role("columnheader", name="Items", exact=True)
    expect(items).to_have_count(0)
    expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
    expect(menu, "the menu stays open for the next box").to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()

    page.get_by_role("link", name="Products", exact=True).click()
    expect(page.get_by_role("columnheader", name="Stock")).to_be_visible()
    page.get_by_role("link", name="Orders", exact=True).click()
    expect(page).to_have_url(re.compile("hidden=order"))
    expect(items).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(re.compile("/products"))
    page.goto("/orders")
    expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
    expect(items).to_have_count(0)

    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Show the usual columns").click()
    expect(items).to_be_visible()
    expect(page).not_to_have_url(re.compile("hidden"))


def test_a_header_shows_its_explanation_to_the_keyboard(page: Page) -> None:
    page.goto("/orders")
    page.get_by_role("button", name="Net sales").focus()
    expect(page.locator(".list > .tip")).to_contain_text("Gross sales less discounts")
    page.keyboard.press("Escape")
    expect(page.locator(".list > .tip")).to_be_hidden()


def test_a_list_fits_a_phone_as_cards(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("orders", "customers", "products"):
        page.goto(f"/{path}")
        expect(first_row(page)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        cells = page.locator(".rows").first
        assert cells.evaluate("element => element.scrollWidth <= element.clientWidth"), path
    page.goto("/orders")
    page.get_by_label("Sort by").select_option("total")
    expect(first_row(page)).to_have_text("#1")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_list(page: Page, browser: Browser, web: str, mode: str) -> None:
    cookies = page.context.cookies()
    with browser.new_context(base_url=web, color_scheme=mode, bypass_csp=True) as context:  # type: ignore[arg-type]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        tab = context.new_page()
        tab.goto("/orders")
        expect(first_row(tab)).to_be_visible()
        assert faults(tab) == []
