"""Addresses that pages link or post to (downloads, records, Shopify's admin), and ids read from them. Pure.

The address of a record keeps the query of the list that led to it, so that the way back shows the list as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from core.domain.ids import parse_id
from core.domain.periods import Period, local_day
from core.stores import StoreView

EXPORTS = "/exports"
IMPORTS = "/imports"
UNIT_COSTS = "/unit-costs"
EXCHANGE_RATES = "/exchange-rates"
LIVE, ALL_STORES = "/live", "stores"

FILTERS = ("store", "range", "start", "end", "compare", "currency", "metric", "grain")
"""The parameters of the filters. Links between pages keep them; a changed filter is a step in the history."""
HIDDEN = "hidden"
"""The parameter of the columns that a list hides. Choosing columns is no step in the history."""
SHOP, FROM = "shop", "from"
"""The parameters of a record's page that name its store and the query of the list that led to it. Streamlit drops
parameters of widgets that the next page does not have, `store` and `range` among them, so these have names of their
own."""
_LONGEST_FROM = 1000

_NO_QUERY: Mapping[str, str] = MappingProxyType({})
_EMAIL = re.compile(r"\Ae:[^\s@]{1,100}@[^\s@]{1,200}\Z")
_SHOP = re.compile(r"\A[a-z0-9][a-z0-9-]*\.myshopify\.com\Z", re.ASCII)
_RECOVERY = re.compile(r"\A/(?:[0-9]+/)?checkouts/[0-9A-Za-z/_-]+/recover(?:\?[0-9A-Za-z_.~%=&-]*)?\Z", re.ASCII)
_NUMBERED = re.compile(r"\A(?:([co]):)?([0-9]{1,19})\Z", re.ASCII)


def csv_address(name: str, store_id: int, period: Period, **parameters: str | int) -> str:
    """The address of the file `name` of this store and period; `parameters` are the other filters of the page."""
    query: dict[str, str | int] = {
        "store": store_id,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
    }
    return f"{EXPORTS}/{name}.csv?{urlencode(query | {key: value for key, value in parameters.items() if value})}"


def undated_csv_address(name: str, store: StoreView, now: datetime) -> str:
    """The address of the file `name`, which has all rows of the store or of its business, whatever their days."""
    today = local_day(now, store.time_zone)
    return csv_address(name, store.store_id, Period(today, today, store.time_zone))


def page_address(path: str, query: Mapping[str, str] = _NO_QUERY, **parameters: str | int) -> str:
    """The address of the page at `path` ("orders", "" for the Overview), with the filters of the present `query`."""
    kept = {name: value for name, value in list_query(query).items() if name in FILTERS}
    return _address(path, kept | {name: str(value) for name, value in parameters.items()})


def back_address(path: str, query: Mapping[str, str]) -> str:
    """The address of the list at `path` as it was when it led to the record of the present `query`."""
    return _address(path, list_query(query))


def list_query(query: Mapping[str, str]) -> dict[str, str]:
    """The query of the list that led to a record's page; of any other page, its own."""
    if SHOP not in query:
        return {name: value for name, value in query.items() if value}
    return dict(parse_qsl(query.get(FROM, "")[:_LONGEST_FROM]))


def order_address(shop_domain: str, order_id: int, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of an order's page; `query` is that of the page with the link."""
    return _record_address("order", shop_domain, str(order_id), query)


def product_address(shop_domain: str, product_id: int, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of a product's page, for the period of the page with the link, whose `query` is given."""
    period = {name: value for name, value in list_query(query).items() if name in FILTERS and name != "store"}
    return _record_address("product", shop_domain, str(product_id), query, **period)


def customer_address(shop_domain: str, customer_key: str, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of a customer's page, by `customer_key` of `core.metrics.customers.listing.Buyer`."""
    return _record_address("customer", shop_domain, customer_key.removeprefix("c:"), query)


def discount_address(shop_domain: str, key: str, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of a discount's page for the period of the page with the link; `key` is a `DiscountKey` as text."""
    period = {name: value for name, value in list_query(query).items() if name in FILTERS and name != "store"}
    return _record_address("discount", shop_domain, key, query, **period)


def checkout_address(shop_domain: str, checkout_id: int, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of a checkout's page; `query` is that of the page with the link."""
    return _record_address("checkout", shop_domain, str(checkout_id), query)


def recovery_address(shop_domain: str, path: str | None) -> str | None:
    """The link by which a customer continues a checkout, at the shop's own host at Shopify; None for another path."""
    if path is None or not _SHOP.match(shop_domain) or not _RECOVERY.match(path):
        return None
    return f"https://{shop_domain}{path}"


def webhook_address(shop_domain: str, delivery_id: int, query: Mapping[str, str] = _NO_QUERY) -> str:
    """The address of a webhook's page; `query` is that of the page with the link."""
    return _record_address("webhook", shop_domain, str(delivery_id), query)


def _record_address(kind: str, shop_domain: str, key: str, query: Mapping[str, str], **own: str) -> str:
    kept = list_query(query)
    if SHOP in query:
        # From record to record: the search and the sort were of another list.
        kept = {name: value for name, value in kept.items() if name in FILTERS}
    return _address(kind, {SHOP: store_handle(shop_domain), kind: key, **own, FROM: urlencode(kept)})


def _address(path: str, query: Mapping[str, str]) -> str:
    encoded = urlencode({name: value for name, value in query.items() if value})
    return f"/{path}?{encoded}" if encoded else f"/{path}"


def store_handle(shop_domain: str) -> str:
    """The first part of a shop's domain: it is unique, never changes, and names the store in every address."""
    return shop_domain.removesuffix(".myshopify.com")


def shopify_admin_address(shop_domain: str, kind: str, record_id: int) -> str:
    """The address of a record in Shopify's admin; `kind` is "orders", "products" or "customers"."""
    return f"https://admin.shopify.com/store/{store_handle(shop_domain)}/{kind}/{record_id}"


def parse_customer_key(text: str) -> str | None:
    """Read the key of a customer from an address: an id, "o:" with an order's id, or "e:" with an email address."""
    if _EMAIL.match(text):
        return None if "\0" in text else text.lower()
    numbered = _NUMBERED.match(text)
    number = parse_id(numbered[2]) if numbered else None
    return f"{(numbered and numbered[1]) or 'c'}:{number}" if number else None
