"""Every page fits its window: on a phone, and on a wide screen at 200 % zoom, without a horizontal scroll bar."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.navigation import PAGES
from tests.end_to_end.shop_window import Window
from tests.end_to_end.test_reports import PATIENCE, enter

pytestmark = pytest.mark.browser

SCREENS = {"a phone": (390, 844, 3), "a wide screen at 200 % zoom": (640, 450, 2), "a wide screen": (1280, 900, 1)}
"""Width and height in CSS pixels, and device pixels a CSS pixel: zoom makes the window smaller in CSS pixels."""
_SIDEWAYS = """() => [document.scrollingElement, document.querySelector('[data-testid=stMain]')]
    .filter((box) => box && box.scrollWidth > box.clientWidth + 1)
    .map((box) => `${box.tagName} ${box.scrollWidth} > ${box.clientWidth}`)"""


@pytest.mark.parametrize("screen", SCREENS)
def test_no_page_scrolls_sideways(browser: Browser, web: str, window: Window, screen: str) -> None:
    width, height, density = SCREENS[screen]
    with browser.new_context(
        base_url=web, viewport={"width": width, "height": height}, device_scale_factor=density
    ) as context:
        context.set_default_timeout(45_000)
        page = enter(context, web, window.people.alice)
        for address in [*(f"/{spec.url_path}?range=Last+90+days" for spec in PAGES), *window.record_addresses]:
            page.goto(address)
            settle(page)
            assert page.evaluate(_SIDEWAYS) == [], address


def settle(page: Page) -> None:
    """Wait until the page is drawn."""
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)
    at_rest = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(at_rest).to_be_visible(timeout=PATIENCE)


def test_the_whole_menu_and_the_account_are_on_a_laptops_screen(browser: Browser, web: str, window: Window) -> None:
    with browser.new_context(base_url=web, viewport={"width": 1280, "height": 900}) as context:
        page = enter(context, web, window.people.alice)
        page.goto("/orders")
        settle(page)
        menu = page.get_by_test_id("stSidebarContent")
        expect(menu.get_by_role("link", name="Settings")).to_be_visible(timeout=PATIENCE)
        assert menu.evaluate("menu => menu.scrollHeight <= menu.clientHeight"), "nothing is below the edge"
        links = menu.get_by_role("link").evaluate_all("links => links.map((link) => link.offsetHeight)")
        assert min(links) >= 24, "a link is high enough to be hit"
