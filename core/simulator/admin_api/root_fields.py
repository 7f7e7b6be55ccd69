"""The root fields of the API: all queries of a shop, and the mutations of webhook subscriptions and bulk
operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graphql import GraphQLError

from core.simulator.admin_api import inventory_nodes, nodes, order_nodes, reports, search_fields
from core.simulator.admin_api.bulk import BULK_FIELDS, BulkOperations
from core.simulator.admin_api.checkout_nodes import checkout_node
from core.simulator.admin_api.connections import Key, connection
from core.simulator.admin_api.node_parts import Node
from core.simulator.admin_api.search import Fields, Search, SearchField, parse
from core.simulator.shop import inventory
from core.simulator.shop.checkouts import AbandonedCheckout
from core.simulator.shop.formats import OrderFigures, api_time, gid
from core.simulator.shop.model import Customer, Order, Product
from core.simulator.shop.shop import Shop
from core.simulator.shop.subscriptions import Subscription, Subscriptions

_COUNT_LIMIT = 10_000
_MAX_IDS = 250


@dataclass(slots=True)
class RootFields:
    """The root fields over one shop. The mutations call `subscribe` (topic, uri, name, filter) and `unsubscribe`
    (id)."""

    shop: Shop
    subscriptions: Subscriptions
    clock: Callable[[], datetime]
    subscribe: Callable[[str, str, str | None, str | None], Subscription]
    unsubscribe: Callable[[int], None]
    bulk: BulkOperations
    checkouts: Mapping[int, AbandonedCheckout]
    search_lag: Callable[[], timedelta] = timedelta
    """The age at which a change is found by searches."""
    searches: list[dict[str, Any]] = field(default_factory=list)
    _sorted: dict[tuple[str, str], tuple[int, list[Key]]] = field(default_factory=dict)

    def fields(self) -> Node:
        """Return the root value: a callable for each root field."""
        return {
            "shop": lambda _info: nodes.shop_node(self.shop, self._timezone_offset()),
            "currentAppInstallation": lambda _info: nodes.installation_node(self.shop),
            "publicApiVersions": lambda _info: [nodes.version_node()],
            "order": lambda _info, id: self._node(id, "Order"),
            "customer": lambda _info, id: self._node(id, "Customer"),
            "product": lambda _info, id: self._node(id, "Product"),
            "productVariant": lambda _info, id: self._node(id, "ProductVariant"),
            "return": lambda _info, id: self._node(id, "Return"),
            "refund": lambda _info, id: self._node(id, "Refund"),
            "node": lambda _info, id: self._node(id),
            "nodes": lambda _info, ids: self._nodes(ids),
            "orders": lambda info, **args: self._page(info, "orders", "PROCESSED_AT", **args),
            "customers": lambda info, **args: self._page(info, "customers", "ID", **args),
            "products": lambda info, **args: self._page(info, "products", "ID", **args),
            "inventoryItems": lambda info, **args: self._page(info, "inventoryItems", "ID", **args),
            "inventoryItem": lambda _info, id: self._node(id, "InventoryItem"),
            "locations": self._locations,
            "abandonedCheckouts": lambda info, **args: self._page(info, "abandonedCheckouts", "ID", **args),
            "abandonedCheckoutsCount": lambda info, **args: self._count(info, "abandonedCheckouts", **args),
            "bulkOperation": lambda _info, id: self.bulk.node(_parse_gid(id)[1]),
            "bulkOperations": self._bulk_operations,
            "bulkOperationRunQuery": lambda _info, query, groupObjects: self.bulk.run(query),
            "bulkOperationCancel": lambda _info, id: self.bulk.cancel(_parse_gid(id)[1]),
            "ordersCount": lambda info, **args: self._count(info, "orders", **args),
            "customersCount": lambda info, **args: self._count(info, "customers", **args),
            "productsCount": lambda info, **args: self._count(info, "products", **args),
            "shopifyqlQuery": lambda _info, query: reports.run_query(self.shop, query),
            "webhookSubscription": lambda _info, id: self._node(id, "WebhookSubscription"),
            "webhookSubscriptions": self._webhooks,
            "webhookSubscriptionsCount": lambda _info, **_: _count_node(len(self.subscriptions.by_id), None),
            "webhookSubscriptionCreate": self._subscribe,
            "webhookSubscriptionDelete": self._unsubscribe,
        }

    def nodes(self, kind: str, query: str | None, sort: str | None) -> Iterator[Node]:
        """Yield the nodes of a kind that a search finds. Bulk operations read them."""
        records, fields = self._records(kind)
        search = parse(query, fields, self._indexed_until())
        for _, number in self._sorted_keys(kind, sort or "ID", records):
            if search.matches(records[number]):
                yield self._node_of(records[number])

    def _indexed_until(self) -> datetime | None:
        lag = self.search_lag()
        return self.clock() - lag if lag else None

    def _timezone_offset(self) -> int:
        offset = self.shop.local(self.clock()).utcoffset()
        return int(offset.total_seconds() // 60) if offset else 0

    def _records(self, kind: str) -> tuple[Mapping[int, Any], Fields]:
        if kind == "orders":
            return self._orders(), {
                **search_fields.ORDERS,
                "financial_status": SearchField("text", self._financial_status),
            }
        if kind == "customers":
            return self.shop.customers, search_fields.CUSTOMERS
        if kind == "abandonedCheckouts":
            return self.checkouts, search_fields.CHECKOUTS
        if kind == "inventoryItems":
            return inventory.items(self.shop), search_fields.INVENTORY_ITEMS
        return self.shop.products, search_fields.PRODUCTS

    def _orders(self) -> Mapping[int, Order]:
        """Return the orders that the app may see. Without its scope for all of them, those of the last 60 days."""
        if "read_all_orders" in self.shop.scopes:
            return self.shop.orders
        since = self.clock() - timedelta(days=60)
        return {number: order for number, order in self.shop.orders.items() if order.created_at >= since}

    def _financial_status(self, order: Order) -> str:
        return OrderFigures(self.shop, order).financial_status

    def _page(
        self, info: Any, kind: str, default: str, query: str | None = None, sortKey: str | None = None, **page: Any
    ) -> Node:
        records, fields = self._records(kind)
        search = self._search(info, query, fields)
        keys = self._sorted_keys(kind, sortKey or default, records)
        if search.predicates:
            keys = [key for key in keys if search.matches(records[key[1]])]
        return connection(keys, lambda number: self._node_of(records[number]), **page)

    def _count(self, info: Any, kind: str, query: str | None = None, limit: int | None = _COUNT_LIMIT) -> Node:
        records, fields = self._records(kind)
        search = self._search(info, query, fields)
        return _count_node(sum(search.matches(record) for record in records.values()), limit)

    def _search(self, info: Any, query: str | None, fields: Fields) -> Search:
        return self._collect_warnings(info, query, parse(query, fields, self._indexed_until()))

    def _collect_warnings(self, info: Any, query: str | None, search: Search) -> Search:
        for warning in search.warnings:
            self.searches.append({"path": info.path.as_list(), "query": query, **warning})
        return search

    def _sorted_keys(self, kind: str, sort: str, records: Mapping[int, Any]) -> list[Key]:
        """Return the keys of all records of a kind in order, sorted once for each revision of the shop."""
        revision, keys = self._sorted.get((kind, sort), (-1, []))
        if revision == self.shop.revision and len(keys) == len(records):
            return keys
        if sort not in search_fields.SORTS and sort not in ("ID", "RELEVANCE"):
            raise GraphQLError(f"The simulator does not sort by {sort}", extensions={"code": "BAD_REQUEST"})
        value = search_fields.SORTS.get(sort, lambda _: "")
        keys = sorted((value(record), number) for number, record in records.items())
        self._sorted[kind, sort] = (self.shop.revision, keys)
        return keys

    def _node(self, text: str, kind: str | None = None) -> Node | None:
        """Find a node by its global id. None where it has another kind than requested, or does not exist."""
        actual_kind, number = _parse_gid(text)
        if kind and actual_kind != kind:
            return None
        if actual_kind == "Refund":
            return self._refund(number)
        if actual_kind == "Return":
            return self._return(number)
        if actual_kind == "ProductVariant":
            return self._variant(number)
        if actual_kind == "WebhookSubscription":
            subscription = self.subscriptions.by_id.get(number)
            return nodes.subscription_node(subscription) if subscription else None
        if actual_kind == "BulkOperation":
            return self.bulk.node(number)
        records_by_kind: Mapping[str, Mapping[int, Any]] = {
            "AbandonedCheckout": self.checkouts,
            "Order": self._orders(),
            "Customer": self.shop.customers,
            "Product": self.shop.products,
            "InventoryItem": inventory.items(self.shop),
        }
        record = records_by_kind.get(actual_kind, {}).get(number)
        return self._node_of(record) if record else None

    def _nodes(self, ids: list[str]) -> list[Node | None]:
        if len(ids) > _MAX_IDS:
            message = f"The input array size of {len(ids)} is greater than the maximum allowed of {_MAX_IDS}."
            raise GraphQLError(message, extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"})
        return [self._node(node_id) for node_id in ids]

    def _node_of(self, record: Order | Customer | Product | inventory.Item | AbandonedCheckout) -> Node:
        if isinstance(record, Order):
            return order_nodes.order_node(self.shop, record)
        if isinstance(record, Customer):
            return nodes.customer_node(self.shop, record)
        if isinstance(record, inventory.Item):
            return inventory_nodes.item_node(self.shop, record)
        if isinstance(record, AbandonedCheckout):
            account = self.shop.current_account(record.customer.customer_id)
            return checkout_node(self.shop, record, nodes.customer_node(self.shop, account) if account else None)
        return nodes.product_node(self.shop, record)

    def _return(self, number: int) -> Node | None:
        found = ((order, each) for order in self.shop.orders.values() for each in order.returns)
        return next(
            (order_nodes.return_node(self.shop, order, each) for order, each in found if each.return_id == number),
            None,
        )

    def _refund(self, number: int) -> Node | None:
        try:
            order, refund = self.shop.find_refund(number)
        except KeyError:
            return None
        return order_nodes.refund_node(self.shop, order, refund)

    def _variant(self, number: int) -> Node | None:
        try:
            product, variant = self.shop.variant(number)
        except KeyError:
            return None
        if product.product_id not in self.shop.products:
            return None
        return nodes.variant_node(self.shop, product, variant)

    def _bulk_operations(self, info: Any, query: str | None = None, reverse: bool = False, **page: Any) -> Node:
        """The newest first, unless reversed."""
        search = self._collect_warnings(info, query, parse(query, BULK_FIELDS))
        operations = {
            number: operation
            for number, operation in self.bulk.by_number.items()
            if search.matches(self.bulk.refresh(number))
        }
        keys: list[Key] = [
            (api_time(operation.created_at), number) for number, operation in sorted(operations.items())
        ]
        page.pop("sortKey", None)
        return connection(keys, self.bulk.refreshed_node, reverse=not reverse, **page)

    def _locations(self, info: Any, query: str | None = None, sortKey: str | None = None, **page: Any) -> Node:
        """By id, whatever the sort key. No search hides a location."""
        self._search(info, query, {})
        return inventory_nodes.location_page(self.shop, self._search, **page)

    def _webhooks(
        self,
        _info: Any,
        topics: Iterable[str] = (),
        uri: str | None = None,
        callbackUrl: str | None = None,
        **args: Any,
    ) -> Node:
        topic_filter, address = set(topics), uri or callbackUrl
        subscriptions = {
            number: subscription
            for number, subscription in self.subscriptions.by_id.items()
            if (not topic_filter or subscription.topic in topic_filter)
            and (not address or subscription.uri == address)
        }
        page = {name: args[name] for name in ("first", "last", "after", "before", "reverse") if name in args}
        keys: list[Key] = [("", number) for number in sorted(subscriptions)]
        return connection(keys, lambda number: nodes.subscription_node(subscriptions[number]), **page)

    def _subscribe(self, _info: Any, topic: str, webhookSubscription: Mapping[str, Any]) -> Node:
        uri = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl")
        name = webhookSubscription.get("name")
        refusal = self.subscriptions.refusal(topic, uri, name)
        if refusal:
            field, message = refusal
            return {"webhookSubscription": None, "userErrors": [{"field": field, "message": message}]}
        subscription = self.subscribe(topic, str(uri), name, webhookSubscription.get("filter"))
        return {"webhookSubscription": nodes.subscription_node(subscription), "userErrors": []}

    def _unsubscribe(self, _info: Any, id: str) -> Node:
        _, number = _parse_gid(id)
        if number not in self.subscriptions.by_id:
            error = {"field": ["id"], "message": "Webhook subscription does not exist"}
            return {"deletedWebhookSubscriptionId": None, "userErrors": [error]}
        self.unsubscribe(number)
        return {"deletedWebhookSubscriptionId": gid("WebhookSubscription", number), "userErrors": []}


def _parse_gid(text: str) -> tuple[str, int]:
    """Parse a global id into kind and number."""
    kind, _, number = text.removeprefix("gid://shopify/").partition("/")
    if not text.startswith("gid://shopify/") or not number.isdecimal():
        raise GraphQLError(f"Invalid global id '{text}'", extensions={"code": "argumentLiteralsIncompatible"})
    return kind, int(number)


def _count_node(count: int, limit: int | None) -> Node:
    if limit is not None and count > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": count, "precision": "EXACT"}
