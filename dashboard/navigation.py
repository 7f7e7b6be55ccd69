"""The pages of the dashboard, and the addresses that a browser may be sent to after signing in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

MARK = Path(__file__).with_name("images") / "mark.svg"
WORDMARK = Path(__file__).with_name("images") / "wordmark.svg"
EXAMPLE = Path(__file__).with_name("images") / "example_overview.svg"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page: its file in app_pages/, its path in the address, and its entry in the menu, unless `is_hidden`."""

    file: str
    url_path: str
    title: str
    icon: str
    help: str
    is_hidden: bool = False


PAGES = (
    PageSpec(
        "overview",
        "",
        "Overview",
        ":material/monitoring:",
        "Sales, orders and customers of the period, with their change.",
    ),
    PageSpec(
        "orders", "orders", "Orders", ":material/receipt_long:", "Every order of the period, to search and filter."
    ),
    PageSpec("customers", "customers", "Customers", ":material/group:", "Who bought, how often and for how much."),
    PageSpec("products", "products", "Products", ":material/sell:", "What was sold and what came back, with stock."),
    PageSpec(
        "health",
        "health",
        "Data health",
        ":material/verified:",
        "Is everything here? Each day against Shopify’s count.",
    ),
    PageSpec("deliveries", "deliveries", "Webhook log", ":material/inbox:", "What Shopify sent, and what failed."),
    PageSpec("stores", "stores", "Stores", ":material/storefront:", "Connect a Shopify store, and watch its syncs."),
    PageSpec("settings", "settings", "Settings", ":material/settings:", "Your account, the business, its members."),
    PageSpec("order", "order", "Order", ":material/receipt_long:", "One order in detail.", is_hidden=True),
    PageSpec("customer", "customer", "Customer", ":material/person:", "One customer in detail.", is_hidden=True),
    PageSpec("product", "product", "Product", ":material/sell:", "One product in detail.", is_hidden=True),
    PageSpec("webhook", "webhook", "Webhook", ":material/inbox:", "One webhook in detail.", is_hidden=True),
)
DEMO_PAGES = (
    PageSpec(
        "simulator",
        "simulator",
        "Simulator",
        ":material/thunderstorm:",
        "The demo’s Shopify: make it sell, and misbehave.",
    ),
)
"""Pages for owners of an installation that runs on the simulator."""


def page_paths(with_demo: bool) -> frozenset[str]:
    """The paths of all pages, each with its slash in front."""
    return frozenset(f"/{page.url_path}" for page in (*PAGES, *(DEMO_PAGES if with_demo else ())))


def local_address(wanted: str) -> str:
    """The address of the page that `wanted` names, with its query; the Overview's for anything else.

    It is built from the page's declared path, so that no spelling of `wanted` leads to another site.
    """
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    path = parts.path.strip("/")
    if parts.scheme or parts.netloc or path not in {page.url_path for page in (*PAGES, *DEMO_PAGES)}:
        return "/"
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    return f"/{path}?{query}" if query else f"/{path}"
