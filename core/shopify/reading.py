"""Reading a shop for the sync: pages of what changed in a window, oldest change first, each record whole.

A page of orders is read small. Orders of which their lines do not tell all are then read again by id, with Shopify's
own ledger of them; whatever does not fit into the first page of a list is fetched to its end (see `completion`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from core.domain import Checkout, Customer, InventoryLevel, Kind, Order, Product, Unreadable
from core.errors import QueryRefused, ShopifyDown, UnmappableError
from core.shopify import completion, mapping
from core.shopify.client import ShopifyClient
from core.shopify.listing import Place, narrowed, stamp
from core.shopify.mapping.fields import Fields
from core.shopify.sizes import Sizes, execute_sized, read_by_ids

LINES = 20
"""Line items, variants: how many of them come with each order or product of a page."""
DETAILED_AT_ONCE = 8
"""Orders read whole in one request."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `end_cursor` is where the next one begins (None on the last), to be given back as `after`.

    `last_updated_at` is the newest change that was listed in it (None on an empty page): everything that changed
    before has been listed by now. A record may be listed twice. One that lacks what is needed is told as unreadable.
    """

    records: tuple[Order | Customer | Product | InventoryLevel | Checkout | Unreadable, ...]
    end_cursor: str | None
    has_next: bool
    last_updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many records match: what a sync has before it."""

    orders: int
    customers: int
    products: int


