"""A real browser in front of the real web process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.end_to_end.processes import ROOT, Installation, free_port, installed
from tests.end_to_end.shop_window import Window, fill_window

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run. Each test opens contexts of its own, which share nothing."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as launched,
    ):
        yield launched


@pytest.fixture
def context(browser: Browser, web: str) -> Iterator[BrowserContext]:
    """A fresh browser profile at the dashboard."""
    with browser.new_context(base_url=web, viewport={"width": 1280, "height": 900}) as opened:
        opened.set_default_timeout(45_000)
        yield opened


@pytest.fixture(scope="session")
def dashboard(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The dashboard's process, started once for all tests that need only this."""
    with installed(database_url, tmp_path_factory.mktemp("dashboard"), PYTHONPATH=str(ROOT)) as installation:
        installation.web()
        yield installation


@pytest.fixture
def web(dashboard: Installation, clean_database: None) -> str:
    """The dashboard's address, over an empty database."""
    return dashboard.web_url


@pytest.fixture
def another_web(dashboard: Installation) -> Iterator[str]:
    """A second dashboard process over the same database."""
    port = free_port()
    process = dashboard.web(port)
    yield f"http://127.0.0.1:{port}"
    process.kill()


@pytest.fixture
def window(web: str) -> Window:
    """A store with long names and large amounts, and the addresses of its records."""
    return fill_window()
