"""The main job of a merchant over the real processes, from registering to signing out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_SHOP
from dashboard.drawing import formats
from tests.end_to_end.processes import Installation, installed, wait_until
from tests.end_to_end.test_sign_in import expect_signed_in, register, sign_in_as_new, sign_out
from tests.end_to_end.tiles import figure

pytestmark = pytest.mark.browser

CURRENCY = "EUR"
MERCHANT = ("Mona", "Mona's Mugs", "mona@example.com", "a good password")
NEIGHBOUR = ("Nils", "Nils & Co", "nils@example.com", "another password")


@pytest.fixture
def installation(database_url: str, clean_database: None, tmp_path: Path) -> Iterator[Installation]:
    """All processes of `make run`, except the demo's sign-in."""
    with installed(database_url, tmp_path) as running:
        running.simulator("--orders", "300", "--customers", "100")
        running.receiver()
        running.worker()
        running.web()
        yield running


def test_a_merchant_registers_connects_a_store_and_sees_it_live(installation: Installation, browser: Browser) -> None:
    with browser.new_context(base_url=installation.web_url, viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/")
        register(page, *MERCHANT)
        expect_signed_in(page, MERCHANT[0])
        expect(page.get_by_text("Connect your first store").first).to_be_visible()
        connect_demo_store(page)

        # Twelve months: a period with refunds, discounts, and days without any order.
        page.goto("/?range=Last+12+months")
        shown = wait_until(lambda: complete(page), "the first sync is over", installation.logs)
        assert shown
        truth = truth_of(installation, today() - timedelta(days=364), today())
        expect_figures(page, truth)

        sold = sell(installation)
        after = truth_of(installation, today() - timedelta(days=364), today())
        assert Decimal(after["total_sales"]) > Decimal(truth["total_sales"])
        expect_figures(page, after)

        rows = download(page, "Net sales over time")
        assert sum(Decimal(row["total_sales"]) for row in rows) == Decimal(after["total_sales"])
        assert {row["currency"] for row in rows} == {CURRENCY}

        page.goto("/settings")
        sign_out(page, MERCHANT[0])

        page.goto("/")
        sign_in_as_new(page, *NEIGHBOUR)
        expect_signed_in(page, NEIGHBOUR[0])
        store = rows[0].get("store", "1")
        for path in ("/", "/orders", "/customers", "/products", "/stores", f"/?store={store}"):
            page.goto(path)
            expect_signed_in(page, NEIGHBOUR[0])
            expect(page.get_by_text("Fieldstone Goods")).to_have_count(0)
            expect(page.get_by_text(sold["name"], exact=True)).to_have_count(0)
        answer = page.request.get(f"/exports/orders.csv?store={store}&start=2024-01-01&end={today()}")
        assert answer.status == 404
        assert DEMO_SHOP not in answer.text()


def test_a_wrong_secret_is_said_at_once_and_nothing_is_connected(
    installation: Installation, browser: Browser
) -> None:
    with browser.new_context(base_url=installation.web_url) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/stores")
        register(page, *MERCHANT)
        expect_signed_in(page, MERCHANT[0])
        fill_connection(page, "https://admin.shopify.com/store/demo-store/orders", secret="shpss_wrong")
        expect(page.get_by_role("alert").filter(has_text="client id and secret")).to_be_visible()
        expect(page.get_by_label("Store address", exact=True)).to_have_value(
            "https://admin.shopify.com/store/demo-store/orders"
        )
        expect(page.get_by_text("Fieldstone Goods")).to_have_count(0)
        fill_connection(page, "https://admin.shopify.com/store/demo-store/orders", secret=DEMO_SECRET)
        expect(page.get_by_text("Fieldstone Goods").first).to_be_visible()


def connect_demo_store(page: Page) -> None:
    page.goto("/stores")
    fill_connection(page, " HTTPS://Demo-Store.myshopify.com/admin ", secret=DEMO_SECRET)
    expect(page.get_by_text("Fieldstone Goods").first).to_be_visible()


def fill_connection(page: Page, address: str, secret: str) -> None:
    page.get_by_label("Store address", exact=True).fill(address)
    page.get_by_label("Client id", exact=True).fill(DEMO_CLIENT_ID)
    page.get_by_label("Client secret", exact=True).fill(secret)
    page.get_by_role("button", name="Connect store").click()


def complete(page: Page) -> bool:
    return page.get_by_text("Complete up to").count() > 0


def expect_figures(page: Page, truth: dict[str, Any]) -> None:
    """The page's figures are the simulator's own, and exact on hover where an amount is rounded."""
    average, rate = Decimal(truth["average_order_value"]), Decimal(truth["returning_customer_rate"])
    for label, value in (
        ("Total sales", formats.short_money(Decimal(truth["total_sales"]), CURRENCY)),
        ("Net sales", formats.short_money(Decimal(truth["net_sales"]), CURRENCY)),
        ("Orders", format(truth["orders"], ",")),
        ("Avg. order value", formats.money(average, CURRENCY)),
        ("Customers", format(truth["customers"], ",")),
        ("Returning rate", formats.percent(rate)),
    ):
        expect(figure(page, label)).to_have_text(value)


def truth_of(installation: Installation, start: date, end: date) -> dict[str, Any]:
    url = f"{installation.simulator_url}/simulator/{DEMO_SHOP}/truth?start={start}&end={end}"
    truth: dict[str, Any] = requests.get(url, timeout=10).json()
    return truth


def sell(installation: Installation) -> dict[str, Any]:
    answer = requests.post(f"{installation.simulator_url}/simulator/{DEMO_SHOP}/sell", json={}, timeout=10)
    answer.raise_for_status()
    sold: dict[str, Any] = answer.json()
    return sold


def download(page: Page, title: str) -> list[dict[str, str]]:
    cards = page.locator('[data-testid="stVerticalBlock"], section.card')
    card = cards.filter(has=page.get_by_text(title, exact=True)).last
    with page.expect_download() as started:
        card.get_by_role("button", name=re.compile("^Download: ")).first.click()
        card.get_by_role("link", name=re.compile("^CSV ?the rows")).first.click()
    return list(csv.DictReader(io.StringIO(Path(started.value.path()).read_text("utf-8-sig"))))


def today() -> date:
    """Today in the store's time zone: the demo shop is in Berlin."""
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin")).date()
