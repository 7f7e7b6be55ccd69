"""Bulk operations: Shopify collects all objects that a query matches into a file, in the background.

The caller starts an operation, polls it until it has ended, and reads its file. A few may run at once. Shopify
restricts the queries (no connection within a list): see the documents bulk_*.graphql.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from msgspec import Struct

from core.domain import Checkout, Customer, InventoryLevel, Kind, Order, Product, Unreadable, ledger
from core.errors import QueryRefused, ShopifyDown
from core.shopify import documents, long_lists, mapping, wire
from core.shopify.client import ShopifyClient
from core.shopify.mapping import bulk_orders, kept_answers
from core.shopify.mapping.fields import Fields
from core.shopify.spool import Spool
from core.shopify.wire import Json

_AT_LIMIT = ("OPERATION_IN_PROGRESS", "LIMIT_REACHED")
_RUNNING_STATUSES = ("CREATED", "RUNNING", "CANCELING")


@dataclass(frozen=True, slots=True)
class Operation:
    """The state of a bulk operation.

    `status` and `error_code` are Shopify's words. `url` is None if nothing matched, or the operation has not
    completed. `query` is the text that Shopify executes.
    """

    operation_id: str
    status: str
    error_code: str | None = None
    objects: int = 0
    size: int = 0
    url: str | None = None
    created_at: datetime | None = None
    query: str | None = None

    def began_before(self, noted_at: datetime) -> datetime:
        """Return the latest instant at which Shopify cannot have collected anything yet, by its clock and by ours."""
        return min(noted_at, self.created_at) if self.created_at else noted_at

    @property
    def is_under_way(self) -> bool:
        """Whether it may still complete."""
        return self.status in _RUNNING_STATUSES

    @property
    def is_completed(self) -> bool:
        """Whether it completed. The result of any other operation is not used: any object may lack children."""
        return self.status == "COMPLETED"


class BulkRecord(Struct, frozen=True, gc=False):
    """One record of a result. `is_whole` is False for an order that must be fetched by its id, because the result
    lacks parts."""

    record: Order | Product | Customer | Checkout | InventoryLevel | Unreadable
    is_whole: bool = True


def start(client: ShopifyClient, entity: str, window: str) -> str | None:
    """Start to collect all records of an entity (orders, products, customers, inventory, checkouts) that the search
    text `window` matches.

    The query leaves out fields that take one of the client's missing scopes: Shopify would refuse all of it. Returns
    the operation's id, or the id of a running operation with the same query; None at Shopify's limit of running
    operations.

    Raises:
        QueryRefused: Shopify rejects the query; and as `ShopifyClient.execute`.
    """
    query = _query(client, entity, window)
    payload = client.execute("bulk_run", {"query": query})["bulkOperationRunQuery"]
    if payload["bulkOperation"] is not None:
        return str(payload["bulkOperation"]["id"])
    error: Json = next(iter(payload["userErrors"]), {})
    if error.get("code") in _AT_LIMIT:
        return _running_with(client, query)
    raise QueryRefused(f"Shopify does not run a bulk operation: {error.get('message')}", code=error.get("code"))


def poll(client: ShopifyClient, operation_id: str) -> Operation | None:
    """Fetch the operation's state; None if Shopify does not know it any more. Raises as `ShopifyClient.execute`."""
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
        query=fields.text_or_none("query"),
    )


def asks_too_much(client: ShopifyClient, operation: Operation, entity: str, window: str) -> bool:
    """Whether an operation's query has optional fields that `start` leaves out now."""
    return operation.query is not None and operation.query.split() != _query(client, entity, window).split()


def cancel(client: ShopifyClient, operation_id: str) -> None:
    """Cancel an operation; one that has ended stays as it is. Raises as `ShopifyClient.execute`."""
    client.execute("bulk_cancel", {"id": operation_id})


