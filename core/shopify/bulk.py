"""Bulk operations: Shopify collects all objects that a query finds into a file, while others go on.

One is started, looked at until it has ended, and its file read; a few may be under way at once. What a query may ask
is restricted (no lists with connections in them): see the documents bulk_*.graphql.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from msgspec import Struct

from core.domain import Checkout, Customer, InventoryLevel, Kind, Order, Product, Unreadable
from core.errors import QueryRefused, ShopifyDown
from core.shopify import completion, documents, mapping, wire
from core.shopify.client import ShopifyClient
from core.shopify.mapping import bulk_orders
from core.shopify.mapping.fields import Fields
from core.shopify.spool import Spool

_BUSY = ("OPERATION_IN_PROGRESS", "LIMIT_REACHED")
_UNDER_WAY = ("CREATED", "RUNNING", "CANCELING")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A bulk operation as it stands. `status` and `error_code` are Shopify's words; `url` is None where it found
    nothing, or has not come to its end."""

    operation_id: str
    status: str
    error_code: str | None = None
    objects: int = 0
    size: int = 0
    url: str | None = None
    created_at: datetime | None = None

    def began_before(self, noted_at: datetime) -> datetime:
        """The latest instant at which Shopify cannot have collected anything yet, by its clock and by ours."""
        return min(noted_at, self.created_at) if self.created_at else noted_at

    @property
    def under_way(self) -> bool:
        """Whether it may yet come to an end."""
        return self.status in _UNDER_WAY

    @property
    def completed(self) -> bool:
        """Whether it found everything. Of one that ended otherwise nothing is used: any object may lack children."""
        return self.status == "COMPLETED"


class Found(Struct, frozen=True, gc=False):
    """One record of a result. `is_whole` is False for an order of which more has to be read by its id."""

    record: Order | Product | Customer | Checkout | InventoryLevel | Unreadable
    is_whole: bool = True


def start(client: ShopifyClient, entity: str, window: str, missing: Collection[str] = ()) -> str | None:
    """Have all of an entity (orders, products, customers, inventory, checkouts) collected that the search text
    `window` finds, without the fields that take one of the `missing` scopes: for these Shopify would refuse all.

    Returns the operation's id, which may be one under way already with the very same query; None while as many are
    under way as may be.

    Raises:
        QueryRefused: Shopify finds the query wrong; and as `ShopifyClient.execute`.
    """
    query = _query(entity, window, missing)
    payload = client.execute("bulk_run", {"query": query})["bulkOperationRunQuery"]
    if payload["bulkOperation"] is not None:
        return str(payload["bulkOperation"]["id"])
    error: Node = next(iter(payload["userErrors"]), {})
    if error.get("code") in _BUSY:
        return _same(client, query)
    raise QueryRefused(f"Shopify does not run a bulk operation: {error.get('message')}", code=error.get("code"))


def look(client: ShopifyClient, operation_id: str) -> Operation | None:
    """The operation as it stands; None if Shopify knows it no longer. Raises as `ShopifyClient.execute`."""
    node = client.execute("bulk_poll", {"id": operation_id})["bulkOperation"]
    if node is None:
        return None
    fields = Fields(node, "the API's bulk operation")
    return Operation(
        operation_id=fields.text("id"),
        status=fields.text("status"),
        error_code=fields.text_or_none("errorCode"),
        objects=fields.integer("objectCount"),
        size=fields.integer_or_none("fileSize") or 0,
        url=fields.text_or_none("url"),
        created_at=fields.time_or_none("createdAt"),
    )


def cancel(client: ShopifyClient, operation_id: str) -> None:
    """Have Shopify stop collecting; no matter if it has ended already. Raises as `ShopifyClient.execute`."""
    client.execute("bulk_cancel", {"id": operation_id})


