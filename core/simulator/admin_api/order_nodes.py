"""Orders, lines, refunds and their ledger as GraphQL nodes."""

from __future__ import annotations

from collections.abc import Sequence

from core.simulator.admin_api.inventory_nodes import location_node
from core.simulator.admin_api.node_parts import Node, address_node, list_connection, money_bag, tax_node
from core.simulator.admin_api.nodes import customer_node, product_node, variant_node
from core.simulator.admin_api.order_parts import drawn_return, gateway, journey_node, transaction_node
from core.simulator.shop.formats import OrderFigures, api_time, gid, own_discount, sale_kind
from core.simulator.shop.ledger import Agreement, Refund, RefundLine, Return, Sale
from core.simulator.shop.model import ZERO, Allocation, Discount, Line, Order, Shipping
from core.simulator.shop.order_fields import node_fields
from core.simulator.shop.shop import Shop


def order_node(shop: Shop, order: Order) -> Node:
    """Draw an order."""
    figures, tender = OrderFigures(shop, order), order.tender
    return {
        "__typename": "Order",
        **_head(shop, order, figures),
        **_totals(order, figures),
        "customer": lambda _info: (
            customer_node(shop, shop.customers[order.customer_id]) if order.customer_id else None
        ),
        "shippingAddress": address_node(order.address),
        "billingAddress": address_node(order.address),
        "taxLines": [tax_node(tender, tax) for line in order.lines for tax in line.taxes],
        "customerJourneySummary": journey_node(shop, order),
        "retailLocation": location_node(shop, order.location_id) if order.location_id else None,
        "returns": list_connection(
            order.returns, lambda each: each.return_id, lambda each: return_node(shop, order, each)
        ),
        "lineItems": list_connection(
            order.lines, lambda line: line.line_id, lambda line: line_node(shop, order, line)
        ),
        "shippingLine": _shipping_node(order, order.shipping) if order.shipping else None,
        "shippingLines": lambda info, includeRemovals=False, **page: list_connection(
            [order.shipping] if order.shipping else [],
            lambda line: line.shipping_id,
            lambda line: _shipping_node(order, line),
        )(info, **page),
        "refunds": lambda _info, first=None: [refund_node(shop, order, refund) for refund in order.refunds[:first]],
        "transactions": lambda _info, first=None, **_: [
            transaction_node(order, paid) for paid in order.transactions[:first]
        ],
        "agreements": list_connection(
            order.agreements,
            lambda agreement: agreement.agreement_id,
            lambda agreement: _agreement_node(shop, order, agreement),
        ),
    }


def line_node(shop: Shop, order: Order, line: Line) -> Node:
    """Draw one line item. As at Shopify, its discounted total covers the discounts on lines only."""
    price = line.unit_price * line.quantity
    own, tender = own_discount(order, line), order.tender
    exists = line.product_id in shop.products
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", line.line_id),
        "title": line.title,
        "name": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        "variantTitle": line.variant_title,
        "sku": line.sku,
        "vendor": line.vendor,
        "quantity": line.quantity,
        "currentQuantity": line.current_quantity,
        "refundableQuantity": line.current_quantity,
        "isGiftCard": line.is_gift_card,
        "taxable": line.is_goods,
        "requiresShipping": line.is_goods,
        "product": lambda _info: product_node(shop, shop.products[line.product_id or 0]) if exists else None,
        "variant": lambda _info: variant_node(shop, *shop.variant(line.variant_id or 0)) if exists else None,
        "originalUnitPriceSet": money_bag(tender, line.unit_price),
        "originalTotalSet": money_bag(tender, price),
        "discountedTotalSet": money_bag(tender, price - own),
        "totalDiscountSet": money_bag(tender, own),
        "discountAllocations": _allocations(order, line.allocations),
        "taxLines": lambda _info, first=None: [tax_node(tender, tax) for tax in line.taxes[:first]],
    }


