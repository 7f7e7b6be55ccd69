"""How much does the first load transfer, and how long until a page is complete? Against an empty Streamlit page.

`make bench-pages` starts the real product with the simulator's store, and beside it Streamlit with one Plotly chart.
A browser with an empty cache loads sign-in and Overview. A browser with all files cached then loads each page in
turn, and the empty page between them, so that a busy machine slows down all alike. At the end it clicks in the menu.
With `--filled`, the store is the largest of a database that `make bench-dashboard` filled, and every page of the menu
is loaded; the address of a page is `--query` longer, such as `period=365`.
A page is complete when its run has ended, no placeholder is left, and each chart and each component is drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core import database
from core.config import settings
from core.database.embedded import EmbeddedPostgres
from dashboard.navigation import PAGES as MENU
from tests.bench import many_shops
from tests.end_to_end.conftest import ARGUMENTS, CHROMIUM
from tests.end_to_end.processes import Installation, Process, free_port, installed, wait_until
from tests.end_to_end.test_sign_in import expect_signed_in, sign_in

ROUNDS = 9
PAGES = ("Overview", "Orders", "Customers", "Products", "Data health", "Webhook log", "Stores", "Settings")
PATHS = {"Overview": "/", "Data health": "/health", "Webhook log": "/deliveries"}
EMAIL, PASSWORD = "bench@example.com", "a good password"
EMPTY_PAGE = """\
import plotly.graph_objects as go
import streamlit as st

