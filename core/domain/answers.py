"""What Shopify's API answered about an order, beside the record that was mapped from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class OrderAnswer:
    """An order's node, or its line of a bulk operation with the lines of its items.

    It says how the record was read, and is no part of what the order is: two records that differ in it alone are
    equal.
    """

    __slots__ = ("children", "node")

    def __init__(self, node: Mapping[str, Any] | bytes, children: Sequence[bytes] = ()) -> None:
        self.node, self.children = node, children

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        # It is long, and has personal data that must not reach a log.
        return "OrderAnswer(…)"