def refund_node(shop: Shop, order: Order, refund: Refund) -> Node:
    """Draw one refund."""
    processed, tender = api_time(refund.processed_at), order.tender
    transactions = [refund.transaction] if refund.transaction else []
    included_tax = refund.shipping_tax if shop.spec.taxes_included else ZERO
    shipping = {
        "id": gid("RefundShippingLine", refund.shipping_row_id or 0),
        "shippingLine": _shipping_node(order, order.shipping) if order.shipping else None,
        # Like the price of the shipping line, it contains included taxes.
        "subtotalAmountSet": money_bag(tender, refund.shipping + included_tax),
        "taxAmountSet": money_bag(tender, refund.shipping_tax),
    }
    adjustment = {
        "id": gid("OrderAdjustment", refund.discrepancy_id or 0),
        "reason": "REFUND_DISCREPANCY",
        "amountSet": money_bag(tender, refund.discrepancy),
        "taxAmountSet": money_bag(tender, ZERO),
    }
    return {
        "__typename": "Refund",
        "id": gid("Refund", refund.refund_id),
        "legacyResourceId": str(refund.refund_id),
        "createdAt": processed,
        "processedAt": processed,
        "updatedAt": processed,
        "note": refund.note,
        "order": lambda _info: order_node(shop, order),
        "totalRefundedSet": money_bag(tender, refund.paid),
        "refundLineItems": list_connection(
            refund.lines, lambda line: line.refund_line_id, lambda line: _refund_line_node(shop, order, line)
        ),
        "refundShippingLines": list_connection([1] if refund.shipping_row_id else [], int, lambda _: shipping),
        "orderAdjustments": list_connection([1] if refund.discrepancy_id else [], int, lambda _: adjustment),
        "transactions": list_connection(
            transactions,
            lambda transaction: transaction.transaction_id,
            lambda transaction: transaction_node(order, transaction),
        ),
    }


def return_node(shop: Shop, order: Order, back: Return) -> Node:
    """Draw a return with its reasons."""
    return drawn_return(order, back, lambda line_id: line_node(shop, order, order.line(line_id)))


def _head(shop: Shop, order: Order, figures: OrderFigures) -> Node:
    codes = [discount.code for discount in order.discounts if discount.code]
    return {
        **node_fields(shop, order),
        "id": gid("Order", order.order_id),
        "legacyResourceId": str(order.order_id),
        "number": order.number,
        "edited": order.is_edited,
        "closed": order.cancelled_at is not None,
        "closedAt": api_time(order.cancelled_at) if order.cancelled_at else None,
        "createdAt": api_time(order.created_at),
        "processedAt": api_time(order.processed_at),
        "updatedAt": api_time(order.updated_at),
        "cancelledAt": api_time(order.cancelled_at) if order.cancelled_at else None,
        "cancelReason": order.cancel_reason,
        "displayFinancialStatus": figures.financial_status,
        "displayFulfillmentStatus": "FULFILLED" if order.is_fulfilled else "UNFULFILLED",
        "fullyPaid": not figures.outstanding,
        "discountCode": codes[0] if codes else None,
        "discountCodes": codes,
        "returnStatus": _return_status(order),
        "tags": sorted(order.tags),
        "paymentGatewayNames": [gateway(order)],
        "subtotalLineItemsQuantity": sum(line.quantity for line in order.lines),
        "currentSubtotalLineItemsQuantity": sum(line.current_quantity for line in order.lines),
    }


def _totals(order: Order, figures: OrderFigures) -> Node:
    tender = order.tender
    amounts = {
        "subtotalPriceSet": figures.subtotal,
        "totalDiscountsSet": figures.discounts,
        "totalTaxSet": figures.tax,
        "totalShippingPriceSet": figures.shipping,
        "totalTipReceivedSet": figures.tip,
        "totalPriceSet": figures.total,
        "originalTotalPriceSet": figures.original_total,
        "currentSubtotalPriceSet": figures.current_subtotal,
        "currentTotalDiscountsSet": figures.current_discounts,
        "currentTotalTaxSet": figures.current_tax,
        "currentShippingPriceSet": figures.current_shipping,
        "currentTotalPriceSet": figures.current_total,
        "totalRefundedSet": figures.refunded,
        "totalRefundedShippingSet": figures.refunded_shipping,
        "totalReceivedSet": figures.received,
        "netPaymentSet": figures.received - figures.refunded,
        "totalOutstandingSet": figures.outstanding,
        "refundDiscrepancySet": figures.discrepancy,
    }
    # Null, not zero, where the order has none.
    charge_amounts = {"originalTotalDutiesSet": order.duties, "originalTotalAdditionalFeesSet": order.fees}
    charges = {name: money_bag(tender, amount) if amount else None for name, amount in charge_amounts.items()}
    return {name: money_bag(tender, amount) for name, amount in amounts.items()} | charges


