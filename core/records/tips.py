"""Which lines of an order are tips. Shopify lists a tip among the lines, though it sells nothing.

A webhook's line names the gateway that took the tip (`tip_payment_gateway`). In the API a tip is a line without
product, variant and SKU that is called "Tip". Goods of that name have a product or a SKU.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from core.records.orders import LineItem

_TITLE = "Tip"


def marked(lines: Sequence[LineItem], received: Decimal | None) -> tuple[LineItem, ...]:
    """The same lines, with `is_tip` set on every tip among them.

    `received` is the sum of all tips of the order (`totalTipReceivedSet`, `total_tip_received`), None where the
    source does not say. It repeats the lines: an order that received no tip has none, whatever its lines are called.
    """
    if received is not None and not received:
        return tuple(lines)
    if not any(map(_names_no_goods, lines)):
        return tuple(lines)
    found = {line.line_item_id for line in lines if line.is_tip or is_like_tip(line)}
    found = found or _translated(lines, received)
    return tuple(replace(line, is_tip=True) if line.line_item_id in found else line for line in lines)


def is_like_tip(line: LineItem) -> bool:
    """Whether the line looks as a tip does where no field says so."""
    return line.title.strip() == _TITLE and _names_no_goods(line)


def _names_no_goods(line: LineItem) -> bool:
    return line.product_id is None and line.variant_id is None and not line.sku and not line.is_gift_card


def _translated(lines: Sequence[LineItem], received: Decimal | None) -> set[int]:
    """The id of the one line that comes to the tips received: shops in other languages may call a tip otherwise."""
    alike = [
        line.line_item_id
        for line in lines
        if _names_no_goods(line) and not line.taxes and line.unit_price * line.quantity == received
    ]
    return set(alike) if len(alike) == 1 else set()
