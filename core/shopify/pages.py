"""Pages of a shop's changes in a window for the sync, oldest change first, each record whole.

A page of orders has few fields. Orders whose lines do not give all of their sales are then fetched by id, with
Shopify's own ledger. Lists longer than their first page are fetched to their end (see `long_lists`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from core.domain import Checkout, Customer, InventoryLevel, Kind, Order, Product, Unreadable, ledger
from core.errors import QueryRefused, ShopifyDown, UnmappableError
from core.shopify import long_lists, mapping
from core.shopify.client import ShopifyClient
from core.shopify.listing import Place, narrowed, stamp
from core.shopify.mapping.fields import Fields
from core.shopify.sizes import Sizes, execute_sized, read_by_ids
from core.shopify.wire import Json

LINES = 20
"""Line items or variants that come with each order or product of a page."""
DETAILED_AT_ONCE = 8
"""Orders fetched whole in one request."""
CUSTOMERS_AT_ONCE = 100
"""Customers fetched by id in one request, for 500 points at most: each has five objects, such as its address."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records.

    `end_cursor` is where the next page begins (None on the last), to be passed as `after`. `last_updated_at` is the
    newest change listed in it (None on an empty page): every earlier change has been listed. A record may be listed
    twice. A record without a needed field is listed as unreadable.
    """

    records: tuple[Order | Customer | Product | InventoryLevel | Checkout | Unreadable, ...]
    end_cursor: str | None
    has_next: bool
    last_updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The number of records that match, from which a sync computes its progress."""

    orders: int
    customers: int
    products: int


@dataclass(frozen=True, slots=True)
class ShopInfo:
    """A shop's own data. `scopes` are those granted to the app; `time_zone` is an IANA name."""

    shopify_id: int
    name: str
    domain: str
    currency: str
    time_zone: str
    taxes_included: bool
    created_at: datetime
    plan: str | None
    scopes: tuple[str, ...]


def updated_query(since: datetime | None = None, until: datetime | None = None) -> str:
    """Write the search text for changes from `since` to `until`, both included; empty for all records.

    Raises:
        ValueError: a time without a time zone.
    """
    bounds = []
    if since is not None:
        bounds.append(f"updated_at:>='{stamp(since)}'")
    if until is not None:
        bounds.append(f"updated_at:<='{stamp(until)}'")
    return " ".join(bounds)


def orders_page(client: ShopifyClient, query: str, after: str | None, first: int = 50) -> Page:
    """Fetch at most `first` orders, whole; fewer if Shopify finds the request too costly.

    Raises:
        ShopifyError, ShopifyTransient: see `ShopifyClient.execute`.
    """
    place = Place.parse(after)
    connection = _fetch_list(client, "orders", query, place, first, "lines")
    nodes = connection["nodes"]
    plain = {node["id"]: _complete_and_map(client, node) for node in nodes if long_lists.is_plain(node)}
    orders = {
        gid: order for gid, order in plain.items() if isinstance(order, Unreadable) or ledger.is_all_placed(order)
    }
    orders |= _fetch_whole(client, [node["id"] for node in nodes if node["id"] not in orders])
    # An order that was listed but is missing from the second answer was deleted in between.
    return _page(connection, place, tuple(orders[node["id"]] for node in nodes if node["id"] in orders))


def customers_page(client: ShopifyClient, query: str, after: str | None, first: int = 100) -> Page:
    """Fetch at most `first` customers. Raises as `orders_page`."""
    place = Place.parse(after)
    connection = _fetch_list(client, "customers", query, place, first)
    to_record = partial(mapping.map_or_unreadable, Kind.CUSTOMER, mapping.customer)
    return _page(connection, place, tuple(map(to_record, connection["nodes"])))


def products_page(client: ShopifyClient, query: str, after: str | None, first: int = 50) -> Page:
    """Fetch at most `first` products, each with all of its variants. Raises as `orders_page`."""
    place = Place.parse(after)
    connection = _fetch_list(client, "products", query, place, first, "variants")
    for node in connection["nodes"]:
        long_lists.complete_product(client, node)
    to_record = partial(mapping.map_or_unreadable, Kind.PRODUCT, mapping.product)
    return _page(connection, place, tuple(map(to_record, connection["nodes"])))


def checkouts_page(client: ShopifyClient, query: str, after: str | None, first: int = 50) -> Page:
    """Fetch at most `first` abandoned checkouts, each with all its lines, the oldest first. Raises as `orders_page`.

    `after` is Shopify's own cursor: the list is not sorted by changes, so a new search cannot begin further on.
    """

    def variables(size: Sizes) -> Mapping[str, object]:
        return {"query": query, "after": after, "first": size(first), "lines": size(LINES)}

    connection = execute_sized(client, "checkouts", variables)["abandonedCheckouts"]
    for node in connection["nodes"]:
        long_lists.complete_checkout(client, node)
    to_record = partial(mapping.map_or_unreadable, Kind.CHECKOUT, mapping.checkout)
    records, info = tuple(map(to_record, connection["nodes"])), connection["pageInfo"]
    newest = max((record.updated_at for record in records if isinstance(record, Checkout)), default=None)
    return Page(records, info["endCursor"] if info["hasNextPage"] else None, info["hasNextPage"], newest)


