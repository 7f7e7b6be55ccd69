"""The root fields of the API: what can be asked of a shop, and the mutations on its webhook subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graphql import GraphQLError

from core.simulator.admin_api import inventory_nodes, nodes, order_nodes, reports, search_fields
from core.simulator.admin_api.bulk import BULK_FIELDS, BulkOperations
from core.simulator.admin_api.connections import Key, connection
from core.simulator.admin_api.node_parts import Node
from core.simulator.admin_api.search import Fields, Search, Searchable, parse
from core.simulator.life.abandoned_checkouts import AbandonedCheckout, checkout_node
from core.simulator.shop.formats import OrderFigures, api_time, gid
from core.simulator.shop.model import Customer, Order, Product
from core.simulator.shop.shop import Shop
from core.simulator.shop.subscriptions import Subscription, Subscriptions

_COUNT_LIMIT = 10_000
_MOST_IDS = 250


@dataclass(slots=True)
class Roots:
    """The root fields over one shop. What the mutations want is done by `subscribe` (topic, uri, name, filter) and
    `unsubscribe` (id)."""

    shop: Shop
    subscriptions: Subscriptions
    clock: Callable[[], datetime]
    subscribe: Callable[[str, str, str | None, str | None], Subscription]
    unsubscribe: Callable[[int], None]
    bulk: BulkOperations
    checkouts: Mapping[int, AbandonedCheckout]
    search_lag: Callable[[], timedelta] = timedelta
    """How old a change must be for searches to know of it."""
    searches: list[dict[str, Any]] = field(default_factory=list)
    _sorted: dict[tuple[str, str], tuple[int, list[Key]]] = field(default_factory=dict)

    def fields(self) -> Node:
        """The root value: a callable for each root field."""
        return {
            "shop": lambda _info: nodes.shop_node(self.shop, self._offset()),
            "currentAppInstallation": lambda _info: nodes.installation_node(self.shop),
            "publicApiVersions": lambda _info: [nodes.version_node()],
            "order": lambda _info, id: self._node(id, "Order"),
            "customer": lambda _info, id: self._node(id, "Customer"),
            "product": lambda _info, id: self._node(id, "Product"),
            "productVariant": lambda _info, id: self._node(id, "ProductVariant"),
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
            "bulkOperation": lambda _info, id: self.bulk.node(_parts(id)[1]),
            "bulkOperations": self._bulk_operations,
            "bulkOperationRunQuery": lambda _info, query, groupObjects: self.bulk.run(query),
            "bulkOperationCancel": lambda _info, id: self.bulk.cancel(_parts(id)[1]),
            "ordersCount": lambda info, **args: self._count(info, "orders", **args),
            "customersCount": lambda info, **args: self._count(info, "customers", **args),
            "productsCount": lambda info, **args: self._count(info, "products", **args),
            "shopifyqlQuery": lambda _info, query: reports.answer(self.shop, query),
            "webhookSubscription": lambda _info, id: self._node(id, "WebhookSubscription"),
            "webhookSubscriptions": self._webhooks,
            "webhookSubscriptionsCount": lambda _info, **_: _counted(len(self.subscriptions.by_id), None),
            "webhookSubscriptionCreate": self._subscribe,
            "webhookSubscriptionDelete": self._unsubscribe,
        }

    def every(self, kind: str, query: str | None, sort: str | None) -> Iterator[Node]:
        """All things of a kind that a search finds, drawn one by one: what a bulk operation reads."""
        things, fields = self._things(kind)
        search = parse(query, fields, self._indexed_until())
        for _, number in self._keys(kind, sort or "ID", things):
            if search.matches(things[number]):
                yield self._draw(things[number])

    def _indexed_until(self) -> datetime | None:
        lag = self.search_lag()
        return self.clock() - lag if lag else None

    def _offset(self) -> int:
        offset = self.shop.local(self.clock()).utcoffset()
        return int(offset.total_seconds() // 60) if offset else 0

    def _things(self, kind: str) -> tuple[Mapping[int, Any], Fields]:
        if kind == "orders":
            return self._orders(), {
                **search_fields.ORDERS,
                "financial_status": Searchable("text", self._financial_status),
            }
        if kind == "customers":
            return self.shop.customers, search_fields.CUSTOMERS
        if kind == "abandonedCheckouts":
            return self.checkouts, search_fields.CHECKOUTS
        if kind == "inventoryItems":
            return inventory_nodes.items(self.shop), search_fields.INVENTORY_ITEMS
        return self.shop.products, search_fields.PRODUCTS

    def _orders(self) -> Mapping[int, Order]:
        """The orders that the app is shown: without its scope for all of them, those of the last 60 days."""
        if "read_all_orders" in self.shop.scopes:
            return self.shop.orders
        since = self.clock() - timedelta(days=60)
        return {number: order for number, order in self.shop.orders.items() if order.created_at >= since}

    def _financial_status(self, order: Order) -> str:
        return OrderFigures(self.shop, order).financial_status

    def _page(
        self, info: Any, kind: str, default: str, query: str | None = None, sortKey: str | None = None, **page: Any
    ) -> Node:
        things, fields = self._things(kind)
        search = self._search(info, query, fields)
        keys = self._keys(kind, sortKey or default, things)
        if search.tests:
            keys = [key for key in keys if search.matches(things[key[1]])]
        return connection(keys, lambda number: self._draw(things[number]), **page)

    def _count(self, info: Any, kind: str, query: str | None = None, limit: int | None = _COUNT_LIMIT) -> Node:
        things, fields = self._things(kind)
        search = self._search(info, query, fields)
        return _counted(sum(search.matches(thing) for thing in things.values()), limit)

    def _search(self, info: Any, query: str | None, fields: Fields) -> Search:
        return self._warned(info, query, parse(query, fields, self._indexed_until()))

    def _warned(self, info: Any, query: str | None, search: Search) -> Search:
        for warning in search.warnings:
            self.searches.append({"path": info.path.as_list(), "query": query, **warning})
        return search

    def _keys(self, kind: str, sort: str, things: Mapping[int, Any]) -> list[Key]:
        """All things of a kind in order; sorted once for each revision of the shop."""
        revision, keys = self._sorted.get((kind, sort), (-1, []))
        if revision == self.shop.revision and len(keys) == len(things):
            return keys
        if sort not in search_fields.SORTS and sort not in ("ID", "RELEVANCE"):
            raise GraphQLError(f"The simulator does not sort by {sort}", extensions={"code": "BAD_REQUEST"})
        value = search_fields.SORTS.get(sort, lambda _: "")
        keys = sorted((value(thing), number) for number, thing in things.items())
        self._sorted[kind, sort] = (self.shop.revision, keys)
        return keys

    def _node(self, text: str, kind: str | None = None) -> Node | None:
        """What has this global id; None where it has another kind than asked for, or there is no such thing."""
        told, number = _parts(text)
        if kind and told != kind:
            return None
        if told == "Refund":
            return self._refund(number)
        if told == "ProductVariant":
            return self._variant(number)
        if told == "WebhookSubscription":
            found = self.subscriptions.by_id.get(number)
            return nodes.subscription_node(found) if found else None
        if told == "BulkOperation":
            return self.bulk.node(number)
        things: Mapping[str, Mapping[int, Any]] = {
            "AbandonedCheckout": self.checkouts,
            "Order": self._orders(),
            "Customer": self.shop.customers,
            "Product": self.shop.products,
            "InventoryItem": inventory_nodes.items(self.shop),
        }
        thing = things.get(told, {}).get(number)
        return self._draw(thing) if thing else None

    def _nodes(self, ids: list[str]) -> list[Node | None]:
        if len(ids) > _MOST_IDS:
            message = f"The input array size of {len(ids)} is greater than the maximum allowed of {_MOST_IDS}."
            raise GraphQLError(message, extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"})
        return [self._node(each) for each in ids]

    def _draw(self, thing: Order | Customer | Product | inventory_nodes.Item | AbandonedCheckout) -> Node:
        if isinstance(thing, Order):
            return order_nodes.order_node(self.shop, thing)
        if isinstance(thing, Customer):
            return nodes.customer_node(self.shop, thing)
        if isinstance(thing, inventory_nodes.Item):
            return inventory_nodes.item_node(self.shop, thing)
        if isinstance(thing, AbandonedCheckout):
            known = self.shop.account(thing.customer.customer_id)
            return checkout_node(self.shop, thing, nodes.customer_node(self.shop, known) if known else None)
        return nodes.product_node(self.shop, thing)

    def _refund(self, number: int) -> Node | None:
        try:
            order, refund = self.shop.refund(number)
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
        search = self._warned(info, query, parse(query, BULK_FIELDS))
        found = {
            number: each for number, each in self.bulk.by_number.items() if search.matches(self.bulk.now(number))
        }
        keys: list[Key] = [(api_time(each.created_at), number) for number, each in sorted(found.items())]
        page.pop("sortKey", None)
        return connection(keys, self.bulk.drawn, reverse=not reverse, **page)

    def _locations(self, info: Any, query: str | None = None, sortKey: str | None = None, **page: Any) -> Node:
        """By id, whatever the sort key; none is hidden from any search."""
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
        wanted, address = set(topics), uri or callbackUrl
        found = {
            number: each
            for number, each in self.subscriptions.by_id.items()
            if (not wanted or each.topic in wanted) and (not address or each.uri == address)
        }
        page = {name: args[name] for name in ("first", "last", "after", "before", "reverse") if name in args}
        keys: list[Key] = [("", number) for number in sorted(found)]
        return connection(keys, lambda number: nodes.subscription_node(found[number]), **page)

    def _subscribe(self, _info: Any, topic: str, webhookSubscription: Mapping[str, Any]) -> Node:
        uri = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl")
        name = webhookSubscription.get("name")
        refusal = self.subscriptions.refusal(topic, uri, name)
        if refusal:
            at, message = refusal
            return {"webhookSubscription": None, "userErrors": [{"field": at, "message": message}]}
        made = self.subscribe(topic, str(uri), name, webhookSubscription.get("filter"))
        return {"webhookSubscription": nodes.subscription_node(made), "userErrors": []}

    def _unsubscribe(self, _info: Any, id: str) -> Node:
        _, number = _parts(id)
        if number not in self.subscriptions.by_id:
            error = {"field": ["id"], "message": "Webhook subscription does not exist"}
            return {"deletedWebhookSubscriptionId": None, "userErrors": [error]}
        self.unsubscribe(number)
        return {"deletedWebhookSubscriptionId": gid("WebhookSubscription", number), "userErrors": []}


def _parts(text: str) -> tuple[str, int]:
    """Kind and number of a global id."""
    kind, _, number = text.removeprefix("gid://shopify/").partition("/")
    if not text.startswith("gid://shopify/") or not number.isdecimal():
        raise GraphQLError(f"Invalid global id '{text}'", extensions={"code": "argumentLiteralsIncompatible"})
    return kind, int(number)


def _counted(count: int, limit: int | None) -> Node:
    if limit is not None and count > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": count, "precision": "EXACT"}
