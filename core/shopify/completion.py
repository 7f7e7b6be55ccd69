"""Nothing is silently cut: what a node's lists hold beyond their first page is fetched and appended in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.errors import ShopifyDown
from core.shopify.client import ShopifyClient
from core.shopify.sizes import Sizes, execute_sized, read_by_ids

Node = dict[str, Any]

REFUNDS = 5
"""Refunds that come with an order; the list has no pages, so where it is full, the ids are asked for."""
_NEXT = 50


@dataclass(frozen=True, slots=True)
class _Connection:
    """A connection `field` of a node, the next page of which is at `root` of `document`."""

    field: str
    document: str
    root: str


_LINES = _Connection("lineItems", "order_lines", "order")
_SHIPPING_LINES = _Connection("shippingLines", "order_shipping_lines", "order")
_VARIANTS = _Connection("variants", "product_variants", "product")
_LEVELS = _Connection("inventoryLevels", "inventory_item_levels", "inventoryItem")
_CHECKOUT_LINES = _Connection("lineItems", "checkout_lines", "node")
_REFUND_CONNECTIONS = (
    _Connection("refundLineItems", "refund_lines", "refund"),
    _Connection("refundShippingLines", "refund_shipping_lines", "refund"),
    _Connection("orderAdjustments", "refund_adjustments", "refund"),
)


def detail_sizes(size: Sizes) -> dict[str, Any]:
    """The sizes of order_details: what nearly every order fits into."""
    return {
        "lines": size(20),
        "refunds": size(REFUNDS),
        "refundLines": size(10),
        "agreements": size(10),
        "sales": size(20),
    }


def is_plain(node: Node) -> bool:
    """Whether an order's lines, shipping and tip are all that it sold: nothing was edited, cancelled, given or sent
    back, and no duties or additional fees fell due. Of others only Shopify's own ledger tells all. It alone tells,
    too, how much of a discount is tax where prices contain tax: at a discount of 100 % not even the rate is known."""
    levied = any(_charged(node[name]) for name in ("originalTotalDutiesSet", "originalTotalAdditionalFeesSet"))
    is_split = node["taxesIncluded"] and _charged(node["totalDiscountsSet"])
    was_changed = node["edited"] or node["cancelledAt"] or node["refunds"]
    return not (was_changed or node["returnStatus"] != "NO_RETURN" or levied or is_split)


def complete_order(client: ShopifyClient, node: Node) -> None:
    """The rest of an order's lines and shipping lines; and of its refunds and its ledger where it was read whole."""
    _complete(client, node, _LINES)
    _complete(client, node, _SHIPPING_LINES)
    if "agreements" in node:
        _complete_refunds(client, node)
        _complete_ledger(client, node)


def complete_product(client: ShopifyClient, node: Node) -> None:
    """The rest of a product's variants."""
    _complete(client, node, _VARIANTS)


def complete_item(client: ShopifyClient, node: Node) -> None:
    """The rest of an inventory item's levels."""
    _complete(client, node, _LEVELS)


def complete_checkout(client: ShopifyClient, node: Node) -> None:
    """The rest of a checkout's lines."""
    _complete(client, node, _CHECKOUT_LINES)


def _charged(bag: Node | None) -> bool:
    """Null where such a charge does not apply."""
    return bag is not None and Decimal(bag["shopMoney"]["amount"]) != 0


def _complete(client: ShopifyClient, node: Node, connection: _Connection) -> None:
    held = node[connection.field]
    while held["pageInfo"]["hasNextPage"]:
        page = _page_after(client, node["id"], connection, held["pageInfo"]["endCursor"])
        _append(held, page)


def _append(held: Node, page: Node) -> None:
    """Add a connection's next page to what is held of it."""
    if page["pageInfo"]["hasNextPage"] and page["pageInfo"]["endCursor"] in (None, held["pageInfo"]["endCursor"]):
        raise ShopifyDown("Shopify gave the same page of a list twice; it is read again later")
    held["nodes"] += page["nodes"]
    held["pageInfo"] = page["pageInfo"]


def _page_after(client: ShopifyClient, node_id: str, connection: _Connection, after: str) -> Node:
    data = execute_sized(
        client, connection.document, lambda size: {"id": node_id, "first": size(_NEXT), "after": after}
    )
    page: Node = _there(data[connection.root])[connection.field]
    return page


def _complete_refunds(client: ShopifyClient, node: Node) -> None:
    divisor = client.shrunk.get("order_details", 1)
    if len(node["refunds"]) >= max(1, REFUNDS // divisor):
        _add_other_refunds(client, node)
    for refund in node["refunds"]:
        for connection in _REFUND_CONNECTIONS:
            _complete(client, refund, connection)


def _add_other_refunds(client: ShopifyClient, node: Node) -> None:
    held = {refund["id"] for refund in node["refunds"]}
    every = _there(client.execute("order_refunds", {"id": node["id"]})["order"])["refunds"]
    missing = [refund["id"] for refund in every if refund["id"] not in held]
    found = read_by_ids(client, "refund_details", missing, REFUNDS, lambda size: {"refundLines": size(10)})
    node["refunds"] += [_there(refund) for refund in found]


def _complete_ledger(client: ShopifyClient, node: Node) -> None:
    """Where one page held all agreements with all their sales, nothing; else the ledger is walked from its start."""
    agreements = node["agreements"]
    cut = [agreement for agreement in agreements["nodes"] if agreement["sales"]["pageInfo"]["hasNextPage"]]
    if cut or agreements["pageInfo"]["hasNextPage"]:
        agreements["nodes"] = list(_walked(client, node["id"]))


def _walked(client: ShopifyClient, order_id: str) -> Iterator[Node]:
    after: str | None = None
    while True:
        page = _agreement_page(client, order_id, after, None)
        if not page["nodes"]:
            return
        agreement = page["nodes"][0]
        sales = agreement["sales"]
        while sales["pageInfo"]["hasNextPage"]:
            more = _agreement_page(client, order_id, after, sales["pageInfo"]["endCursor"])["nodes"][0]["sales"]
            _append(sales, more)
        yield agreement
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _agreement_page(client: ShopifyClient, order_id: str, after: str | None, sales_after: str | None) -> Node:
    data = execute_sized(
        client,
        "order_agreement",
        lambda size: {"id": order_id, "after": after, "sales": size(_NEXT), "salesAfter": sales_after},
    )
    page: Node = _there(data["order"])["agreements"]
    return page


def _there(node: Node | None) -> Node:
    if node is None:
        raise ShopifyDown("A record was deleted while its pages were being read; it is read again later")
    return node
