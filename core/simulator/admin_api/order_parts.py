"""The visits before an order, its payments and its returns as GraphQL nodes."""

from __future__ import annotations

from collections.abc import Callable

from core.simulator.admin_api.node_parts import Node, list_connection, money_bag
from core.simulator.shop.formats import api_amount, api_time, gid
from core.simulator.shop.ledger import Return, Transaction
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.visits import Visit


def journey_node(shop: Shop, order: Order) -> Node:
    """Draw the journey to an order; without visits it is empty."""
    first, last = order.visits or (None, None)
    return {
        "ready": True,
        "daysToConversion": (order.processed_at - first.occurred_at).days if first else None,
        "firstVisit": _visit_node(shop, first) if first else None,
        "lastVisit": _visit_node(shop, last) if last else None,
    }


def _fee_nodes(order: Order, paid: Transaction) -> list[Node]:
    if paid.fee is None:
        return []
    currency = order.tender.currency
    return [
        {
            "id": gid("TransactionFee", paid.transaction_id),
            "type": "processing_fee",
            "amount": {"amount": api_amount(paid.fee), "currencyCode": currency},
            "taxAmount": {"amount": api_amount(paid.fee_tax), "currencyCode": currency},
        }
    ]


def _visit_node(shop: Shop, visit: Visit) -> Node:
    labels = {"source": visit.source.lower(), "medium": visit.medium, "campaign": visit.campaign}
    return {
        "__typename": "CustomerVisit",
        "id": gid("CustomerVisit", visit.visit_id),
        "occurredAt": api_time(visit.occurred_at),
        "source": visit.source,
        "sourceType": visit.source_type,
        "referrerUrl": visit.referrer,
        "landingPage": f"https://{shop.spec.domain}{visit.path}",
        "utmParameters": {**labels, "content": None, "term": None} if visit.campaign else None,
    }


def transaction_node(order: Order, paid: Transaction) -> Node:
    """Draw a payment."""
    return {
        "id": gid("OrderTransaction", paid.transaction_id),
        "kind": paid.kind,
        "status": paid.status,
        "gateway": gateway(order),
        "test": order.test,
        "createdAt": api_time(paid.processed_at),
        "processedAt": api_time(paid.processed_at),
        "amountSet": money_bag(order.tender, paid.amount),
        "fees": _fee_nodes(order, paid),
        "parentTransaction": lambda _info: _parent_node(order, paid),
    }


def _parent_node(order: Order, paid: Transaction) -> Node | None:
    """Draw the payment that a refund gives back; a payment continues none."""
    first = order.transactions[0]
    return transaction_node(order, first) if paid.kind == "REFUND" and first is not paid else None


def gateway(order: Order) -> str:
    """Return the name of the gateway that took the order's payments."""
    return "cash" if order.cash_rounding else "bogus"


def drawn_return(order: Order, back: Return, draw_line: Callable[[int], Node]) -> Node:
    """Draw a return with its reasons; `draw_line` draws a line of the order by its id."""
    return {
        "__typename": "Return",
        "id": gid("Return", back.return_id),
        "name": f"{order.name}-R1",
        "status": back.status,
        "createdAt": api_time(back.created_at),
        "totalQuantity": sum(line.quantity for line in back.lines),
        "returnLineItems": list_connection(
            back.lines,
            lambda line: line.refund_line_id,
            lambda line: {
                "__typename": "ReturnLineItem",
                "id": gid("ReturnLineItem", line.refund_line_id),
                "quantity": line.quantity,
                "returnReason": back.reason,
                "returnReasonNote": "",
                "customerNote": "It does not fit" if back.reason.startswith("SIZE") else None,
                "returnReasonDefinition": {
                    "id": gid("ReturnReasonDefinition", 1),
                    "handle": back.reason.lower().replace("_", "-"),
                    "name": back.reason.replace("_", " ").capitalize(),
                },
                "fulfillmentLineItem": {
                    "id": gid("FulfillmentLineItem", line.refund_line_id),
                    "quantity": line.quantity,
                    "lineItem": lambda _info: draw_line(line.line_id),
                },
            },
        ),
    }
