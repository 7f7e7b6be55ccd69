"""The report pages in a real browser: lasting filters, live updates, downloads."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core import accounts
from core.metrics.definitions import DEFINITIONS
from dashboard.drawing import formats
from dashboard.web import cookies
from tests import factories as made
from tests.cast import Cast, Person, make_cast, sign_in
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.reports import placed
from tests.end_to_end.tiles import figure, tiles

pytestmark = pytest.mark.browser

PATIENCE = 45_000
"""Milliseconds that a page may take on a busy machine."""


@pytest.fixture
def people(web: str) -> Cast:
    """The cast, in the database of the running server."""
    return make_cast()


@pytest.fixture
def acme(people: Cast) -> Shop:
    """Acme with an order of yesterday and one of forty days ago."""
    shop = shop_of(people.acme)
    now = datetime.now(UTC)
    shop.receive(placed(1, now - timedelta(days=1), name="#1001"), placed(2, now - timedelta(days=40), name="#1000"))
    return shop


def enter(context: BrowserContext, web: str, person: Person) -> Page:
    """Open a page of a browser in which this person is signed in."""
    context.add_cookies([{"name": cookies.session_cookie(), "value": sign_in(person), "url": web}])
    return context.new_page()


def expect_figure(page: Page, label: str, value: str) -> None:
    expect(figure(page, label)).to_have_text(value, timeout=PATIENCE)


def test_a_chosen_period_stays_over_pages_a_reload_and_a_shared_address(
    context: BrowserContext, web: str, people: Cast, acme: Shop
) -> None:
    page = enter(context, web, people.alice)
    page.goto("/")
    expect_figure(page, "Orders", "1")
    page.get_by_label("Period").click()
    page.get_by_role("option", name="Last 90 days").click()
    expect_figure(page, "Orders", "2")
    expect(page).to_have_url(f"{web}/?range=Last+90+days")

    page.get_by_role("link", name="Orders").first.click()
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible(timeout=PATIENCE)
    expect_figure(page, "Orders", "2")
    page.get_by_role("link", name=re.compile("Stores$")).first.click()
    expect(page.get_by_role("heading", name="Stores", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Customers").first.click()
    expect_figure(page, "Customers", "2")
    page.reload()
    expect_figure(page, "Customers", "2")

    shared = context.new_page()
    shared.goto(page.url)
    expect_figure(shared, "Customers", "2")


def test_a_new_order_is_on_the_open_page_without_a_reload(
    context: BrowserContext, web: str, people: Cast, acme: Shop
) -> None:
    page = enter(context, web, people.alice)
    page.goto("/")
    expect_figure(page, "Orders", "1")
    page.evaluate("window.sameDocument = true")
    acme.receive(placed(3, datetime.now(UTC), name="#1002"))
    expect_figure(page, "Orders", "2")
    assert page.evaluate("window.sameDocument")


def test_the_open_page_of_a_user_signed_out_elsewhere_closes_by_itself(
    context: BrowserContext, web: str, people: Cast, acme: Shop
) -> None:
    page = enter(context, web, people.alice)
    page.goto("/")
    expect_figure(page, "Orders", "1")
    accounts.revoke_all(people.alice.user_id, datetime.now(UTC))
    expect(tiles(page)).to_have_count(0, timeout=PATIENCE)


def test_a_download_keeps_the_filters_of_the_page(
    context: BrowserContext, web: str, people: Cast, acme: Shop
) -> None:
    page = enter(context, web, people.bob)
    page.goto("/orders?range=Last+90+days&find_order=%231000")
    expect(page.get_by_role("heading", name="1 order", exact=True)).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download: 1 order", exact=True).click()
        page.locator("a[href*='/exports/orders.csv']").click()
    assert started.value.suggested_filename.startswith("acme-orders-")
    with Path(started.value.path()).open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["name"], Decimal(row["total"])) == ("#1000", Decimal("52.60"))


@pytest.mark.parametrize("path", ["/", "/orders", "/customers", "/products"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(
    context: BrowserContext, web: str, people: Cast, acme: Shop, path: str, width: int
) -> None:
    page = enter(context, web, people.alice)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(path)
    expect(tiles(page).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name=re.compile("^Download: ")).first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for card in tiles(page).all():
        assert card.evaluate("e => [e, ...e.querySelectorAll('p')].every(x => x.scrollWidth <= x.clientWidth + 1)")


ENGLISH = re.compile(r"\d,\d{3}(?!\d)|\d\.\d{2}(?!\d)|€[ \u00a0]?\d")


@pytest.mark.parametrize("path", ["/", "/orders", "/customers", "/products"])
def test_a_german_reader_sees_german_numbers_and_no_others(
    browser: Browser, web: str, people: Cast, acme: Shop, path: str
) -> None:
    now = datetime.now(UTC) - timedelta(days=1)
    line = made.line(price="7412.25", quantity=3)
    acme.receive(made.product(), placed(4, now, name="#1003", total=Decimal("22236.75"), line_items=(line,)))
    with browser.new_context(base_url=web, locale="de-DE") as german:
        page = enter(german, web, people.alice)
        page.goto(path)
        amount = re.compile(r"22\.\d{3}")
        expect(
            tiles(page).filter(has_text=amount).or_(page.locator("table").filter(has_text=amount)).first
        ).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".plot, ul li .amount").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        texts = page.get_by_test_id("stMain").inner_text()
        assert re.findall(ENGLISH, texts) == []


def test_a_figure_opens_its_list_and_reads_its_line_and_its_meaning_by_keyboard(
    context: BrowserContext, web: str, people: Cast, acme: Shop
) -> None:
    page = enter(context, web, people.alice)
    page.goto("/?range=Last+90+days")
    expect_figure(page, "Orders", "2")
    orders = tiles(page).filter(has=page.get_by_text("Orders", exact=True))
    orders.get_by_role("link", name="Orders").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".figures .tip").first).to_have_text(DEFINITIONS["orders"].meaning)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    yesterday = datetime.now(UTC).astimezone(acme.zone).date() - timedelta(days=1)
    expect(page.locator(".figures .tip").first).to_have_text(f"{formats.weekday(yesterday)}: 1")
    page.keyboard.press("Escape")
    expect(page.locator(".figures .tip").first).to_be_hidden()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 orders", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"/orders\?range=Last\+90\+days"))
    page.go_back()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible(timeout=PATIENCE)
    expect_figure(page, "Orders", "2")
