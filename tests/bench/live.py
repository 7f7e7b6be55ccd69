"""How long until a sale is on an open Overview? From Shopify's change, over webhook, queue and rows, to the page.

`make bench-live` sells orders one after the other in the simulator while a real browser shows Overview. It times each
until its name is on the page. For comparison it times a reload of the page without news. Then it measures what open
pages cost the web process while nothing happens.
"""

from __future__ import annotations

import json
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

from core.config import DEMO_SHOP
from tests.end_to_end.conftest import ARGUMENTS, CHROMIUM
from tests.end_to_end.processes import Installation, installed
from tests.end_to_end.test_sign_in import expect_signed_in, sign_in

SALES = 20
STREAMS, IDLE_SECONDS = 50, 30
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
            to_page = [seconds_until_shown(installation, page) for _ in range(SALES)]
            reloads = [seconds(lambda: reload(page)) for _ in range(5)]
            idle = idle_core_percent(installation.web_url, page, web.popen.pid)
    return {
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
    page.get_by_text(sold["name"], exact=True).first.wait_for(state="attached", timeout=30_000)
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


def reload(page: Page) -> None:
    page.reload()
    page.get_by_text("Recent orders").wait_for()


def seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    from tests.bench.database import fresh_database

    with fresh_database() as url, tempfile.TemporaryDirectory() as temporary:
        figures = main(url, Path(temporary))
    for name, value in figures.items():
        print(f"{name:24} {value}")
    print(json.dumps({"bench": "live", **figures}))
    sys.exit(0)
