"""The body of refunds/create, which an order's body embeds."""

from __future__ import annotations

from core.demo.body_parts import Body, bag, line_body
from core.demo.formats import body_amount, body_time, gid
from core.demo.model import ZERO, Order, Refund, RefundLine, Transaction
from core.demo.shop import Shop


def refund_body(shop: Shop, order: Order, refund: Refund) -> Body:
    """refunds/create; also what an order's body says of its refunds."""
    at = body_time(shop, refund.processed_at)
    return {
        "id": refund.refund_id,
        "admin_graphql_api_id": gid("Refund", refund.refund_id),
        "order_id": order.order_id,
        "created_at": at,
        "processed_at": at,
        "note": refund.note,
        "user_id": None,
        "duties": [],
        "total_duties_set": bag(shop, ZERO),
        "return": None,
        "restock": any(line.restock_type != "NO_RESTOCK" for line in refund.lines),
        "refund_shipping_lines": _refunded_shipping(shop, order, refund),
        "order_adjustments": _adjustments(shop, order, refund),
        "refund_line_items": [_refund_line(shop, order, line) for line in refund.lines],
        "transactions": [_transaction(shop, order, refund.transaction)] if refund.transaction else [],
    }


def _refund_line(shop: Shop, order: Order, returned: RefundLine) -> Body:
    return {
        "id": returned.refund_line_id,
        "line_item_id": returned.line_id,
        "line_item": line_body(shop, order, order.line(returned.line_id)),
        "location_id": None,
        "quantity": returned.quantity,
        "restock_type": returned.restock_type.lower(),
        # Shopify writes these two as JSON numbers, inexact as they are; the sets beside them are exact.
        "subtotal": float(returned.subtotal),
        "subtotal_set": bag(shop, returned.subtotal),
        "total_tax": float(returned.tax),
        "total_tax_set": bag(shop, returned.tax),
    }


def _refunded_shipping(shop: Shop, order: Order, refund: Refund) -> list[Body]:
    if not refund.shipping_row_id or not order.shipping:
        return []
    amount = refund.shipping + (refund.shipping_tax if shop.spec.taxes_included else ZERO)
    return [
        {
            "id": refund.shipping_row_id,
            "admin_graphql_api_id": gid("RefundShippingLine", refund.shipping_row_id),
            "shipping_line_id": order.shipping.shipping_id,
            "subtotal_amount_set": bag(shop, amount),
            "tax_amount_set": bag(shop, refund.shipping_tax),
        }
    ]


def _adjustments(shop: Shop, order: Order, refund: Refund) -> list[Body]:
    """Shipping given back is told twice: here, as before 2024-10, it is negative and without its tax."""
    rows = []
    if refund.shipping_row_id:
        rows.append(("shipping_refund", "Shipping refund", -refund.shipping, -refund.shipping_tax))
    if refund.discrepancy:
        rows.append(("refund_discrepancy", "Refund discrepancy", refund.discrepancy, ZERO))
    ids = {"shipping_refund": refund.shipping_row_id, "refund_discrepancy": refund.discrepancy_id}
    return [
        {
            "id": ids[kind],
            "order_id": order.order_id,
            "refund_id": refund.refund_id,
            "kind": kind,
            "reason": reason,
            "amount": body_amount(shop, amount),
            "amount_set": bag(shop, amount),
            "tax_amount": body_amount(shop, tax),
            "tax_amount_set": bag(shop, tax),
        }
        for kind, reason, amount, tax in rows
    ]


def _transaction(shop: Shop, order: Order, paid: Transaction) -> Body:
    at = body_time(shop, paid.processed_at)
    return {
        "id": paid.transaction_id,
        "admin_graphql_api_id": gid("OrderTransaction", paid.transaction_id),
        "order_id": order.order_id,
        "kind": paid.kind.lower(),
        "gateway": "bogus",
        "status": "success",
        "message": None,
        "created_at": at,
        "processed_at": at,
        "test": order.test,
        "authorization": None,
        "location_id": None,
        "user_id": None,
        "parent_id": order.transactions[0].transaction_id,
        "device_id": None,
        "error_code": None,
        "source_name": order.source_name,
        "receipt": {},
        "amount": body_amount(shop, paid.amount),
        "currency": shop.spec.currency,
        "payment_id": f"{order.name}.1",
        "total_unsettled_set": {
            "presentment_money": {"amount": "0.0", "currency": "XXX"},
            "shop_money": {"amount": "0.0", "currency": "XXX"},
        },
        "manual_payment_gateway": False,
        "amount_rounding": None,
    }
