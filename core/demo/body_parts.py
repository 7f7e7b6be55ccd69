"""What several webhook bodies have in common: amounts, lines, customers and addresses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.demo.formats import body_amount, body_time, gid, own_discount
from core.demo.model import Address, Allocation, Customer, Line, Order, Tax
from core.demo.shop import Shop

Body = dict[str, Any]


def bag(shop: Shop, amount: Decimal) -> Body:
    """A `*_set`: both sides are the shop's currency."""
    money = {"amount": body_amount(shop, amount), "currency_code": shop.spec.currency}
    return {"shop_money": money, "presentment_money": dict(money)}


def customer_in_order(shop: Shop, customer: Customer) -> Body:
    """A customer as orders tell of one."""
    return {
        "id": customer.customer_id,
        "admin_graphql_api_id": gid("Customer", customer.customer_id),
        "created_at": body_time(shop, customer.created_at),
        "updated_at": body_time(shop, customer.updated_at),
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": customer.email,
        "phone": None,
        "currency": shop.spec.currency,
        "tax_exemptions": [],
        "default_address": {
            **lives(customer.address, customer),
            "id": customer.address.address_id,
            "customer_id": customer.customer_id,
            "country_name": customer.address.country,
            "default": True,
        },
    }


def line_body(shop: Shop, order: Order, line: Line) -> Body:
    """A line item as refunds tell of one; an order's has a few fields more."""
    own = own_discount(order, line)
    exists = line.product_id in shop.products
    return {
        "id": line.line_id,
        "admin_graphql_api_id": gid("LineItem", line.line_id),
        "discount_allocations": [allocation(shop, share) for share in line.allocations],
        "duties": [],
        "fulfillable_quantity": 0 if order.is_fulfilled else line.current_quantity,
        "fulfillment_service": "gift_card" if line.is_gift_card else "manual",
        "fulfillment_status": "fulfilled" if order.is_fulfilled else None,
        "gift_card": line.is_gift_card,
        "grams": 0 if line.is_gift_card else 250,
        "name": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        "price": body_amount(shop, line.unit_price),
        "price_set": bag(shop, line.unit_price),
        "product_exists": exists,
        "product_id": line.product_id if exists else None,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": not line.is_gift_card,
        "sku": line.sku,
        "tax_lines": [tax_body(shop, tax) for tax in line.taxes],
        "taxable": not line.is_gift_card,
        "title": line.title,
        "total_discount": body_amount(shop, own),
        "total_discount_set": bag(shop, own),
        "variant_id": line.variant_id if exists else None,
        "variant_inventory_management": None if line.is_gift_card else "shopify",
        "variant_title": line.variant_title,
        "vendor": line.vendor,
    }


def allocation(shop: Shop, share: Allocation) -> Body:
    """One line's share of a discount."""
    return {
        "amount": body_amount(shop, share.amount),
        "amount_set": bag(shop, share.amount),
        "discount_application_index": share.index,
    }


def tax_body(shop: Shop, tax: Tax) -> Body:
    """One tax on one line, or on the whole order."""
    return {
        "title": tax.title,
        "rate": float(tax.rate),
        "price": body_amount(shop, tax.amount),
        "price_set": bag(shop, tax.amount),
        "channel_liable": False,
    }


def lives(address: Address, customer: Customer | None) -> Body:
    """Where somebody lives."""
    first, last = (customer.first_name, customer.last_name) if customer else (None, None)
    return {
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}" if customer else "",
        "company": None,
        "address1": address.street,
        "address2": None,
        "city": address.city,
        "zip": address.zip,
        "province": address.province,
        "province_code": address.province_code,
        "country": address.country,
        "country_code": address.country_code,
        "phone": None,
    }
