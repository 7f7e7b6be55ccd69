"""Map an order's returns in the API's answers."""

from __future__ import annotations

from core.domain import ReturnLine
from core.shopify.mapping.fields import Fields


def of_order(order: Fields) -> tuple[ReturnLine, ...]:
    """Return the lines of all returns that were requested whole."""
    return tuple(
        _line(line, of_return) for of_return in order.nodes("returns") for line in of_return.nodes("returnLineItems")
    )


def _line(line: Fields, of_return: Fields) -> ReturnLine:
    definition = line.object_or_none("returnReasonDefinition")
    sent = line.object_or_none("fulfillmentLineItem")
    notes = (line.text_or_none("returnReasonNote"), line.text_or_none("customerNote"))
    return ReturnLine(
        return_line_id=line.gid(),
        return_id=of_return.gid(),
        requested_at=of_return.time("createdAt"),
        status=of_return.text("status").lower(),
        quantity=line.integer("quantity"),
        reason=line.lower_or_none("returnReason") or "unknown",
        reason_name=definition.text_or_none("name") if definition else None,
        note=" · ".join(filter(None, notes)) or None,
        line_item_id=sent.gid_of("lineItem") if sent else None,
    )
