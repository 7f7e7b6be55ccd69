"""Open pages in a browser get news without a click: orders, progress, a lost connection, and a session that ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from core import accounts
from core.accounts import Theme
from core.database import tenant_session
from core.sync import run_life, runs
from tests.cast import Cast, Person, make_cast, sign_in
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.parts.test_announcements import order
from tests.dashboard.reports import finish_sync
from tests.end_to_end.processes import Installation, Process, free_port
from tests.end_to_end.test_sign_in import expect_sign_in_page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds: a promise of this file is that news arrives, not how fast it does on a busy machine."""


@pytest.fixture
def people(web: str) -> Cast:
    expect.set_options(timeout=PATIENCE)
    return make_cast()


@pytest.fixture
def shop(people: Cast) -> Shop:
    shop = shop_of(people.acme)
    shop.receive(order(1, "#1001"))
    finish_sync(shop)
    return shop


def enter(context: BrowserContext, url: str, person: Person, path: str = "/") -> Page:
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "xeno", "value": sign_in(person), "url": url}])
    page = context.new_page()
    page.goto(f"{url}{path}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return page


def toast(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="new order")


def test_a_sale_changes_an_open_overview_and_announces_itself_once(
    context: BrowserContext, web: str, people: Cast, shop: Shop
) -> None:
    page = enter(context, web, people.alice)
    expect(page.get_by_text("#1001", exact=True)).to_be_visible()
    expect(toast(page)).to_have_count(0)

    shop.receive(order(2, "#1002 <i>x</i>"))
    expect(toast(page)).to_have_text("New order #1002 <i>x</i>, €54.00×")
    expect(page.get_by_text("#1002 <i>x</i>", exact=True)).to_be_visible()
    expect(page.locator("tr.new")).to_have_count(1)
    expect(page.locator("tr.new")).to_contain_text("#1002")
    box = toast(page).locator(".toast").bounding_box()
    assert box
    assert box["x"] + box["width"] < 1280
    assert 700 < box["y"] + box["height"] < 900
    page.get_by_role("button", name="Dismiss").click()
    expect(toast(page)).to_have_count(0)

    shop.receive(order(5, "#0005", timedelta(days=3)))  # an old one: the page changes without a word
    expect(page.get_by_text("#0005", exact=True)).to_be_visible()
    expect(toast(page)).to_have_count(0)
    shop.receive(*(order(number, f"#{number}") for number in range(20, 32)))
    expect(toast(page)).to_have_text("12 new orders×")


def test_progress_shows_itself_on_the_stores_page_until_its_end(
    context: BrowserContext, web: str, people: Cast, shop: Shop
) -> None:
    page = enter(context, web, people.alice, "/stores")
    store, now = shop.scope.store, datetime.now(UTC)
    run = runs.key_of(store, runs.request(store, runs.Trigger.BUTTON, now))
    expect(page.get_by_text("Waiting for its turn…")).to_be_visible()
    with tenant_session(store.tenant_id) as session:
        row = runs.claim(session, run, now)
        runs.begin(session, row, None, now, total=200)
    for done in (50, 100):
        with tenant_session(store.tenant_id) as session:
            run_life.note(session, run, datetime.now(UTC), records_done=done)
        expect(page.get_by_text(f"Syncing: {done} of 200 records")).to_be_visible()
    with tenant_session(store.tenant_id) as session:
        run_life.finish(session, run, datetime.now(UTC))
    expect(page.get_by_text("Syncing:")).to_have_count(0)


@pytest.mark.parametrize("path", ["/settings", "/stores", "/"])
def test_signing_out_elsewhere_closes_the_page(
    context: BrowserContext, web: str, people: Cast, shop: Shop, path: str
) -> None:
    page = enter(context, web, people.alice, path)
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "xeno")
    accounts.revoke(token, datetime.now(UTC))
    expect_sign_in_page(page)
    expect(page.get_by_text("Acme")).to_have_count(0)


def test_a_theme_saved_in_another_browser_reaches_this_one(
    context: BrowserContext, web: str, people: Cast, shop: Shop
) -> None:
    page = enter(context, web, people.alice, "/settings")
    for theme in (Theme.DARK, Theme.LIGHT):
        accounts.save_theme(people.alice.user_id, theme)
        expect(page.locator(f'html[data-theme="{theme}"]')).to_have_count(1)
        expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/settings")


@pytest.fixture
def second(dashboard: Installation) -> Iterator[tuple[str, Process]]:
    """A web process of the test's own, with its address."""
    port = free_port()
    process = dashboard.web(port)
    yield f"http://127.0.0.1:{port}", process
    process.kill()


def test_a_page_catches_up_after_the_server_or_the_database_was_away(
    browser: Browser, database_url: str, people: Cast, shop: Shop, second: tuple[str, Process]
) -> None:
    url, process = second
    with browser.new_context(base_url=url) as context:
        page = enter(context, url, people.alice)
        with psycopg.connect(database_url, autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
            )
        shop.receive(order(2, "#1002"))
        expect(page.get_by_text("#1002", exact=True)).to_be_visible()

        process.kill()
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        shop.receive(order(3, "#1003"))
        process.start()
        expect(page.get_by_text("#1003", exact=True)).to_be_visible()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
