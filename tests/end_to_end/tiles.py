"""The figures at the top of a page, as a browser shows them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def tiles(page: Page) -> Locator:
    """All figures of the page."""
    return page.locator(".figures .tile")


def figure(page: Page, label: str) -> Locator:
    """The text of the figure with this label."""
    return tiles(page).filter(has=page.get_by_text(label, exact=True)).locator(".value .shown")
