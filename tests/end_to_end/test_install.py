"""Installing the operator's app in a real browser, over the real processes: install, confirm, lose, install again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_SHOP
from core.simulator.defaults import SCOPES
from tests.end_to_end.processes import Installation, installed
from tests.end_to_end.test_sign_in import expect_signed_in, register, sign_in_as_new

pytestmark = pytest.mark.browser

OWNER = ("Mona", "Mona's Mugs", "mona@example.com", "a good password")
NEIGHBOUR = ("Nils", "Nils & Co", "nils@example.com", "another password")
SHOP = re.compile(re.escape(DEMO_SHOP))


@pytest.fixture
def installation(database_url: str, clean_database: None, tmp_path: Path) -> Iterator[Installation]:
    """All processes of an operator with an app at Shopify."""
    app = {
        "SHOPIFY_CLIENT_ID": DEMO_CLIENT_ID,
        "SHOPIFY_CLIENT_SECRET": DEMO_SECRET,
        "SHOPIFY_SCOPES": ",".join(SCOPES),
    }
    with installed(database_url, tmp_path, **app) as running:
        running.simulator("--orders", "40", "--customers", "10")
        running.receiver()
        running.worker()
        running.web()
        yield running


def test_a_merchant_installs_the_app_loses_it_and_installs_it_again(
    installation: Installation, browser: Browser
) -> None:
    with browser.new_context(base_url=installation.web_url, viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/")
        register(page, *OWNER)
        expect_signed_in(page, OWNER[0])
        page.goto("/stores")
        page.get_by_label("Store address", exact=True).fill(f"https://{DEMO_SHOP}/admin/orders")
        page.get_by_role("button", name="Install with Shopify").click()
        approve(page)
        expect(page.get_by_text(f"Connect {DEMO_SHOP}?")).to_be_visible()
        used = page.url
        expect_nothing_for_a_neighbour(browser, installation, used)
        page.get_by_role("button", name="Connect it").click()
        expect_connected(page)
        assert "claim=" not in page.url
        expect(page.get_by_text("Complete up to")).to_be_visible(timeout=60_000)
        # While orders are double-checked, the worker may notice the revoked token first, and the button disappears.
        expect(page.get_by_text("All recent orders double-checked with Shopify")).to_be_visible(timeout=60_000)

        sync_now = page.get_by_role("button", name="Sync now").first
        expect(sync_now).to_be_enabled()
        requests.post(
            f"{installation.simulator_url}/simulator/{DEMO_SHOP}/app", json={"revoke": True}, timeout=10
        ).raise_for_status()
        sync_now.click()
        expect(page.get_by_text("Reconnect it")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("install the app on it again").first).to_be_visible()
        page.get_by_role("button", name="Install again with Shopify").click()
        approve(page)
        page.get_by_role("button", name="Connect it").click()
        expect_connected(page)

        page.goto(used)
        expect(page.get_by_text("was used or has expired")).to_be_visible()


def approve(page: Page) -> None:
    """Click "Install app" on Shopify's page, which leads back to the Stores page."""
    expect(page.get_by_role("heading", name="Install the app?")).to_be_visible()
    page.get_by_role("button", name="Install app").click()
    page.wait_for_url(re.compile(r"/stores\?claim="))


def expect_connected(page: Page) -> None:
    expect(page.get_by_text("is connected. A sync has begun")).to_be_visible()
    expect(page.get_by_text("Reconnect it")).to_have_count(0)


def expect_nothing_for_a_neighbour(browser: Browser, installation: Installation, address: str) -> None:
    """Another user who got the address sees nothing of it."""
    with browser.new_context(base_url=installation.web_url) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(address)
        sign_in_as_new(page, *NEIGHBOUR)
        expect_signed_in(page, NEIGHBOUR[0])
        page.goto(address)
        expect(page.get_by_text("Another person started this installation")).to_be_visible()
        expect(page.get_by_text(SHOP)).to_have_count(0)
        expect(page.get_by_role("button", name="Connect it")).to_have_count(0)
