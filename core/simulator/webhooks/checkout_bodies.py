"""The bodies of checkouts and carts, in the shape of Shopify's webhooks (2026-04 and later)."""

from __future__ import annotations

from core.simulator.shop.checkouts import AbandonedCheckout, Cart, CheckoutLine
from core.simulator.shop.formats import body_amount, body_time
from core.simulator.shop.model import ZERO
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.body_parts import Body, address_body, money_set, order_customer_body, tax_body


def checkout_body(shop: Shop, checkout: AbandonedCheckout) -> Body:
    """Make a checkout. Since 2026-04 its id is only in its name."""
    tax = ZERO if shop.spec.taxes_included else checkout.tax
    amounts = {
        "total_discounts": ZERO,
        "total_line_items_price": checkout.goods,
        "total_price": checkout.goods + tax,
        "total_tax": checkout.tax,
        "subtotal_price": checkout.goods,
    }
    completed = checkout.completed_at
    return {
        **{name: body_amount(shop.currency, amount) for name, amount in amounts.items()},
        "token": checkout.token,
        "cart_token": checkout.cart.token,
        "abandoned_checkout_url": checkout.recovery_link(shop.spec.domain, shop.shop_id),
        "email": checkout.customer.email,
        "created_at": body_time(shop, checkout.created_at),
        "updated_at": body_time(shop, checkout.updated_at),
        "completed_at": body_time(shop, completed) if completed else None,
        "closed_at": None,
        "taxes_included": shop.spec.taxes_included,
        "currency": shop.currency,
        "presentment_currency": shop.currency,
        "name": f"#{checkout.checkout_id}",
        "source_name": "web",
        "discount_codes": [],
        "shipping_lines": [],
        "line_items": [_line(shop, line) for line in checkout.lines],
        "tax_lines": [tax_body(shop.tender, tax) for tax in checkout.taxes],
        "total_duties": None,
        "shipping_address": address_body(checkout.address, checkout.customer),
        "billing_address": address_body(checkout.address, checkout.customer),
        "customer": order_customer_body(shop, checkout.customer),
    }


def cart_body(shop: Shop, cart: Cart) -> Body:
    """Make the body of a cart. Its times are in UTC, whatever the shop's time zone."""
    created_at, updated_at = (f"{at:%Y-%m-%dT%H:%M:%S}.000Z" for at in (cart.created_at, cart.updated_at))
    lines = [_cart_line(shop, line) for line in cart.lines]
    return {
        "id": cart.token,
        "token": cart.token,
        "line_items": lines,
        "note": None,
        "updated_at": updated_at,
        "created_at": created_at,
    }


def _line(shop: Shop, line: CheckoutLine) -> Body:
    return {
        "applied_discounts": [],
        "discount_allocations": [],
        "gift_card": False,
        "line_price": body_amount(shop.currency, line.total),
        "price": body_amount(shop.currency, line.unit_price),
        "product_id": line.product_id,
        "quantity": line.quantity,
        "sku": line.sku,
        "title": line.title,
        "variant_id": line.variant_id,
        "variant_price": body_amount(shop.currency, line.unit_price),
        "variant_title": line.variant_title,
    }


def _cart_line(shop: Shop, line: CheckoutLine) -> Body:
    """Make a cart line. Its id is its variant's."""
    amounts = {"price": line.unit_price, "discounted_price": line.unit_price, "line_price": line.total}
    return {
        **{name: body_amount(shop.currency, amount) for name, amount in amounts.items()},
        **{f"{name}_set": money_set(shop.tender, amount) for name, amount in amounts.items()},
        "id": line.variant_id,
        "product_id": line.product_id,
        "quantity": line.quantity,
        "sku": line.sku,
        "title": line.title,
        "variant_id": line.variant_id,
    }
