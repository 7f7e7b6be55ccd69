"""`make shots`: pictures of every page, wide and on a phone, light and dark, of a store that the simulator filled.

They go into tests/end_to_end/screenshots, which git ignores. Nothing is asserted: a person looks at them.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.navigation import DEMO_PAGES, PAGES
from tests.bench.database import fresh_database
from tests.end_to_end.conftest import ARGUMENTS, CHROMIUM
from tests.end_to_end.processes import Installation, installed
from tests.end_to_end.test_sign_in import expect_signed_in, sign_in

FOLDER = Path(__file__).parent / "end_to_end" / "screenshots"
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
NAME, EMAIL, PASSWORD, BUSINESS = "Alex", "shots@example.com", "a good password", "Northwind"
LISTS = {
    "order": "orders",
    "discount": "discounts",
    "checkout": "checkouts",
    "customer": "customers",
    "product": "products",
    "webhook": "deliveries",
}
"""By the page of one record: the list whose first row leads to it."""
SETTLED_MS = 1500
"""Charts animate and tables measure their columns after the last run of the script."""


def main(database_url: str, folder: Path) -> list[Path]:
    """Fill a store, take the pictures, and return their files."""
    with installed(database_url, folder) as installation, sync_playwright() as playwright:
        fill_store(installation)
        with playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser:
            return [
                shot for size in SIZES for scheme in SCHEMES for shot in shoot(browser, installation, size, scheme)
            ]


def fill_store(installation: Installation) -> None:
    """Start the processes, connect the simulator's store, and read it whole."""
    installation.env["SIMULATOR_URL"] = installation.simulator_url
    installation.simulator("--orders", "600", "--customers", "150")
    installation.receiver()
    installation.worker()
    installation.web()
    installation.connect_demo_store(NAME, EMAIL, PASSWORD, BUSINESS)


def shoot(browser: Browser, installation: Installation, size: str, scheme: str) -> Iterator[Path]:
    """Take one picture of the sign-in page, of each page of the menu, and of the first record of each list."""
    with opened(browser, installation, size, scheme) as page:
        page.goto("/")
        page.get_by_role("button", name="Sign in", exact=True).first.wait_for()
        yield take(page, "sign-in", size, scheme)
        sign_in(page, EMAIL, PASSWORD)
        expect_signed_in(page, NAME)
        for spec in (*PAGES, *DEMO_PAGES):
            page.goto(f"/{spec.url_path}" if not spec.is_hidden else first_record(page, spec.url_path))
            yield take(page, spec.file, size, scheme)


def first_record(page: Page, kind: str) -> str:
    """The address that the first row of the record's list leads to."""
    page.goto(f"/{LISTS[kind]}")
    return page.locator(f"a[href^='/{kind}?']").first.get_attribute("href") or ""


@contextmanager
def opened(browser: Browser, installation: Installation, size: str, scheme: str) -> Iterator[Page]:
    """A page of a fresh browser profile at the size and in the scheme."""
    with browser.new_context(
        base_url=installation.web_url,
        viewport=SIZES[size],
        color_scheme=scheme,  # type: ignore[arg-type]
        is_mobile=size == "phone",
    ) as context:
        context.set_default_timeout(30_000)
        yield context.new_page()


def take(page: Page, name: str, size: str, scheme: str) -> Path:
    """Wait until the page is at rest, make the window as high as its content, and write the picture."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(SETTLED_MS)
    # Streamlit scrolls a container, not the document: a "full page" picture would end with the window.
    height = page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 0")
    page.set_viewport_size({"width": SIZES[size]["width"], "height": max(SIZES[size]["height"], min(height, 6000))})
    page.wait_for_timeout(SETTLED_MS)
    target = FOLDER / f"{name}-{size}-{scheme}.png"
    page.screenshot(path=target)
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    return target


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    # So that the processes of the installation end, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with fresh_database() as url, tempfile.TemporaryDirectory() as temporary:
        shots = main(url, Path(temporary))
    sys.stdout.write(f"{len(shots)} pictures in {FOLDER}\n")
