"""The common parts of webhook bodies: amounts, lines, customers and addresses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.simulator.shop.formats import body_amount, body_time, gid, own_discount, presentment_amount
from core.simulator.shop.model import ZERO, Address, Allocation, Customer, Line, Order, Shipping, Tax, Tender
from core.simulator.shop.shop import Shop

Body = dict[str, Any]


def money_set(tender: Tender, amount: Decimal) -> Body:
    """Make a `*_set`: an amount in the shop's currency and in the customer's."""
    presentment = body_amount(tender.presentment, presentment_amount(tender, amount))
    return {
        "shop_money": {"amount": body_amount(tender.currency, amount), "currency_code": tender.currency},
        "presentment_money": {"amount": presentment, "currency_code": tender.presentment},
    }


def order_customer_body(shop: Shop, customer: Customer) -> Body:
    """Make the customer in the body of an order."""
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
        "currency": shop.currency,
        "tax_exemptions": [],
        "default_address": {
            **address_body(customer.address, customer),
            "id": customer.address.address_id,
            "customer_id": customer.customer_id,
            "country_name": customer.address.country,
            "default": True,
        },
    }


def line_body(shop: Shop, order: Order, line: Line) -> Body:
    """Make a line item as in refunds. An order's line item has a few fields more."""
    discount, tender = own_discount(order, line), order.tender
    exists = line.product_id in shop.products
    return {
        **({"tip_payment_gateway": "bogus", "tip_payment_method": "Bogus"} if line.is_tip else {}),
        "id": line.line_id,
        "admin_graphql_api_id": gid("LineItem", line.line_id),
        "discount_allocations": [allocation_body(tender, share) for share in line.allocations],
        "duties": [],
        "fulfillable_quantity": 0 if order.is_fulfilled or line.is_tip else line.current_quantity,
        "fulfillment_service": "gift_card" if line.is_gift_card else "manual",
        "fulfillment_status": "not_eligible" if line.is_tip else "fulfilled" if order.is_fulfilled else None,
        "gift_card": line.is_gift_card,
        "grams": 250 if line.is_goods else 0,
        "name": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        "price": body_amount(tender.currency, line.unit_price),
        "price_set": money_set(tender, line.unit_price),
        "product_exists": exists,
        "product_id": line.product_id if exists else None,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": line.is_goods,
        "sku": line.sku,
        "tax_lines": [tax_body(tender, tax) for tax in line.taxes],
        "taxable": line.is_goods,
        "title": line.title,
        "total_discount": body_amount(tender.currency, discount),
        "total_discount_set": money_set(tender, discount),
        "variant_id": line.variant_id if exists else None,
        "variant_inventory_management": "shopify" if line.is_goods else None,
        "variant_title": line.variant_title,
        "vendor": line.vendor,
    }


def shipping_body(tender: Tender, line: Shipping) -> Body:
    """Make a shipping line, as in orders and refunds."""
    return {
        "id": line.shipping_id,
        "carrier_identifier": None,
        "code": line.title,
        "current_discounted_price_set": money_set(tender, ZERO if line.is_refunded else line.charged),
        "discount_allocations": [allocation_body(tender, share) for share in line.allocations],
        "discounted_price": body_amount(tender.currency, line.charged),
        "discounted_price_set": money_set(tender, line.charged),
        "is_removed": False,
        "phone": None,
        "price": body_amount(tender.currency, line.price),
        "price_set": money_set(tender, line.price),
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "tax_lines": [tax_body(tender, tax) for tax in line.taxes],
        "title": line.title,
    }


def allocation_body(tender: Tender, share: Allocation) -> Body:
    """Make one line's share of a discount."""
    return {
        "amount": body_amount(tender.currency, share.amount),
        "amount_set": money_set(tender, share.amount),
        "discount_application_index": share.index,
    }


def tax_body(tender: Tender, tax: Tax) -> Body:
    """Make one tax of a line, or of the whole order."""
    return {
        "title": tax.title,
        "rate": float(tax.rate),
        "price": body_amount(tender.currency, tax.amount),
        "price_set": money_set(tender, tax.amount),
        "channel_liable": False,
    }


def address_body(address: Address, customer: Customer | None) -> Body:
    """Make an address with the name of its customer."""
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
