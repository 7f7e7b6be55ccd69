"""Addresses that pages link or post to (downloads, records, Shopify's admin), and ids read from them. Pure.

An address of a page keeps the store, the period and the comparison of the page that links to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from core.domain.periods import Period

EXPORTS = "/exports"
IMPORTS = "/imports"
LIVE = "/live"

FILTERS = ("store", "range", "start", "end", "compare", "currency")
"""The parameters of the filters, which a link from page to page keeps."""

_NO_QUERY: Mapping[str, str] = MappingProxyType({})
_LARGEST_ID = (1 << 63) - 1
_EMAIL = re.compile(r"\Ae:[^\s@]{1,100}@[^\s@]{1,200}\Z")
_NUMBERED = re.compile(r"\A(?:([co]):)?([0-9]{1,19})\Z", re.ASCII)


def csv_address(name: str, store_id: int, period: Period, **parameters: str | int) -> str:
    """The address of the file `name` of this store and period; `parameters` are the other filters of the page."""
    query: dict[str, str | int] = {
        "store": store_id,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
    }
    return f"{EXPORTS}/{name}.csv?{urlencode(query | {key: value for key, value in parameters.items() if value})}"


def page_query(query: Mapping[str, str], **parameters: str | int) -> dict[str, str]:
    """The query of a link to a page: the filters of the present `query`, then the page's own parameters."""
    kept = {name: query[name] for name in FILTERS if query.get(name)}
    return kept | {name: str(value) for name, value in parameters.items() if value != ""}


def page_address(path: str, query: Mapping[str, str] = _NO_QUERY, **parameters: str | int) -> str:
    """The address of the page at `path` ("orders", "" for the Overview), with the filters of the present `query`."""
    wanted = page_query(query, **parameters)
    return f"/{path}?{urlencode(wanted)}" if wanted else f"/{path}"


def order_address(shop_domain: str, order_id: int, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of an order's page; `query` is that of the page with the link."""
    return page_address("order", query, store=store_handle(shop_domain), order=order_id)


def product_address(shop_domain: str, product_id: int, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of a product's page; `query` is that of the page with the link."""
    return page_address("product", query, store=store_handle(shop_domain), product=product_id)


def customer_address(shop_domain: str, customer_key: str, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of a customer's page, by `customer_key` of `core.metrics.customers.Buyer`."""
    return page_address("customer", query, store=store_handle(shop_domain), customer=customer_key.removeprefix("c:"))


def store_handle(shop_domain: str) -> str:
    """The first part of a shop's domain: it is unique, never changes, and names the store in every address."""
    return shop_domain.removesuffix(".myshopify.com")


def shopify_admin_address(shop_domain: str, kind: str, record_id: int) -> str:
    """The address of a record in Shopify's admin; `kind` is "orders", "products" or "customers"."""
    return f"https://admin.shopify.com/store/{store_handle(shop_domain)}/{kind}/{record_id}"


def parse_id(text: str) -> int | None:
    """Read a Shopify id from an address; None for anything but digits that PostgreSQL can hold."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0
    return number if 0 < number <= _LARGEST_ID else None


def parse_customer_key(text: str) -> str | None:
    """Read the key of a customer from an address: an id, "o:" with an order's id, or "e:" with an email address."""
    if _EMAIL.match(text):
        return None if "\0" in text else text.lower()
    numbered = _NUMBERED.match(text)
    number = parse_id(numbered[2]) if numbered else None
    return f"{(numbered and numbered[1]) or 'c'}:{number}" if number else None
