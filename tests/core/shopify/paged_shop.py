"""A small Shopify with paged lists: it answers each document by its name, and refuses requests that are too
costly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import requests
from requests.adapters import BaseAdapter

from core.domain import Order
from core.shopify import pages
from tests.core.shopify.fakes import data, graphql_error, make_client, reply

Node = dict[str, Any]


class PagedShop(BaseAdapter):
    """Holds complete nodes; answers with the requested part of each list, and cursors for the rest.

    `most` is the most records (pages multiplied) that one request may ask for; None for no limit. As at Shopify,
    nothing is listed beyond the first 25,000 of a list.
    """

    def __init__(
        self,
        orders: list[Node] | None = None,
        products: list[Node] | None = None,
        customers: list[Node] | None = None,
        most: int | None = None,
    ) -> None:
        super().__init__()
        self.orders, self.products, self.customers = orders or [], products or [], customers or []
        self.most = most
        self.deleted: set[str] = set()
        self.unanswerable: set[str] = set()
        """A request for one of these ids gets a server error."""
        self.asked: list[tuple[str, Node]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = json.loads(request.body or b"{}")
        operation = re.findall(r"^query (\w+)", body["query"], re.M)[0]
        asked = body["variables"]
        self.asked.append((operation, asked))
        if self.unanswerable.intersection(asked.get("ids", ())):
            return reply({"errors": "Internal Server Error"}, 500)
        if self.most is not None and self._cost(asked) > self.most:
            return graphql_error("MAX_COST_EXCEEDED", "too much")
        answer: Callable[[Node], Node] = getattr(self, f"_{operation}")
        response = data(json.loads(json.dumps(answer(asked), default=str)))
        response.request = request
        return response

    def close(self) -> None:
        """Do nothing: no connection is open."""

    def names(self) -> list[str]:
        """The documents requested, in order."""
        return [name for name, _ in self.asked]

    def _cost(self, asked: Node) -> int:
        cost = 1
        for name, value in asked.items():
            cost *= value if isinstance(value, int) else len(value) if name == "ids" else 1
        return cost

    def _Orders(self, asked: Node) -> Node:
        page = _page(self.orders, asked["first"], asked["after"])
        for node in page["nodes"]:
            node.pop("agreements", None)
            node["refunds"] = [{"id": refund["id"]} for refund in node["refunds"]][:1]
            self._head(node, asked)
        return {"orders": page}

    def _OrderDetails(self, asked: Node) -> Node:
        found = [self._find(self.orders, gid) for gid in asked["ids"]]
        for node in filter(None, found):
            self._head(node, asked)
            node["refunds"] = [_refund(each, asked) for each in node["refunds"][: asked["refunds"]]]
            ledger = _page(node.get("agreements", {}).get("nodes", []), asked["agreements"])
            for agreement in ledger["nodes"]:
                agreement["sales"] = _page(agreement["sales"]["nodes"], asked["sales"])
            node["agreements"] = ledger
        return {"nodes": found}

    def _head(self, node: Node, asked: Node) -> None:
        node["lineItems"] = _page(node["lineItems"]["nodes"], asked["lines"])
        node["shippingLines"] = _page(node["shippingLines"]["nodes"], 5)

    def _OrderLines(self, asked: Node) -> Node:
        return {"order": self._rest(self.orders, "lineItems", asked)}

    def _OrderShippingLines(self, asked: Node) -> Node:
        return {"order": self._rest(self.orders, "shippingLines", asked)}

    def _OrderRefunds(self, asked: Node) -> Node:
        order = self._find(self.orders, asked["id"])
        return {"order": order and {"id": order["id"], "refunds": [{"id": each["id"]} for each in order["refunds"]]}}

    def _RefundDetails(self, asked: Node) -> Node:
        found = [self._find(self._refunds(), gid) for gid in asked["ids"]]
        return {"nodes": [_refund(node, asked) if node else None for node in found]}

    def _RefundLines(self, asked: Node) -> Node:
        return {"refund": self._rest(self._refunds(), "refundLineItems", asked)}

    def _RefundShippingLines(self, asked: Node) -> Node:
        return {"refund": self._rest(self._refunds(), "refundShippingLines", asked)}

    def _RefundAdjustments(self, asked: Node) -> Node:
        return {"refund": self._rest(self._refunds(), "orderAdjustments", asked)}

    def _OrderAgreement(self, asked: Node) -> Node:
        order = self._find(self.orders, asked["id"])
        if order is None:
            return {"order": None}
        page = _page(order["agreements"]["nodes"], 1, asked["after"])
        for agreement in page["nodes"]:
            agreement["sales"] = _page(agreement["sales"]["nodes"], asked["sales"], asked["salesAfter"])
        return {"order": {"id": order["id"], "agreements": page}}

    def _Products(self, asked: Node) -> Node:
        page = _page(self.products, asked["first"], asked["after"])
        for node in page["nodes"]:
            node["variants"] = _page(node["variants"]["nodes"], asked["variants"])
        return {"products": page}

    def _ProductVariants(self, asked: Node) -> Node:
        return {"product": self._rest(self.products, "variants", asked)}

    def _Customers(self, asked: Node) -> Node:
        return {"customers": _page(self._matching("customers", asked["query"]), asked["first"], asked["after"])}

    def _DayOrders(self, asked: Node) -> Node:
        return {"orders": _page(self._matching("orders", asked["query"]), asked["first"], asked["after"])}

    def _CustomerIds(self, asked: Node) -> Node:
        above = int(asked["query"].removeprefix("id:>="))
        found = [node for node in self.customers if int(node["id"].rpartition("/")[2]) >= above]
        return {"customers": _page(found, asked["first"])}

    @cache  # noqa: B019  a shop lives for one test
    def _matching(self, kind: str, query: str) -> list[Node]:
        since = re.findall(r"updated_at:>='([^']+)'", query)
        nodes: list[Node] = getattr(self, kind)
        return [node for node in nodes if all(node["updatedAt"] >= start for start in since)][:25_000]

    def _Counts(self, asked: Node) -> Node:
        kinds = {"orders": self.orders, "customers": self.customers, "products": self.products}
        return {
            f"{kind}Count": {"count": len(nodes), "precision": "EXACT"}
            for kind, nodes in kinds.items()
            if asked[f"with{kind.capitalize()}"]
        }

    def _refunds(self) -> list[Node]:
        return [refund for order in self.orders for refund in order["refunds"]]

    def _find(self, nodes: list[Node], gid: str) -> Node | None:
        found = next((node for node in nodes if node["id"] == gid and gid not in self.deleted), None)
        return json.loads(json.dumps(found, default=str)) if found else None

    def _rest(self, nodes: list[Node], field: str, asked: Node) -> Node | None:
        node = self._find(nodes, asked["id"])
        return node and {"id": node["id"], field: _page(node[field]["nodes"], asked["first"], asked["after"])}


def _page(nodes: list[Node], first: int, after: str | None = None) -> Node:
    """Cut a page out of a list. Cursors are positions in a form that does not pass for a number."""
    start = int(after.removeprefix("after-")) if after else 0
    end = start + first
    shown = json.loads(json.dumps(nodes[start:end], default=str))
    info = {"hasNextPage": end < len(nodes), "endCursor": f"after-{min(end, len(nodes))}" if shown else None}
    return {"pageInfo": info, "nodes": shown}


def _refund(node: Node, asked: Node) -> Node:
    return node | {
        "refundLineItems": _page(node["refundLineItems"]["nodes"], asked["refundLines"]),
        "refundShippingLines": _page(node["refundShippingLines"]["nodes"], 5),
        "orderAdjustments": _page(node["orderAdjustments"]["nodes"], 5),
    }


def orders_of(shop: PagedShop, first: int = 50) -> list[Order]:
    """Read all orders of a shop, page after page."""
    client, after, found = make_client(shop), None, []
    while True:
        page = pages.orders_page(client, "", after, first)
        found += [record for record in page.records if isinstance(record, Order)]
        if not page.has_next:
            return found
        after = page.end_cursor