def orders_by_ids(client: ShopifyClient, order_ids: Iterable[int]) -> tuple[Order | Unreadable, ...]:
    """Fetch the existing ones of these orders, whole, with their ledgers.

    If Shopify fails on one order but answers otherwise, that order is unreadable, so that the others are still read.
    Raises as `orders_page`.
    """
    return tuple(_fetch_whole(client, [f"gid://shopify/Order/{order_id}" for order_id in order_ids]).values())


def customers_by_ids(client: ShopifyClient, customer_ids: Iterable[int]) -> tuple[Customer | Unreadable, ...]:
    """Fetch the existing ones of these customers. Raises as `orders_page`."""
    gids = [f"gid://shopify/Customer/{customer_id}" for customer_id in customer_ids]
    nodes = read_by_ids(client, "customer_details", gids, CUSTOMERS_AT_ONCE, lambda _: {})
    return tuple(mapping.map_or_unreadable(Kind.CUSTOMER, mapping.customer, node) for node in nodes if node)


def counts(
    client: ShopifyClient,
    *,
    orders: str | None = "",
    customers: str | None = "",
    products: str | None = "",
) -> Totals:
    """Count the records that match each search text; a kind whose text is None is not counted, and 0. Raises as
    `orders_page`."""
    queries = {"orders": orders, "customers": customers, "products": products}
    flags = {f"with{kind.capitalize()}": query is not None for kind, query in queries.items()}
    data = client.execute("counts", {**queries, **flags})
    return Totals(**{kind: data[f"{kind}Count"]["count"] if f"{kind}Count" in data else 0 for kind in queries})


def shop(client: ShopifyClient) -> ShopInfo:
    """Fetch the shop's own data and the app's scopes. Raises as `orders_page`."""
    data = Fields(client.execute("shop"), "the API's shop")
    fields = data.object("shop")
    plan = fields.object_or_none("plan")
    scopes = data.object("currentAppInstallation").each("accessScopes")
    return ShopInfo(
        shopify_id=fields.gid(),
        name=fields.text("name"),
        domain=fields.text("myshopifyDomain"),
        currency=fields.text("currencyCode"),
        time_zone=fields.text("ianaTimezone"),
        taxes_included=fields.flag("taxesIncluded"),
        created_at=fields.time("createdAt"),
        plan=plan.text_or_none("publicDisplayName") if plan else None,
        scopes=tuple(scope.text("handle") for scope in scopes),
    )


def _fetch_list(
    client: ShopifyClient, kind: str, query: str, place: Place, first: int, inner: str | None = None
) -> Json:
    def variables(size: Sizes) -> Mapping[str, object]:
        parameters = {"query": narrowed(query, place.since), "after": place.after, "first": size(first)}
        return parameters | {inner: size(LINES)} if inner else parameters

    connection: Json = execute_sized(client, kind, variables)[kind]
    return connection


def _fetch_whole(client: ShopifyClient, gids: list[str]) -> dict[str, Order | Unreadable]:
    """Fetch orders by their ids, in the same order, without deleted ones."""
    orders: dict[str, Order | Unreadable] = {}
    for first in range(0, len(gids), DETAILED_AT_ONCE):
        orders |= _fetch_batch(client, gids[first : first + DETAILED_AT_ONCE])
    return orders


def _fetch_batch(client: ShopifyClient, gids: list[str]) -> dict[str, Order | Unreadable]:
    try:
        return {node["id"]: _complete_and_map(client, node) for node in _fetch_details(client, gids)}
    except ShopifyDown:
        # A small query shows whether Shopify is down or one of these orders is too much for it.
        counts(client, customers=None, products=None)
        if len(gids) == 1:
            order_id = int(gids[0].rpartition("/")[2])
            reason = "Shopify does not answer when it is asked for this order"
            return {gids[0]: Unreadable(Kind.ORDER, order_id, reason, may_heal=True)}
        half = len(gids) // 2
        return _fetch_batch(client, gids[:half]) | _fetch_batch(client, gids[half:])


def _fetch_details(client: ShopifyClient, gids: list[str]) -> list[Json]:
    """Fetch order nodes by id, in the same order, without deleted ones."""
    nodes = read_by_ids(client, "order_details", gids, DETAILED_AT_ONCE, long_lists.detail_sizes)
    return [node for node in nodes if node]


def _complete_and_map(client: ShopifyClient, node: Json) -> Order | Unreadable:
    long_lists.complete_order(client, node)
    return mapping.map_or_unreadable(Kind.ORDER, mapping.order, node)


def _page(connection: Json, place: Place, records: Any) -> Page:
    nodes, info = connection["nodes"], connection["pageInfo"]
    newest = max((at for at in map(_changed_at, nodes) if at is not None), default=None)
    if not info["hasNextPage"]:
        return Page(records, None, False, newest)
    if not info["endCursor"] or newest is None:
        raise QueryRefused("Shopify says that more records follow but not after which; please report it.")
    return Page(records, str(place.next(info["endCursor"], len(nodes), stamp(newest))), True, newest)


def _changed_at(node: Json) -> datetime | None:
    """Read when the node changed; None for an unreadable node, which says nothing about the place in the list."""
    try:
        return Fields(node, "the API's node").time("updatedAt")
    except UnmappableError:
        return None
