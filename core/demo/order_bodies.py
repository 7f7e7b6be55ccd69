"""The bodies of orders/* and refunds/create, in the shape of Shopify's webhooks (2026-07 and later)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.demo.formats import Figures, body_amount, body_time, gid, own_discount
from core.demo.model import (
    ZERO,
    Address,
    Allocation,
    Customer,
    Discount,
    Line,
    Order,
    Refund,
    RefundLine,
    Shipping,
    Tax,
    Transaction,
)
from core.demo.shop import Shop

Body = dict[str, Any]


def order_body(shop: Shop, order: Order) -> Body:
    """orders/create, orders/updated and orders/cancelled have the same body."""
    figures = Figures(shop, order)
    customer = shop.customers.get(order.customer_id or 0)
    address = _address(order.address, customer)
    return {
        **_head(shop, order, figures),
        **_sums(shop, figures),
        "billing_address": address,
        "shipping_address": address,
        "customer": customer_in_order(shop, customer) if customer else None,
        "discount_applications": [_application(discount) for discount in order.discounts],
        "discount_codes": [_code(shop, order, i) for i, discount in enumerate(order.discounts) if discount.code],
        "fulfillments": [],
        "line_items": [_line(shop, order, line) for line in order.lines],
        "payment_terms": None,
        "refunds": [refund_body(shop, order, refund) for refund in order.refunds],
        "shipping_lines": [_shipping(shop, order.shipping)] if order.shipping else [],
        "tax_lines": [_tax(shop, tax) for tax in _taxes(order)],
        "returns": [],
        "line_item_groups": [],
    }


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
            **_lives(customer.address, customer),
            "id": customer.address.address_id,
            "customer_id": customer.customer_id,
            "country_name": customer.address.country,
            "default": True,
        },
    }


def _head(shop: Shop, order: Order, figures: Figures) -> Body:
    def at(instant: datetime | None) -> str | None:
        return body_time(shop, instant) if instant else None

    token = f"{order.order_id:x}"
    return {
        "id": order.order_id,
        "admin_graphql_api_id": gid("Order", order.order_id),
        "app_id": 580111 if order.source_name == "web" else None,
        "browser_ip": None,
        "buyer_accepts_marketing": False,
        "cancel_reason": order.cancel_reason.lower() if order.cancel_reason else None,
        "cancelled_at": at(order.cancelled_at),
        "cart_token": None,
        "checkout_token": token if order.source_name == "web" else None,
        "client_details": None,
        "closed_at": at(order.cancelled_at),
        "confirmation_number": token[-9:].upper(),
        "confirmed": True,
        "contact_email": order.email,
        "created_at": at(order.created_at),
        "currency": shop.spec.currency,
        "customer_locale": "en",
        "device_id": None,
        "duties_included": False,
        "email": order.email,
        "estimated_taxes": False,
        "financial_status": figures.financial_status.lower(),
        "fulfillment_status": "fulfilled" if order.is_fulfilled else None,
        "landing_site": None,
        "landing_site_ref": None,
        "location_id": None,
        "merchant_business_entity_id": "MTIzNDU2Nzg5",
        "merchant_of_record_app_id": None,
        "name": order.name,
        "note": None,
        "note_attributes": [],
        "number": order.number - 1000,
        "order_number": order.number,
        "order_status_url": f"https://{shop.spec.domain}/{shop.shop_id}/orders/{token}/authenticate",
        "payment_gateway_names": ["bogus"],
        "phone": None,
        "po_number": None,
        "presentment_currency": shop.spec.currency,
        "processed_at": at(order.processed_at),
        "reference": None,
        "referring_site": None,
        "source_identifier": None,
        "source_name": order.source_name,
        "source_url": None,
        "tags": "",
        "tax_exempt": False,
        "taxes_included": shop.spec.taxes_included,
        "test": order.test,
        "token": token,
        "total_weight": sum(250 * line.quantity for line in order.lines),
        "updated_at": at(order.updated_at),
        "user_id": None,
    }


def _sums(shop: Shop, figures: Figures) -> Body:
    """The totals: most stand there twice, as text and as a set."""
    twice = {
        "current_subtotal_price": figures.current_subtotal,
        "current_total_discounts": figures.current_discounts,
        "current_total_price": figures.current_total,
        "current_total_tax": figures.current_tax,
        "subtotal_price": figures.subtotal,
        "total_discounts": figures.discounts,
        "total_line_items_price": figures.list_price,
        "total_price": figures.total,
        "total_tax": figures.tax,
    }
    as_set = {
        "current_shipping_price": figures.current_shipping,
        "total_shipping_price": figures.shipping,
        "total_cash_rounding_payment_adjustment": ZERO,
        "total_cash_rounding_refund_adjustment": ZERO,
    }
    as_text = {"total_outstanding": figures.outstanding, "total_tip_received": figures.tip}
    none = [f"{when}_total_{what}" for when in ("current", "original") for what in ("additional_fees", "duties")]
    return {
        **{name: body_amount(shop, amount) for name, amount in (twice | as_text).items()},
        **{f"{name}_set": bag(shop, amount) for name, amount in (twice | as_set).items()},
        **{f"{name}_set": None for name in none},
    }


def _line(shop: Shop, order: Order, line: Line) -> Body:
    return {
        **_line_in_refund(shop, order, line),
        "attributed_staffs": [],
        "current_quantity": line.current_quantity,
        "sales_line_item_group_id": None,
    }


def _line_in_refund(shop: Shop, order: Order, line: Line) -> Body:
    own = own_discount(order, line)
    return {
        "id": line.line_id,
        "admin_graphql_api_id": gid("LineItem", line.line_id),
        "discount_allocations": [_allocation(shop, share) for share in line.allocations],
        "duties": [],
        "fulfillable_quantity": 0 if order.is_fulfilled else line.current_quantity,
        "fulfillment_service": "gift_card" if line.is_gift_card else "manual",
        "fulfillment_status": "fulfilled" if order.is_fulfilled else None,
        "gift_card": line.is_gift_card,
        "grams": 0 if line.is_gift_card else 250,
        "name": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        "price": body_amount(shop, line.unit_price),
        "price_set": bag(shop, line.unit_price),
        "product_exists": True,
        "product_id": line.product_id,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": not line.is_gift_card,
        "sku": line.sku,
        "tax_lines": [_tax(shop, tax) for tax in line.taxes],
        "taxable": not line.is_gift_card,
        "title": line.title,
        "total_discount": body_amount(shop, own),
        "total_discount_set": bag(shop, own),
        "variant_id": line.variant_id,
        "variant_inventory_management": None if line.is_gift_card else "shopify",
        "variant_title": line.variant_title,
        "vendor": line.vendor,
    }


def _shipping(shop: Shop, line: Shipping) -> Body:
    return {
        "id": line.shipping_id,
        "carrier_identifier": None,
        "code": line.title,
        "current_discounted_price_set": bag(shop, ZERO if line.is_refunded else line.charged),
        "discount_allocations": [_allocation(shop, share) for share in line.allocations],
        "discounted_price": body_amount(shop, line.charged),
        "discounted_price_set": bag(shop, line.charged),
        "is_removed": False,
        "phone": None,
        "price": body_amount(shop, line.price),
        "price_set": bag(shop, line.price),
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "tax_lines": [_tax(shop, tax) for tax in line.taxes],
        "title": line.title,
    }


def _refund_line(shop: Shop, order: Order, returned: RefundLine) -> Body:
    return {
        "id": returned.refund_line_id,
        "line_item_id": returned.line_id,
        "line_item": _line_in_refund(shop, order, order.line(returned.line_id)),
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


def _application(discount: Discount) -> Body:
    target = "shipping_line" if discount.kind == "shipping" else "line_item"
    named = {"code": discount.code} if discount.code else {"title": discount.title}
    return {
        "target_type": target,
        "type": "discount_code" if discount.code else "automatic",
        "value": f"{discount.value:f}",
        "value_type": "percentage" if discount.is_percent else "fixed_amount",
        "allocation_method": "each" if discount.kind == "line" else "across",
        "target_selection": "all",
        **named,
    }


def _code(shop: Shop, order: Order, index: int) -> Body:
    """A discount code with what it took off, in all."""
    discount = order.discounts[index]
    shares: list[Allocation] = [share for line in order.lines for share in line.allocations]
    shares += order.shipping.allocations if order.shipping else ()
    amount = sum((share.amount for share in shares if share.index == index), ZERO)
    kind = "shipping" if discount.kind == "shipping" else "percentage" if discount.is_percent else "fixed_amount"
    return {"code": discount.code, "amount": body_amount(shop, amount), "type": kind}


def _allocation(shop: Shop, share: Allocation) -> Body:
    return {
        "amount": body_amount(shop, share.amount),
        "amount_set": bag(shop, share.amount),
        "discount_application_index": share.index,
    }


def _taxes(order: Order) -> Sequence[Tax]:
    """The order's taxes by title and rate, over all lines and shipping."""
    charges: list[Line | Shipping] = [*order.lines, *([order.shipping] if order.shipping else [])]
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for charge in charges:
        for tax in charge.taxes:
            sums[tax.title, tax.rate] = sums.get((tax.title, tax.rate), ZERO) + tax.amount
    return [Tax(title, rate, amount) for (title, rate), amount in sums.items()]


def _tax(shop: Shop, tax: Tax) -> Body:
    return {
        "title": tax.title,
        "rate": float(tax.rate),
        "price": body_amount(shop, tax.amount),
        "price_set": bag(shop, tax.amount),
        "channel_liable": False,
    }


def _address(address: Address | None, customer: Customer | None) -> Body | None:
    # Where an order went has coordinates, where somebody lives has none.
    return {**_lives(address, customer), "latitude": None, "longitude": None} if address else None


def _lives(address: Address, customer: Customer | None) -> Body:
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
