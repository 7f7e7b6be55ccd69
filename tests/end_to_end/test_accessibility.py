"""axe-core on every page, signed in and out, in light and dark: nothing serious."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dashboard.drawing import theme
from dashboard.navigation import DEMO_PAGES, PAGES
from tests.end_to_end.shop_window import Window
from tests.end_to_end.test_layout import settle
from tests.end_to_end.test_reports import enter
from tests.end_to_end.test_sign_in import expect_signed_in, sign_in

pytestmark = pytest.mark.browser

SECTIONS = ("Account", "Security", "Business", "Members", "Privacy")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(browser: Browser, web: str, window: Window, mode: str) -> None:
    people = window.people
    with browser.new_context(base_url=web, color_scheme=mode, bypass_csp=True) as context:  # type: ignore[arg-type]
        context.set_default_timeout(45_000)
        page = context.new_page()
        page.goto("/nowhere")
        assert faults(page) == []
        page.goto("/")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert faults(page) == []
        # axe cannot compute what a tab stands on, so its colour is compared with the link's, which a test measures.
        link = theme.configured(mode)["linkColor"]
        red, green, blue = (int(link[n : n + 2], 16) for n in (1, 3, 5))
        expect(page.get_by_role("tab", name="Sign in")).to_have_css("color", f"rgb({red}, {green}, {blue})")
        page.get_by_role("tab", name="Create account").click()
        assert faults(page) == []
        page.get_by_role("tab", name="Sign in").click()
        sign_in(page, people.alice.email)
        expect_signed_in(page, people.alice.name)
        menu = [f"/{spec.url_path}?range=Last+90+days" for spec in (*PAGES, *DEMO_PAGES)]
        for address in [*menu, *(f"/settings?section={name}" for name in SECTIONS), *window.record_addresses]:
            page.goto(address)
            settle(page)
            assert faults(page) == [], address


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious_in_an_empty_business(
    browser: Browser, web: str, window: Window, mode: str
) -> None:
    with browser.new_context(base_url=web, color_scheme=mode, bypass_csp=True) as context:  # type: ignore[arg-type]
        context.set_default_timeout(45_000)
        page = enter(context, web, window.people.dana)
        for address in ("/", "/orders", "/health", "/stores", "/simulator"):
            page.goto(address)
            settle(page)
            assert faults(page) == [], address


def faults(page: Page) -> list[dict[str, Any]]:
    """The serious violations, each with one of its elements."""
    page.wait_for_timeout(600)  # a fading transition has other colours
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        {"rule": rule["id"], "element": node["html"], "why": node["failureSummary"]}
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
