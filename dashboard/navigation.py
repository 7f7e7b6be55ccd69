"""The pages of the dashboard, and the addresses that a browser may be sent to after signing in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

MARK = Path(__file__).with_name("images") / "mark.svg"
WORDMARK = Path(__file__).with_name("images") / "wordmark.svg"
EXAMPLE = Path(__file__).with_name("images") / "example_overview.svg"


class Section(StrEnum):
    """A heading of the menu. The menu shows the sections in this order."""

    SALES = "Sales"
    CUSTOMERS = "Customers"
    PRODUCTS = "Products"
    MONEY = "Money"
    EXPLORE = "Explore"
    BUSINESS = "Business"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page: its file in app_pages/, its path in the address, and its entry in the menu, unless `is_hidden`."""

    section: Section
    file: str
    url_path: str
    title: str
    icon: str
    help: str
    is_hidden: bool = False


PAGES = (
    PageSpec(
        Section.SALES,
        "overview",
        "",
        "Overview",
        ":material/monitoring:",
        "Sales, orders and customers of the period, with their change.",
    ),
    PageSpec(
        Section.SALES,
        "changes",
        "changes",
        "What changed",
        ":material/difference:",
        "Why net sales are up or down, term by term, to the cent.",
    ),
    PageSpec(
        Section.SALES,
        "orders",
        "orders",
        "Orders",
        ":material/receipt_long:",
        "Every order of the period, to search and filter.",
    ),
    PageSpec(
        Section.SALES,
        "returns",
        "returns",
        "Returns",
        ":material/assignment_return:",
        "What came back, why, and what was refunded.",
    ),
    PageSpec(
        Section.SALES,
        "checkouts",
        "checkouts",
        "Checkouts",
        ":material/shopping_cart_checkout:",
        "Checkouts begun, completed, abandoned and recovered.",
    ),
    PageSpec(
        Section.SALES,
        "discounts",
        "discounts",
        "Discounts",
        ":material/percent:",
        "What each code and discount gave away, and whom it brought.",
    ),
    PageSpec(
        Section.CUSTOMERS,
        "customers",
        "customers",
        "Customers",
        ":material/group:",
        "Who bought, how often and for how much.",
    ),
    PageSpec(
        Section.CUSTOMERS,
        "cohorts",
        "cohorts",
        "Cohorts",
        ":material/grid_on:",
        "Who comes back, and what a customer is worth.",
    ),
    PageSpec(
        Section.CUSTOMERS,
        "segments",
        "segments",
        "Segments",
        ":material/groups:",
        "Customers who are alike, and what to do about each group.",
    ),
    PageSpec(
        Section.PRODUCTS,
        "products",
        "products",
        "Products",
        ":material/sell:",
        "What was sold and what came back, with stock.",
    ),
    PageSpec(
        Section.PRODUCTS,
        "stock",
        "stock",
        "Stock",
        ":material/inventory_2:",
        "How long the stock lasts, and what to reorder.",
    ),
    PageSpec(
        Section.PRODUCTS,
        "baskets",
        "baskets",
        "Bought together",
        ":material/shopping_basket:",
        "Products of one order, and what a first purchase leads to.",
    ),
    PageSpec(
        Section.MONEY,
        "profit",
        "profit",
        "Profit",
        ":material/savings:",
        "What is left of sales after costs, and how much of it is known.",
    ),
    PageSpec(
        Section.MONEY,
        "finance",
        "finance",
        "Finance",
        ":material/account_balance:",
        "Month by month for the accountant: sales, taxes, gift cards.",
    ),
    PageSpec(
        Section.EXPLORE,
        "explore",
        "explore",
        "Explore",
        ":material/query_stats:",
        "Choose figures, split and filter them, and save the report.",
    ),
    PageSpec(
        Section.BUSINESS,
        "all_stores",
        "all-stores",
        "All stores",
        ":material/compare:",
        "Your stores side by side, and summed in one currency.",
    ),
    PageSpec(
        Section.BUSINESS,
        "targets",
        "targets",
        "Targets",
        ":material/flag:",
        "A month’s target for sales or orders, and its pace.",
    ),
    PageSpec(
        Section.BUSINESS,
        "health",
        "health",
        "Data health",
        ":material/verified:",
        "Is everything here? Each day against Shopify’s count.",
    ),
    PageSpec(
        Section.BUSINESS,
        "deliveries",
        "deliveries",
        "Webhook log",
        ":material/inbox:",
        "What Shopify sent, and what failed.",
    ),
    PageSpec(
        Section.BUSINESS,
        "stores",
        "stores",
        "Stores",
        ":material/storefront:",
        "Connect a Shopify store, and watch its syncs.",
    ),
    PageSpec(
        Section.BUSINESS,
        "settings",
        "settings",
        "Settings",
        ":material/settings:",
        "Your account, the business, its members.",
    ),
    PageSpec(
        Section.SALES, "order", "order", "Order", ":material/receipt_long:", "One order in detail.", is_hidden=True
    ),
    PageSpec(
        Section.SALES,
        "checkout",
        "checkout",
        "Checkout",
        ":material/shopping_cart_checkout:",
        "One checkout in detail.",
        is_hidden=True,
    ),
    PageSpec(
        Section.SALES,
        "discount",
        "discount",
        "Discount",
        ":material/percent:",
        "One discount in detail.",
        is_hidden=True,
    ),
    PageSpec(
        Section.CUSTOMERS,
        "customer",
        "customer",
        "Customer",
        ":material/person:",
        "One customer in detail.",
        is_hidden=True,
    ),
    PageSpec(
        Section.PRODUCTS, "product", "product", "Product", ":material/sell:", "One product in detail.", is_hidden=True
    ),
    PageSpec(
        Section.BUSINESS,
        "webhook",
        "webhook",
        "Webhook",
        ":material/inbox:",
        "One webhook in detail.",
        is_hidden=True,
    ),
)
DEMO_PAGES = (
    PageSpec(
        Section.BUSINESS,
        "simulator",
        "simulator",
        "Simulator",
        ":material/thunderstorm:",
        "The demo’s Shopify: make it sell, and misbehave.",
    ),
)
"""Pages for owners of an installation that runs on the simulator."""


def by_section(pages: Sequence[PageSpec]) -> dict[Section, list[PageSpec]]:
    """Return the pages of each section, in the order of the menu, without sections that have none."""
    sections = {section: [page for page in pages if page.section is section] for section in Section}
    return {section: pages for section, pages in sections.items() if pages}


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
