"""The bodies of topics about returns: no money; most name their order."""

from __future__ import annotations

from core.simulator.shop.formats import gid
from core.simulator.shop.ledger import RefundLine, Return
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.body_parts import Body


def return_body(_shop: Shop, order: Order, back: Return) -> Body:
    """returns/request, approve, decline, cancel, close and reopen."""
    return {
        "id": back.return_id,
        "admin_graphql_api_id": gid("Return", back.return_id),
        "status": back.status.lower(),
        "name": f"{order.name}-R1",
        "order": {"id": order.order_id, "admin_graphql_api_id": gid("Order", order.order_id)},
        "total_return_line_items": len(back.lines),
        "return_line_items": [_line(back, line) for line in back.lines],
    }


def return_change_body(_shop: Shop, _order: Order, back: Return) -> Body:
    """returns/update: the return by its global id alone, without its order."""
    return {"admin_graphql_api_id": gid("Return", back.return_id), "return_line_items": {"removals": []}}


def _line(back: Return, line: RefundLine) -> Body:
    return {
        "id": line.refund_line_id,
        "admin_graphql_api_id": gid("ReturnLineItem", line.refund_line_id),
        "fulfillment_line_item": {
            "id": line.refund_line_id,
            "admin_graphql_api_id": gid("FulfillmentLineItem", line.refund_line_id),
            "line_item": {"id": line.line_id, "admin_graphql_api_id": gid("LineItem", line.line_id)},
        },
        "quantity": line.quantity,
        "return_reason": back.reason.lower(),
        "return_reason_note": "",
        "customer_note": "It does not fit" if back.reason.startswith("SIZE") else None,
    }