@contextmanager
def open_result(client: ShopifyClient, operation: Operation, entity: str) -> Iterator[Iterator[BulkRecord]]:
    """Download the result of a completed operation and read its records. The whole file is on disk before the first
    record.

    Raises:
        ResultExpired: Shopify has deleted the file; run the operation again.
        ShopifyDown: the download was incomplete.
        QueryRefused: the file's address is not one of Shopify's.
    """
    with Spool(operation.size) as spool:
        spool.fill(client.fetch(operation.url) if operation.url else ())
        if spool.lines != operation.objects:
            raise ShopifyDown("A result of Shopify was incomplete; Xeno will fetch it again.")
        map_group = _MAPPERS[entity]
        yield chain.from_iterable(map_group(line, children) for line, children in spool.groups())


def _query(client: ShopifyClient, entity: str, window: str) -> str:
    return documents.load(_DOCUMENTS[entity], client.missing_scopes).replace("{window}", window)


def _running_with(client: ShopifyClient, query: str) -> str | None:
    """Find the running operation with this query: a process may have been killed before it stored the id."""
    running = client.execute("bulk_running")["bulkOperations"]["nodes"]
    return next((str(node["id"]) for node in running if node["query"] == query), None)


def _node(line: bytes) -> Json:
    try:
        node = wire.decoded(line)
    except ValueError:
        raise ShopifyDown("A result of Shopify was unreadable; Xeno will fetch it again.") from None
    return node if isinstance(node, dict) else {}


def _order(line: bytes, children: list[bytes]) -> Sequence[BulkRecord]:
    try:
        order, is_plain = bulk_orders.order(line, children)
    except bulk_orders.Unexpected:
        return (_map_as_node(_node(line), [_node(child) for child in children]),)
    return (BulkRecord(order, is_whole=is_plain and ledger.is_all_placed(order)),)


def _map_as_node(node: Json, children: list[Json]) -> BulkRecord:
    """Give a line that the fast decoder does not know the form of an API node, in place, and map that."""
    kept_answers.join_children(node, children)
    order = mapping.map_or_unreadable(Kind.ORDER, mapping.order, node)
    if isinstance(order, Unreadable):
        return BulkRecord(order)
    return BulkRecord(order, is_whole=long_lists.is_plain(node) and ledger.is_all_placed(order))


def _product(line: bytes, children: list[bytes]) -> Sequence[BulkRecord]:
    node = {**_node(line), "variants": {"nodes": [_node(child) for child in children]}}
    return (BulkRecord(mapping.map_or_unreadable(Kind.PRODUCT, mapping.product, node)),)


def _customer(line: bytes, _children: list[bytes]) -> Sequence[BulkRecord]:
    return (BulkRecord(mapping.map_or_unreadable(Kind.CUSTOMER, mapping.customer, _node(line))),)


def _levels(line: bytes, children: list[bytes]) -> Sequence[BulkRecord]:
    node = {**_node(line), "inventoryLevels": {"nodes": [_node(child) for child in children]}}
    levels = mapping.map_or_unreadable(Kind.INVENTORY_ITEM, mapping.levels, node)
    return (BulkRecord(levels),) if isinstance(levels, Unreadable) else [BulkRecord(level) for level in levels]


def _checkout(line: bytes, children: list[bytes]) -> Sequence[BulkRecord]:
    node = {**_node(line), "lineItems": {"nodes": [_node(child) for child in children]}}
    return (BulkRecord(mapping.map_or_unreadable(Kind.CHECKOUT, mapping.checkout, node)),)


_DOCUMENTS = {
    "orders": "bulk_orders",
    "products": "bulk_products",
    "customers": "bulk_customers",
    "inventory": "bulk_inventory",
    "checkouts": "bulk_checkouts",
}
_MAPPERS: Mapping[str, Callable[[bytes, list[bytes]], Sequence[BulkRecord]]] = {
    "orders": _order,
    "products": _product,
    "customers": _customer,
    "inventory": _levels,
    "checkouts": _checkout,
}