@dataclass(frozen=True, slots=True)
class ShopInfo:
    """Who a shop is. `scopes` are what its app was granted; `time_zone` is an IANA name."""

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
    """The search text for what changed from `since` to `until`, both included; empty for everything.

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
    """At most `first` orders (fewer where Shopify finds that too costly), whole.

    Raises:
        ShopifyError, ShopifyTransient: see `ShopifyClient.execute`.
    """
    place = Place.parse(after)
    connection = _listed(client, "orders", query, place, first, "lines")
    nodes = connection["nodes"]
    wanted = [node["id"] for node in nodes if not completion.is_plain(node)]
    whole = _whole(client, wanted)
    # An order that was listed and is gone when it is read again was deleted in between.
    read = (whole.get(node["id"]) if node["id"] in wanted else _readable(client, node) for node in nodes)
    return _page(connection, place, tuple(order for order in read if order is not None))


def customers_page(client: ShopifyClient, query: str, after: str | None, first: int = 100) -> Page:
    """At most `first` customers. Raises as `orders_page`."""
    place = Place.parse(after)
    connection = _listed(client, "customers", query, place, first)
    read = partial(mapping.or_unreadable, Kind.CUSTOMER, mapping.customer)
    return _page(connection, place, tuple(map(read, connection["nodes"])))


def products_page(client: ShopifyClient, query: str, after: str | None, first: int = 50) -> Page:
    """At most `first` products, each with all of its variants. Raises as `orders_page`."""
    place = Place.parse(after)
    connection = _listed(client, "products", query, place, first, "variants")
    for node in connection["nodes"]:
        completion.complete_product(client, node)
    read = partial(mapping.or_unreadable, Kind.PRODUCT, mapping.product)
    return _page(connection, place, tuple(map(read, connection["nodes"])))


def checkouts_page(client: ShopifyClient, query: str, after: str | None, first: int = 50) -> Page:
    """At most `first` checkouts that were left, each with all its lines, the oldest first. Raises as `orders_page`.

    `after` is Shopify's own cursor: the list is not sorted by changes, so it cannot be taken up anew further on.
    """

    def variables(size: Sizes) -> Mapping[str, Any]:
        return {"query": query, "after": after, "first": size(first), "lines": size(LINES)}

    connection = execute_sized(client, "checkouts", variables)["abandonedCheckouts"]
    for node in connection["nodes"]:
        completion.complete_checkout(client, node)
    read = partial(mapping.or_unreadable, Kind.CHECKOUT, mapping.checkout)
    records, info = tuple(map(read, connection["nodes"])), connection["pageInfo"]
    newest = max((record.updated_at for record in records if isinstance(record, Checkout)), default=None)
    return Page(records, info["endCursor"] if info["hasNextPage"] else None, info["hasNextPage"], newest)


def orders_by_ids(client: ShopifyClient, order_ids: Iterable[int]) -> tuple[Order | Unreadable, ...]:
    """Those of the orders that exist, whole, with their ledgers.

    One that Shopify does not answer for while it answers otherwise is told as unreadable: it keeps no other out.
    Raises as `orders_page`.
    """
    return tuple(_whole(client, [f"gid://shopify/Order/{order_id}" for order_id in order_ids]).values())


def counts(
    client: ShopifyClient,
    *,
    orders: str | None = "",
    customers: str | None = "",
    products: str | None = "",
) -> Totals:
    """How many records match each search text; a kind whose text is None is not asked for, and 0. Raises as above."""
    queries = {"orders": orders, "customers": customers, "products": products}
    asked = {f"with{kind.capitalize()}": query is not None for kind, query in queries.items()}
    data = client.execute("counts", queries | asked)
    return Totals(**{kind: data[f"{kind}Count"]["count"] if f"{kind}Count" in data else 0 for kind in queries})


def shop(client: ShopifyClient) -> ShopInfo:
    """Who the shop is and what its app may read. Raises as `orders_page`."""
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


def _listed(
    client: ShopifyClient, kind: str, query: str, place: Place, first: int, inner: str | None = None
) -> dict[str, Any]:
    def variables(size: Sizes) -> Mapping[str, Any]:
        asked = {"query": narrowed(query, place.since), "after": place.after, "first": size(first)}
        return asked | {inner: size(LINES)} if inner else asked

    connection: dict[str, Any] = execute_sized(client, kind, variables)[kind]
    return connection


def _whole(client: ShopifyClient, gids: list[str]) -> dict[str, Order | Unreadable]:
    """Orders by their ids, in the order asked for, without those that are gone."""
    found: dict[str, Order | Unreadable] = {}
    for first in range(0, len(gids), DETAILED_AT_ONCE):
        found |= _some_whole(client, gids[first : first + DETAILED_AT_ONCE])
    return found


def _some_whole(client: ShopifyClient, gids: list[str]) -> dict[str, Order | Unreadable]:
    try:
        return {node["id"]: _readable(client, node) for node in _detailed(client, gids)}
    except ShopifyDown:
        # Whether Shopify is away or one of these is too much for it, a small question tells.
        counts(client, customers=None, products=None)
        if len(gids) == 1:
            order_id, why = int(gids[0].rpartition("/")[2]), "Shopify does not answer when it is asked for this order"
            return {gids[0]: Unreadable(Kind.ORDER, order_id, why, may_heal=True)}
        half = len(gids) // 2
        return _some_whole(client, gids[:half]) | _some_whole(client, gids[half:])


def _detailed(client: ShopifyClient, gids: list[str]) -> list[dict[str, Any]]:
    """Order nodes by id, in the order asked for; those that are gone are left out."""
    nodes = read_by_ids(client, "order_details", gids, DETAILED_AT_ONCE, completion.detail_sizes)
    return [node for node in nodes if node]


def _readable(client: ShopifyClient, node: dict[str, Any]) -> Order | Unreadable:
    completion.complete_order(client, node)
    return mapping.or_unreadable(Kind.ORDER, mapping.order, node)


def _page(connection: Mapping[str, Any], place: Place, records: Any) -> Page:
    nodes, info = connection["nodes"], connection["pageInfo"]
    newest = max((at for at in map(_changed_at, nodes) if at is not None), default=None)
    if not info["hasNextPage"]:
        return Page(records, None, False, newest)
    if not info["endCursor"] or newest is None:
        raise QueryRefused("Shopify says that more records follow but not after which; please report it")
    return Page(records, str(place.next(info["endCursor"], len(nodes), stamp(newest))), True, newest)


def _changed_at(node: Mapping[str, Any]) -> datetime | None:
    """None of a node without that, which is unreadable: it says nothing of where the list is."""
    try:
        return Fields(node, "the API's node").time("updatedAt")
    except UnmappableError:
        return None
