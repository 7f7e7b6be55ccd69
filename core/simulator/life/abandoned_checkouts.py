"""Checkouts that nobody finished: made from a chance of their own, so that they change nothing else of the shop."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.simulator.admin_api.node_parts import Node, address_node, bag, listed, tax_node
from core.simulator.shop.amounts import taxes_on
from core.simulator.shop.checkouts import AbandonedCheckout, CheckoutLine
from core.simulator.shop.countries import rates_for
from core.simulator.shop.formats import api_time, gid
from core.simulator.shop.ids import Ids
from core.simulator.shop.model import ZERO, Customer
from core.simulator.shop.shop import Shop

_PER_ORDER = 0.4  # checkouts given up for each one finished
_KEPT = timedelta(days=90)
_RECOVERED = 0.1


def abandon(shop: Shop) -> dict[int, AbandonedCheckout]:
    """The checkouts of the shop's last months that were left, by id, the oldest first."""
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/checkouts")
    ids = Ids(shop.spec.domain)  # not the shop's own: made once more, they are the same
    end = shop.spec.midnight(shop.spec.until) + timedelta(hours=20)
    recent = [order for order in shop.orders.values() if end - _KEPT <= order.created_at <= end]
    customers = list(shop.customers.values())
    moments = sorted(order.created_at + timedelta(minutes=rng.randrange(1, 600)) for order in recent)
    made = (
        _perhaps_recovered(shop, rng, ids, at, rng.choice(customers)) for at in moments if rng.random() < _PER_ORDER
    )
    return {checkout.checkout_id: checkout for checkout in made}


def checkout_node(shop: Shop, checkout: AbandonedCheckout, customer: Node | None) -> Node:
    """A checkout as a GraphQL node; `customer` is its customer's, None where there is no such any more."""
    goods, tax = checkout.goods, checkout.tax
    total = goods if shop.spec.taxes_included else goods + tax
    path = f"https://{shop.spec.domain}/checkouts/ac/{checkout.checkout_id}/recover"
    return {
        "__typename": "AbandonedCheckout",
        "id": gid("AbandonedCheckout", checkout.checkout_id),
        "name": f"#{checkout.checkout_id}",
        "abandonedCheckoutUrl": path,
        "createdAt": api_time(checkout.created_at),
        "updatedAt": api_time(checkout.updated_at),
        "completedAt": api_time(checkout.completed_at) if checkout.completed_at else None,
        "taxesIncluded": shop.spec.taxes_included,
        "discountCodes": [],
        "customer": customer,
        "shippingAddress": address_node(checkout.address),
        "billingAddress": address_node(checkout.address),
        "subtotalPriceSet": bag(shop.tender, goods),
        "totalDiscountSet": bag(shop.tender, ZERO),
        "totalTaxSet": bag(shop.tender, tax),
        "totalPriceSet": bag(shop.tender, total),
        "totalLineItemsPriceSet": bag(shop.tender, goods),
        "taxLines": [tax_node(shop.tender, tax) for tax in checkout.taxes],
        "lineItems": listed(checkout.lines, lambda line: line.line_id, lambda line: _line_node(shop, line)),
    }


def leave(shop: Shop, rng: random.Random, at: datetime, customer: Customer) -> AbandonedCheckout:
    """A customer fills a cart, begins to check out at `at`, and leaves; the shop has the checkout from now on."""
    made = _left(shop, rng, shop.ids, "live_", at, customer)
    shop.checkouts[made.checkout_id] = made
    return made


def _perhaps_recovered(
    shop: Shop, rng: random.Random, ids: Ids, at: datetime, customer: Customer
) -> AbandonedCheckout:
    made = _left(shop, rng, ids, "", at, customer)
    back = at + timedelta(hours=rng.randrange(1, 48)) if rng.random() < _RECOVERED else None
    return replace(made, updated_at=back or at, completed_at=back)


def _left(shop: Shop, rng: random.Random, ids: Ids, kind: str, at: datetime, customer: Customer) -> AbandonedCheckout:
    lines = tuple(_line(shop, rng, ids, kind) for _ in range(rng.choice((1, 1, 1, 2, 3))))
    rates = rates_for(shop.home, customer.address.country_code, customer.address.province_code)
    goods = sum((line.total for line in lines), ZERO)
    return AbandonedCheckout(
        checkout_id=ids.next(f"{kind}checkout"),
        created_at=at,
        updated_at=at,
        completed_at=None,
        customer=customer,
        lines=lines,
        taxes=taxes_on(goods, rates, included=shop.spec.taxes_included, currency=shop.spec.currency),
    )


def _line(shop: Shop, rng: random.Random, ids: Ids, kind: str) -> CheckoutLine:
    product = rng.choice([product for product in shop.products.values() if not product.is_gift_card])
    variant = rng.choice(product.variants)
    return CheckoutLine(
        line_id=ids.next(f"{kind}checkout_line"),
        product_id=product.product_id,
        variant_id=variant.variant_id,
        title=product.title,
        variant_title=None if variant.title == "Default Title" else variant.title,
        sku=variant.sku,
        quantity=rng.choice((1, 1, 1, 2)),
        unit_price=variant.price,
    )


def _line_node(shop: Shop, line: CheckoutLine) -> dict[str, Any]:
    return {
        "__typename": "AbandonedCheckoutLineItem",
        "id": gid("AbandonedCheckoutLineItem", line.line_id),
        "title": line.title,
        "variantTitle": line.variant_title,
        "sku": line.sku,
        "quantity": line.quantity,
        "product": {"__typename": "Product", "id": gid("Product", line.product_id)},
        "variant": {"__typename": "ProductVariant", "id": gid("ProductVariant", line.variant_id)},
        "originalUnitPriceSet": bag(shop.tender, line.unit_price),
        "originalTotalPriceSet": bag(shop.tender, line.total),
        "discountedUnitPriceSet": bag(shop.tender, line.unit_price),
        "discountedTotalPriceSet": bag(shop.tender, line.total),
    }
