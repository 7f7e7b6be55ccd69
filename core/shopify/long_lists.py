"""Fetch the rest of a node's lists, beyond their first page, and append it in place: nothing is cut silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.errors import ShopifyDown
from core.shopify.client import ShopifyClient
from core.shopify.sizes import Sizes, execute_sized, read_by_ids
from core.shopify.wire import Json

REFUNDS = 5
"""Refunds that come with an order. Their list has no pages: if it is full, all ids are fetched."""
_NEXT = 50


@dataclass(frozen=True, slots=True)
class _Connection:
    """A connection `field` of a node; its next page is at `root` of `document`."""

    field: str
    document: str
    root: str


_LINES = _Connection("lineItems", "order_lines", "order")
_SHIPPING_LINES = _Connection("shippingLines", "order_shipping_lines", "order")
_VARIANTS = _Connection("variants", "product_variants", "product")
_LEVELS = _Connection("inventoryLevels", "inventory_item_levels", "inventoryItem")
_CHECKOUT_LINES = _Connection("lineItems", "checkout_lines", "node")
_RETURNS = _Connection("returns", "order_returns", "order")
_RETURN_LINES = _Connection("returnLineItems", "return_lines", "return")
_REFUND_CONNECTIONS = (
    _Connection("refundLineItems", "refund_lines", "refund"),
    _Connection("refundShippingLines", "refund_shipping_lines", "refund"),
    _Connection("orderAdjustments", "refund_adjustments", "refund"),
)


def detail_sizes(size: Sizes) -> Json:
    """Return the sizes of order_details, which suffice for nearly every order."""
    return {
        "lines": size(20),
        "refunds": size(REFUNDS),
        "refundLines": size(10),
        "agreements": size(10),
        "sales": size(20),
    }


def is_plain(node: Json) -> bool:
    """Whether an order's lines, shipping and tip are all of its sales, as far as its fields say.

    That is so if nothing was edited, cancelled or returned, and no duties or fees were charged. Only Shopify's own
    ledger is complete for other orders. It alone says how much of a discount is tax where prices contain tax: at a
    discount of 100 % the rate itself is unknown. A charge that no field names shows in the total alone: see
    `core.domain.ledger.is_all_placed`.
    """
    charges = (node["originalTotalDutiesSet"], node["originalTotalAdditionalFeesSet"])
    has_charges = any(_is_charged(charge) for charge in charges)
    is_split = node["taxesIncluded"] and _is_charged(node["totalDiscountsSet"])
    was_changed = node["edited"] or node["cancelledAt"] or node["refunds"]
    return not (was_changed or node["returnStatus"] != "NO_RETURN" or has_charges or is_split)


def complete_order(client: ShopifyClient, node: Json) -> None:
    """Fetch the rest of an order's lines and shipping lines, and of its refunds, returns and ledger if it has
    them."""
    _complete(client, node, _LINES)
    _complete(client, node, _SHIPPING_LINES)
    if "agreements" in node:
        _complete_refunds(client, node)
        _complete_ledger(client, node)
    if "returns" in node:
        _complete(client, node, _RETURNS)
        for of_return in node["returns"]["nodes"]:
            _complete(client, of_return, _RETURN_LINES)


def complete_product(client: ShopifyClient, node: Json) -> None:
    """Fetch the rest of a product's variants."""
    _complete(client, node, _VARIANTS)


def complete_item(client: ShopifyClient, node: Json) -> None:
    """Fetch the rest of an inventory item's levels."""
    _complete(client, node, _LEVELS)


def complete_checkout(client: ShopifyClient, node: Json) -> None:
    """Fetch the rest of a checkout's lines."""
    _complete(client, node, _CHECKOUT_LINES)


def _is_charged(bag: Json | None) -> bool:
    """Whether the charge is not zero; Shopify answers null for an order without such a charge."""
    return bag is not None and Decimal(bag["shopMoney"]["amount"]) != 0


def _complete(client: ShopifyClient, node: Json, connection: _Connection) -> None:
    items = node[connection.field]
    while items["pageInfo"]["hasNextPage"]:
        page = _page_after(client, node["id"], connection, items["pageInfo"]["endCursor"])
        _append(items, page)


def _append(items: Json, page: Json) -> None:
    """Append a connection's next page to the nodes fetched before."""
    if page["pageInfo"]["hasNextPage"] and page["pageInfo"]["endCursor"] in (None, items["pageInfo"]["endCursor"]):
        raise ShopifyDown("Shopify sent the same page twice; Xeno will read it again.")
    items["nodes"] += page["nodes"]
    items["pageInfo"] = page["pageInfo"]


def _page_after(client: ShopifyClient, node_id: str, connection: _Connection, after: str) -> Json:
    data = execute_sized(
        client, connection.document, lambda size: {"id": node_id, "first": size(_NEXT), "after": after}
    )
    page: Json = _existing(data[connection.root])[connection.field]
    return page


def _complete_refunds(client: ShopifyClient, node: Json) -> None:
    divisor = client.page_divisor("order_details")
    if len(node["refunds"]) >= max(1, REFUNDS // divisor):
        _add_other_refunds(client, node)
    for refund in node["refunds"]:
        for connection in _REFUND_CONNECTIONS:
            _complete(client, refund, connection)


def _add_other_refunds(client: ShopifyClient, node: Json) -> None:
    known_ids = {refund["id"] for refund in node["refunds"]}
    refunds = _existing(client.execute("order_refunds", {"id": node["id"]})["order"])["refunds"]
    missing = [refund["id"] for refund in refunds if refund["id"] not in known_ids]
    nodes = read_by_ids(client, "refund_details", missing, REFUNDS, lambda size: {"refundLines": size(10)})
    node["refunds"] += [_existing(refund) for refund in nodes]


def _complete_ledger(client: ShopifyClient, node: Json) -> None:
    """Fetch the ledger from its start, unless one page holds all agreements with all their sales."""
    agreements = node["agreements"]
    incomplete = [agreement for agreement in agreements["nodes"] if agreement["sales"]["pageInfo"]["hasNextPage"]]
    if incomplete or agreements["pageInfo"]["hasNextPage"]:
        agreements["nodes"] = list(_all_agreements(client, node["id"]))


def _all_agreements(client: ShopifyClient, order_id: str) -> Iterator[Json]:
    after: str | None = None
    while True:
        page = _agreement_page(client, order_id, after, None)
        if not page["nodes"]:
            return
        agreement = page["nodes"][0]
        sales = agreement["sales"]
        while sales["pageInfo"]["hasNextPage"]:
            next_sales = _agreement_page(client, order_id, after, sales["pageInfo"]["endCursor"])["nodes"][0]["sales"]
            _append(sales, next_sales)
        yield agreement
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _agreement_page(client: ShopifyClient, order_id: str, after: str | None, sales_after: str | None) -> Json:
    data = execute_sized(
        client,
        "order_agreement",
        lambda size: {"id": order_id, "after": after, "sales": size(_NEXT), "salesAfter": sales_after},
    )
    page: Json = _existing(data["order"])["agreements"]
    return page


def _existing(node: Json | None) -> Json:
    if node is None:
        raise ShopifyDown("A record was deleted while Xeno read its pages; Xeno will retry.")
    return node
