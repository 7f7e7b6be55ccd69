"""Abandoned checkouts as GraphQL nodes."""

from __future__ import annotations

from core.simulator.admin_api.node_parts import Node, address_node, list_connection, money_bag, tax_node
from core.simulator.shop.checkouts import AbandonedCheckout, CheckoutLine
from core.simulator.shop.formats import api_time, gid
from core.simulator.shop.model import ZERO
from core.simulator.shop.shop import Shop


def checkout_node(shop: Shop, checkout: AbandonedCheckout, customer: Node | None) -> Node:
    """Draw a checkout. `customer` is None where the account was deleted."""
    goods, tax = checkout.goods, checkout.tax
    total = goods if shop.spec.taxes_included else goods + tax
    return {
        "__typename": "AbandonedCheckout",
        "id": gid("AbandonedCheckout", checkout.checkout_id),
        "name": f"#{checkout.checkout_id}",
        "abandonedCheckoutUrl": checkout.recovery_link(shop.spec.domain, shop.shop_id),
        "createdAt": api_time(checkout.created_at),
        "updatedAt": api_time(checkout.updated_at),
        "completedAt": api_time(checkout.completed_at) if checkout.completed_at else None,
        "taxesIncluded": shop.spec.taxes_included,
        "discountCodes": [],
        "customer": customer,
        "shippingAddress": address_node(checkout.address),
        "billingAddress": address_node(checkout.address),
        "subtotalPriceSet": money_bag(shop.tender, goods),
        "totalDiscountSet": money_bag(shop.tender, ZERO),
        "totalTaxSet": money_bag(shop.tender, tax),
        "totalPriceSet": money_bag(shop.tender, total),
        "totalLineItemsPriceSet": money_bag(shop.tender, goods),
        "taxLines": [tax_node(shop.tender, tax) for tax in checkout.taxes],
        "lineItems": list_connection(checkout.lines, lambda line: line.line_id, lambda line: _line_node(shop, line)),
    }


def _line_node(shop: Shop, line: CheckoutLine) -> Node:
    return {
        "__typename": "AbandonedCheckoutLineItem",
        "id": gid("AbandonedCheckoutLineItem", line.line_id),
        "title": line.title,
        "variantTitle": line.variant_title,
        "sku": line.sku,
        "quantity": line.quantity,
        "product": {"__typename": "Product", "id": gid("Product", line.product_id)},
        "variant": {"__typename": "ProductVariant", "id": gid("ProductVariant", line.variant_id)},
        "originalUnitPriceSet": money_bag(shop.tender, line.unit_price),
        "originalTotalPriceSet": money_bag(shop.tender, line.total),
        "discountedUnitPriceSet": money_bag(shop.tender, line.unit_price),
        "discountedTotalPriceSet": money_bag(shop.tender, line.total),
    }