def _shipping_node(order: Order, line: Shipping) -> Node:
    tender = order.tender
    return {
        "id": gid("ShippingLine", line.shipping_id),
        "title": line.title,
        "code": line.title,
        "source": "shopify",
        "isRemoved": False,
        "custom": False,
        "originalPriceSet": money_bag(tender, line.price),
        "discountedPriceSet": money_bag(tender, line.charged),
        "currentDiscountedPriceSet": money_bag(tender, ZERO if line.is_refunded else line.charged),
        "discountAllocations": _allocations(order, line.allocations),
        "taxLines": [tax_node(tender, tax) for tax in line.taxes],
    }


def _refund_line_node(shop: Shop, order: Order, returned: RefundLine) -> Node:
    line, tender = order.line(returned.line_id), order.tender
    return {
        "id": gid("RefundLineItem", returned.refund_line_id),
        "quantity": returned.quantity,
        "restockType": returned.restock_type,
        "restocked": returned.restock_type != "NO_RESTOCK",
        "lineItem": lambda _info: line_node(shop, order, line),
        "priceSet": money_bag(tender, line.unit_price),
        "subtotalSet": money_bag(tender, returned.subtotal),
        "totalTaxSet": money_bag(tender, returned.tax),
    }


def _agreement_node(shop: Shop, order: Order, agreement: Agreement) -> Node:
    refunds = [refund for refund in order.refunds if refund.refund_id == agreement.refund_id]
    return {
        "__typename": _AGREEMENTS[agreement.reason],
        "id": gid("SalesAgreement", agreement.agreement_id),
        "happenedAt": api_time(agreement.happened_at),
        "reason": agreement.reason,
        "order": lambda _info: order_node(shop, order),
        "refund": lambda _info: refund_node(shop, order, refunds[0]) if refunds else None,
        "sales": list_connection(
            agreement.sales, lambda sale: sale.sale_id, lambda sale: _sale_node(shop, order, sale)
        ),
    }


def _sale_node(shop: Shop, order: Order, sale: Sale) -> Node:
    tender = order.tender
    return {
        "__typename": sale_kind(sale),
        "id": gid("Sale", sale.sale_id),
        "actionType": sale.action,
        "lineType": sale.line_type,
        "quantity": sale.quantity,
        "totalAmount": money_bag(tender, sale.total),
        "totalDiscountAmountBeforeTaxes": money_bag(tender, sale.discount),
        "totalDiscountAmountAfterTaxes": money_bag(tender, sale.discount),
        "totalTaxAmount": money_bag(tender, sale.tax),
        "lineItem": lambda _info: line_node(shop, order, order.line(sale.line_id)) if sale.line_id else None,
        "shippingLine": lambda _info: _shipping_node(order, order.shipping) if order.shipping else None,
    }


def _allocations(order: Order, shares: Sequence[Allocation]) -> list[Node]:
    return [
        {
            "allocatedAmountSet": money_bag(order.tender, share.amount),
            "discountApplication": _application(share.index, order.discounts[share.index]),
        }
        for share in shares
    ]


def _application(index: int, discount: Discount) -> Node:
    if discount.code:
        return {"__typename": "DiscountCodeApplication", "index": index, "code": discount.code}
    return {"__typename": "AutomaticDiscountApplication", "index": index, "title": discount.title}


def _return_status(order: Order) -> str:
    """Return Shopify's status. It counts refunds of sent goods; the removal of units by an edit is no return."""
    statuses = {each.status for each in order.returns}
    if "OPEN" in statuses:
        return "IN_PROGRESS"
    if "REQUESTED" in statuses:
        return "RETURN_REQUESTED"
    edit_times = {agreement.happened_at for agreement in order.agreements if agreement.reason == "ORDER_EDIT"}
    refunds = [refund for refund in order.refunds if refund.lines and refund.processed_at not in edit_times]
    return "RETURNED" if refunds or "CLOSED" in statuses else "NO_RETURN"


_AGREEMENTS = {
    "ORDER": "OrderAgreement",
    "ORDER_EDIT": "OrderEditAgreement",
    "REFUND": "RefundAgreement",
    "RETURN": "ReturnAgreement",
}
