"""Map orders from kept answers of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain import Order
from core.shopify.mapping import nodes


def order(answer: Mapping[str, Any]) -> Order:
    """Map the order of a kept answer: a node, or the `order` and its `children` of a bulk operation.

    Raises:
        UnmappableError: the answer lacks a field that a record needs.
    """
    return nodes.order(node_of(answer))


def node_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer in the form of an API node."""
    if "children" not in answer:
        return dict(answer)
    node = dict(answer["order"])
    join_children(node, answer["children"])
    return node


def join_children(node: dict[str, Any], children: Sequence[Any]) -> None:
    """Give a bulk operation's order the form of an API node, in place."""
    shipping = node.get("shippingLine")
    if shipping:
        # The summary of several shipping lines has no id of its own.
        shipping["id"] = shipping["id"] or "gid://shopify/ShippingLine/0"
    node["lineItems"] = {"nodes": list(children)}
    node["shippingLines"] = {"nodes": [shipping] if shipping else []}