st.set_page_config(layout="wide")
st.plotly_chart(go.Figure(go.Scatter(x=list(range(30)), y=list(range(30)))))
"""

WATCH = """(() => {
  let since = null;
  window.completeAt = null;
  const isComplete = () => {
    const app = document.querySelector("[data-testid=stApp]"), title = document.querySelector("h1");
    return app?.dataset.testConnectionState === "CONNECTED" && app.dataset.testScriptState === "notRunning"
      && (title ? title.textContent === (window.awaited ?? title.textContent) : !window.awaited)
      && document.querySelector("[data-testid=stMainBlockContainer] [data-testid=stElementContainer]")
      && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]")
      && [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every((chart) => chart.querySelector(".xy"))
      && [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
        .every(({ shadowRoot }) => shadowRoot?.childElementCount > 1 && !shadowRoot.querySelector("[aria-busy]")
          && [...shadowRoot.querySelectorAll("link")].every((styles) => styles.sheet));
  };
  const look = () => {
    since = isComplete() ? since ?? performance.now() : null;
    if (since && performance.now() - since > 300) window.completeAt = since;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();"""
"""Sets `completeAt`, in milliseconds since the navigation: the first moment of 300 in which the page is complete."""


def main(database_url: str, folder: Path) -> dict[str, Any]:
    """Return the figures: bytes, requests and milliseconds."""
    with installed(database_url, folder) as installation, sync_playwright() as playwright:
        installation.simulator("--orders", "800", "--customers", "300")
        installation.receiver()
        installation.worker()
        installation.web()
        installation.connect_demo_store("Bench", EMAIL, PASSWORD, "Bench")
        with (
            empty_page(installation, folder) as empty_url,
            playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser,
        ):
            entrance, state = first_load_of_entrance(browser, installation.web_url)
            overview = first_load(browser, installation.web_url, state)
            empty = first_load(browser, empty_url, None)
            addresses = {name: f"{installation.web_url}{PATHS.get(name, f'/{name.lower()}')}" for name in PAGES}
            times = complete_times(browser, addresses, empty_url, state)
            clicks = click_times(browser, installation.web_url, state)
    return {
        "first_load_sign_in": entrance,
        "first_load_overview": overview,
        "first_load_empty_page": empty,
        "complete_ms": times,
        "ratio": to_empty_page(times),
        "click_ms": clicks,
    }


def measure_filled(filled: Path, folder: Path, query: str) -> dict[str, Any]:
    """Return the milliseconds of every page of the menu, over the largest store of a filled database."""
    server = EmbeddedPostgres(filled)
    try:
        os.environ["DATABASE_URL"] = url = server.start()
        settings.cache_clear()
        database.migrate()
        with installed(url, folder) as installation, sync_playwright() as playwright:
            installation.web()
            with (
                empty_page(installation, folder) as empty_url,
                playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser,
            ):
                url, owner = installation.web_url, (many_shops.EMAIL, many_shops.PASSWORD)
                _, state = first_load_of_entrance(browser, url, *owner)
                shown = [page for page in MENU if not page.is_hidden]
                addresses = {page.title: f"{url}/{page.url_path}?{query}" for page in shown}
                times = complete_times(browser, addresses, empty_url, state)
    finally:
        server.stop()
    return {"complete_ms": times, "ratio": to_empty_page(times)}


def to_empty_page(times: dict[str, float]) -> dict[str, float]:
    """The times as multiples of that of the empty page."""
    return {name: round(each / times["empty page"], 2) for name, each in times.items()}


@contextmanager
def empty_page(installation: Installation, folder: Path) -> Iterator[str]:
    """Streamlit with one chart and its own defaults, in the same environment; yields its address."""
    script, port = folder / "empty.py", free_port()
    script.write_text(EMPTY_PAGE, encoding="utf-8")
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
    process = Process("empty", command, installation.env, folder / "empty.log").start()
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: "URL" in process.log_tail(), "the empty page answers", process.log_tail)
        yield url
    finally:
        process.kill()


def first_load_of_entrance(
    browser: Browser, url: str, email: str = EMAIL, password: str = PASSWORD
) -> tuple[dict[str, Any], Any]:
    """The transfer of the sign-in page; also the browser's state after signing in."""
    with browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}) as context:
        page, counted = counting_page(context)
        page.goto("/")
        page.get_by_role("button", name="Sign in").first.wait_for()
        wait_complete(page)
        figures = dict(counted)
        sign_in(page, email, password)
        expect_signed_in(page, "Bench")
        return figures, context.storage_state()


def first_load(browser: Browser, url: str, state: Any) -> dict[str, Any]:
    """What a browser with an empty cache transfers for one page."""
    with browser.new_context(base_url=url, storage_state=state, viewport={"width": 1280, "height": 900}) as context:
        page, counted = counting_page(context)
        page.goto("/")
        page.wait_for_timeout(500)
        wait_complete(page)
        return dict(counted)


def counting_page(context: BrowserContext) -> tuple[Page, dict[str, int]]:
    """A page, and its requests, failed requests and transferred bytes so far, headers included."""
    context.add_init_script(WATCH)
    page = context.new_page()
    counted = {"bytes": 0, "requests": 0, "refused": 0}

    def count(event: dict[str, Any]) -> None:
        counted["bytes"] += int(event["encodedDataLength"])
        counted["requests"] += 1

    def count_refused(event: dict[str, Any]) -> None:
        counted["refused"] += event["response"]["status"] >= 400

    channel = context.new_cdp_session(page)
    channel.send("Network.enable")
    channel.on("Network.loadingFinished", count)
    channel.on("Network.responseReceived", count_refused)
    return page, counted


def complete_times(browser: Browser, addresses: dict[str, str], empty_url: str, state: Any) -> dict[str, float]:
    """Milliseconds until the page of each address is complete, with all files cached: medians of `ROUNDS`."""
    times: dict[str, list[float]] = {name: [] for name in (*addresses, "empty page")}
    with browser.new_context(storage_state=state, viewport={"width": 1280, "height": 900}) as context:
        context.add_init_script(WATCH)
        page = context.new_page()
        for number in range(ROUNDS + 1):
            for name, address in [*addresses.items(), ("empty page", empty_url)]:
                page.goto(address)
                complete = wait_complete(page)
                if number:  # the first round fills the caches
                    times[name].append(complete)
    return {name: round(statistics.median(each)) for name, each in times.items()}


def click_times(browser: Browser, url: str, state: Any) -> dict[str, float]:
    """Milliseconds from a click in the menu until the page is complete: medians of `ROUNDS`."""
    times: dict[str, list[float]] = {name: [] for name in PAGES[:4]}
    with browser.new_context(base_url=url, storage_state=state, viewport={"width": 1280, "height": 900}) as context:
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto("/settings")
        wait_complete(page)
        for number in range(ROUNDS + 1):
            for name in times:
                page.evaluate("(name) => { window.awaited = name; window.completeAt = null }", name)
                link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=name)
                began = page.evaluate("performance.now()")
                link.click()
                took = wait_complete(page) - began
                if number:
                    times[name].append(took)
    return {name: round(statistics.median(each)) for name, each in times.items()}


def wait_complete(page: Page) -> float:
    """Wait until the page is complete; returns when it was, in milliseconds since its navigation."""
    # Not `wait_for_function`: it evaluates a string, which the page's Content-Security-Policy refuses.
    while (complete := page.evaluate("window.completeAt")) is None:
        page.wait_for_timeout(50)
    return float(complete)


if __name__ == "__main__":
    from tests.bench.database import fresh_database

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filled", type=Path, help="the folder of a filled database: all pages of its largest store")
    parser.add_argument("--query", default="", help="with --filled: what follows the ? of each address")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if args.filled:
            figures = measure_filled(args.filled, Path(temporary), args.query)
        else:
            with fresh_database() as url:
                figures = main(url, Path(temporary))
    for name, value in figures.items():
        print(f"{name:24} {value}")
    print(json.dumps({"bench": "pages", **figures}))
