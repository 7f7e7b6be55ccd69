"""The body of refunds/create, which an order's body embeds."""

from __future__ import annotations

from decimal import Decimal

from core.simulator.shop.formats import body_amount, body_time, gid, presentment_amount
from core.simulator.shop.ids import STEP as ID_STEP
from core.simulator.shop.ledger import Refund, RefundLine, Transaction
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.body_parts import Body, line_body, money_set, shipping_body


def refund_body(shop: Shop, order: Order, refund: Refund) -> Body:
    """Make the body of refunds/create. An order's body embeds it too."""
    timestamp = body_time(shop, refund.processed_at)
    return {
        "id": refund.refund_id,
        "admin_graphql_api_id": gid("Refund", refund.refund_id),
        "order_id": order.order_id,
        "created_at": timestamp,
        "processed_at": timestamp,
        "note": refund.note,
        "user_id": None,
        "duties": [],
        "total_duties_set": money_set(order.tender, ZERO),
        "return": {"id": refund.return_id, "admin_graphql_api_id": gid("Return", refund.return_id)}
        if refund.return_id
        else None,
        "restock": any(line.restock_type != "NO_RESTOCK" for line in refund.lines),
        "refund_shipping_lines": _refunded_shipping(shop, order, refund),
        "order_adjustments": _adjustments(order, refund),
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
        "subtotal_set": money_set(order.tender, returned.subtotal),
        "total_tax": float(returned.tax),
        "total_tax_set": money_set(order.tender, returned.tax),
    }


def _refunded_shipping(shop: Shop, order: Order, refund: Refund) -> list[Body]:
    """Refunded shipping. Where prices contain tax the amount does too; only the shipping line says how much."""
    if not refund.shipping_row_id or not order.shipping:
        return []
    amount = refund.shipping + (refund.shipping_tax if shop.spec.taxes_included else ZERO)
    body = {
        "id": refund.shipping_row_id,
        "admin_graphql_api_id": gid("RefundShippingLine", refund.shipping_row_id),
        "shipping_line_id": order.shipping.shipping_id,
        "shipping_line": shipping_body(order.tender, order.shipping),
        "subtotal_amount_set": money_set(order.tender, amount),
    }
    return [body if is_terse(refund) else {**body, "tax_amount_set": money_set(order.tender, refund.shipping_tax)}]


def is_terse(refund: Refund) -> bool:
    """Whether the body has only Shopify's fields since 2024-10.

    Every other body has the older fields too, because apps meet both: an adjustment's kind, and shipping as an
    adjustment.
    """
    return bool(refund.refund_id // ID_STEP % 2)


def _adjustments(order: Order, refund: Refund) -> list[Body]:
    rows: list[tuple[int | None, str, str, Decimal, Decimal]] = []
    if refund.shipping_row_id and not is_terse(refund):
        # An older body lists refunded shipping twice. Here it is negative and without its tax.
        amounts = (-refund.shipping, -refund.shipping_tax)
        rows.append((refund.shipping_row_id, "shipping_refund", "Shipping refund", *amounts))
    if refund.discrepancy:
        amounts = (refund.discrepancy, ZERO)
        rows.append((refund.discrepancy_id, "refund_discrepancy", "Refund discrepancy", *amounts))
    return [
        {
            "id": adjustment_id,
            "order_id": order.order_id,
            "refund_id": refund.refund_id,
            **({} if is_terse(refund) else {"kind": kind}),
            "reason": reason,
            "amount": body_amount(order.tender.currency, amount),
            "amount_set": money_set(order.tender, amount),
            "tax_amount": body_amount(order.tender.currency, tax),
            "tax_amount_set": money_set(order.tender, tax),
        }
        for adjustment_id, kind, reason, amount, tax in rows
    ]


def _transaction(shop: Shop, order: Order, payment: Transaction) -> Body:
    timestamp = body_time(shop, payment.processed_at)
    return {
        "id": payment.transaction_id,
        "admin_graphql_api_id": gid("OrderTransaction", payment.transaction_id),
        "order_id": order.order_id,
        "kind": payment.kind.lower(),
        "gateway": "bogus",
        "status": payment.status.lower(),
        "message": None,
        "created_at": timestamp,
        "processed_at": timestamp,
        "test": order.test,
        "authorization": None,
        "location_id": None,
        "user_id": None,
        "parent_id": order.transactions[0].transaction_id,
        "device_id": None,
        "error_code": None,
        "source_name": order.source_name,
        "receipt": {},
        # Unlike all other amounts, in the currency that the customer paid in.
        "amount": body_amount(order.tender.presentment, presentment_amount(order.tender, payment.amount)),
        "currency": order.tender.presentment,
        "payment_id": f"{order.name}.1",
        "total_unsettled_set": {
            "presentment_money": {"amount": "0.0", "currency": "XXX"},
            "shop_money": {"amount": "0.0", "currency": "XXX"},
        },
        "manual_payment_gateway": False,
        "amount_rounding": None,
    }
