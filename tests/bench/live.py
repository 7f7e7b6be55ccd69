"""How long until a sale is on an open Overview? From Shopify's change, over webhook, queue and rows, to the page.

`make bench-live` sells orders one after the other in the simulator while a real browser shows Overview. It times each
until its name is on the page. For comparison it times a reload of the page without news. Then it measures what open
pages cost the web process while nothing happens, and what announcing the changes costs their writer.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import requests
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Engine, event, text

from core.config import DEMO_SHOP
from core.database import system_session
from tests import factories as made
from tests.cast import make_cast
from tests.core.metrics.conftest import shop_of
from tests.end_to_end.conftest import ARGUMENTS, CHROMIUM
from tests.end_to_end.processes import Installation, installed
from tests.end_to_end.test_sign_in import expect_signed_in, sign_in

SALES = 20
STREAMS, IDLE_SECONDS = 50, 45
PATIENCE = 120_000
PAGES, PER_PAGE = 20, 250
EMAIL, PASSWORD = "bench@example.com", "a good password"


def main(database_url: str, folder: Path) -> dict[str, Any]:
    """Return the figures, in seconds."""
    with installed(database_url, folder) as installation, sync_playwright() as playwright:
        installation.simulator("--orders", "300", "--customers", "100")
        installation.receiver()
        installation.worker()
        web = installation.web()
        installation.connect_demo_store("Bench", EMAIL, PASSWORD, "Bench")
        with playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser:
            page = browser.new_page(base_url=installation.web_url)
            page.goto("/")
            sign_in(page, EMAIL, PASSWORD)
            expect_signed_in(page, "Bench")
            page.get_by_text("Live", exact=True).wait_for(timeout=PATIENCE)
            to_page = [seconds_until_shown(installation, page) for _ in range(SALES)]
            reloads = [seconds(lambda: reload(page)) for _ in range(5)]
            idle = idle_core_percent(installation.web_url, page, web.popen.pid)
    return {
        "load_average": round(os.getloadavg()[0], 1),
        "sales": SALES,
        "seconds_to_page_median": round(statistics.median(to_page), 3),
        "seconds_to_page_max": round(max(to_page), 3),
        "seconds_reload_median": round(statistics.median(reloads), 3),
        "core_percent_of_100_idle_pages": round(idle, 1),
        "ratio_to_reload": round(statistics.median(to_page) / statistics.median(reloads), 2),
    }


def seconds_until_shown(installation: Installation, page: Page) -> float:
    """Sell one order on a page at rest; returns the seconds until its name is on the page."""
    page.wait_for_timeout(random.uniform(2000, 3000))
    began = time.monotonic()
    sold = requests.post(f"{installation.simulator_url}/simulator/{DEMO_SHOP}/sell", json={}, timeout=10).json()
    page.get_by_text(sold["name"], exact=True).first.wait_for(state="attached", timeout=PATIENCE)
    return time.monotonic() - began


def idle_core_percent(web_url: str, page: Page, pid: int) -> float:
    """The web process's share of a core while `STREAMS` pages are open and nothing happens, for a hundred of them."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    addresses = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    address = next((name for name in addresses if "/live/" in name), f"{web_url}/live/1")
    with ExitStack() as stack:
        for _ in range(STREAMS):
            answer = stack.enter_context(requests.get(address, cookies=cookies, stream=True, timeout=60))
            answer.raise_for_status()
        time.sleep(3)
        process = psutil.Process(pid)
        began, before = time.monotonic(), sum(process.cpu_times()[:2])
        time.sleep(IDLE_SECONDS)
        spent = sum(process.cpu_times()[:2]) - before
        return 100 * spent / (time.monotonic() - began) * 100 / STREAMS


def announcing_cost() -> dict[str, float]:
    """What announcements cost a sync that writes pages of orders, in milliseconds a page and in percent of it."""
    shop = shop_of(make_cast().acme)
    spent, announcing = list[float](), list[float]()

    def begin(*_: Any) -> None:
        spent.append(time.perf_counter())

    def end(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "pg_notify" in statement:
            announcing.append(time.perf_counter() - spent[-1])

    event.listen(Engine, "before_cursor_execute", begin)
    event.listen(Engine, "after_cursor_execute", end)
    began = time.perf_counter()
    for page in range(PAGES):
        first = page * PER_PAGE + 1
        shop.receive(*(made.order(order_id=number, name=f"#{number}") for number in range(first, first + PER_PAGE)))
    seconds_of_all = time.perf_counter() - began
    event.remove(Engine, "before_cursor_execute", begin)
    event.remove(Engine, "after_cursor_execute", end)
    committed = statistics.median(seconds(lambda: commit("SELECT pg_notify('bench', '1')")) for _ in range(200))
    empty = statistics.median(seconds(lambda: commit("SELECT 1")) for _ in range(200))
    of_page = sum(announcing) / PAGES + max(0.0, committed - empty)
    return {
        "orders_of_a_page_written": PER_PAGE,
        "ms_of_a_page_written": round(1000 * seconds_of_all / PAGES, 1),
        "announcements_of_a_page_written": round(len(announcing) / PAGES, 1),
        "ms_of_announcing_a_page": round(1000 * of_page, 2),
        "percent_of_writing": round(100 * of_page * PAGES / seconds_of_all, 2),
    }


def commit(statement: str) -> None:
    with system_session() as session:
        session.execute(text(statement))


def reload(page: Page) -> None:
    page.reload()
    page.get_by_role("heading", name="Recent orders").wait_for(timeout=PATIENCE)


def seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    from tests.bench.database import fresh_database

    with fresh_database() as url, tempfile.TemporaryDirectory() as temporary:
        figures = main(url, Path(temporary)) | announcing_cost()
    for name, value in figures.items():
        print(f"{name:24} {value}")
    print(json.dumps({"bench": "live", **figures}))
    sys.exit(0)