@contextmanager
def result(client: ShopifyClient, operation: Operation, entity: str) -> Iterator[Iterator[Found]]:
    """What a completed operation found. The whole file is here, on disk, before the first object is given.

    Raises:
        ResultGone: the file is not there any more; run the operation again.
        ShopifyDown: it did not come whole.
        QueryRefused: it is not at an address of Shopify's.
    """
    with Spool(operation.size) as spool:
        spool.fill(client.fetch(operation.url) if operation.url else ())
        if spool.lines != operation.objects:
            raise ShopifyDown("The result of a bulk operation was not whole; it is fetched again later")
        found = _FOUND[entity]
        yield chain.from_iterable(found(line, children) for line, children in spool.groups())


def _query(entity: str, window: str, missing: Collection[str]) -> str:
    lines = documents.load(_DOCUMENTS[entity]).replace("{window}", window).splitlines()
    return "\n".join(line for line in lines if line.partition("  # ")[2] not in missing)


def _same(client: ShopifyClient, query: str) -> str | None:
    """The operation under way with this query: one whose start was not noted before a process was killed."""
    running = client.execute("bulk_running")["bulkOperations"]["nodes"]
    return next((str(node["id"]) for node in running if node["query"] == query), None)


def _node(line: bytes) -> Node:
    try:
        node = wire.decoded(line)
    except ValueError:
        raise ShopifyDown("The result of a bulk operation was not readable; it is fetched again later") from None
    return node if isinstance(node, dict) else {}


def _order(line: bytes, children: list[bytes]) -> Sequence[Found]:
    try:
        order, is_plain = bulk_orders.order(line, children)
    except bulk_orders.Unexpected:
        return (_patiently(_node(line), [_node(child) for child in children]),)
    return (Found(order, is_whole=is_plain and _shipping_adds_up(order)),)


def _patiently(node: Node, children: list[Node]) -> Found:
    shipping = node.get("shippingLine")
    if shipping:
        # The summary of several shipping lines has no id of its own.
        shipping["id"] = shipping["id"] or "gid://shopify/ShippingLine/0"
    node["lineItems"] = {"nodes": children}
    node["shippingLines"] = {"nodes": [shipping] if shipping else []}
    order = mapping.or_unreadable(Kind.ORDER, mapping.order, node)
    if isinstance(order, Unreadable):
        return Found(order)
    return Found(order, is_whole=completion.is_plain(node) and _shipping_adds_up(order))


def _shipping_adds_up(order: Order) -> bool:
    """Whether the summary of the shipping lines is all that was charged for shipping."""
    charged = sum([line.price - line.discount for line in order.shipping_lines if not line.is_removed], Decimal(0))
    return order.shipping is None or charged == order.shipping


def _product(line: bytes, children: list[bytes]) -> Sequence[Found]:
    node = {**_node(line), "variants": {"nodes": [_node(child) for child in children]}}
    return (Found(mapping.or_unreadable(Kind.PRODUCT, mapping.product, node)),)


def _customer(line: bytes, _children: list[bytes]) -> Sequence[Found]:
    return (Found(mapping.or_unreadable(Kind.CUSTOMER, mapping.customer, _node(line))),)


def _levels(line: bytes, children: list[bytes]) -> Sequence[Found]:
    node = {**_node(line), "inventoryLevels": {"nodes": [_node(child) for child in children]}}
    read = mapping.or_unreadable(Kind.INVENTORY_ITEM, mapping.levels, node)
    return (Found(read),) if isinstance(read, Unreadable) else [Found(level) for level in read]


def _checkout(line: bytes, children: list[bytes]) -> Sequence[Found]:
    node = {**_node(line), "lineItems": {"nodes": [_node(child) for child in children]}}
    return (Found(mapping.or_unreadable(Kind.CHECKOUT, mapping.checkout, node)),)


_DOCUMENTS = {
    "orders": "bulk_orders",
    "products": "bulk_products",
    "customers": "bulk_customers",
    "inventory": "bulk_inventory",
    "checkouts": "bulk_checkouts",
}
_FOUND: Mapping[str, Callable[[bytes, list[bytes]], Sequence[Found]]] = {
    "orders": _order,
    "products": _product,
    "customers": _customer,
    "inventory": _levels,
    "checkouts": _checkout,
}
