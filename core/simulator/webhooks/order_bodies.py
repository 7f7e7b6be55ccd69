"""The body of orders/*, in the shape of Shopify's webhooks (2026-07 and later)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from core.simulator.shop.formats import OrderFigures, body_amount, body_time, gid
from core.simulator.shop.ledger import Return
from core.simulator.shop.model import ZERO, Address, Allocation, Customer, Discount, Line, Order, Shipping, Tax
from core.simulator.shop.order_fields import body_fields
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.body_parts import (
    Body,
    address_body,
    line_body,
    money_set,
    order_customer_body,
    shipping_body,
    tax_body,
)
from core.simulator.webhooks.refund_bodies import refund_body


def order_body(shop: Shop, order: Order) -> Body:
    """Make the body of orders/create, orders/updated and orders/cancelled."""
    figures = OrderFigures(shop, order)
    customer, tender = shop.customers.get(order.customer_id or 0), order.tender
    address = _address(order.address, customer)
    return {
        **_head(shop, order, figures),
        **_totals(order, figures),
        "billing_address": address,
        "shipping_address": address,
        "customer": order_customer_body(shop, customer) if customer else None,
        "discount_applications": [_application(discount) for discount in order.discounts],
        "discount_codes": [_code(order, i) for i, discount in enumerate(order.discounts) if discount.code],
        "fulfillments": [],
        "line_items": [_line(shop, order, line) for line in order.lines],
        "payment_terms": None,
        "refunds": [refund_body(shop, order, refund) for refund in order.refunds],
        "shipping_lines": [shipping_body(tender, order.shipping)] if order.shipping else [],
        "tax_lines": [tax_body(tender, tax) for tax in _taxes(order)],
        "returns": [_return(record) for record in order.returns],
        "line_item_groups": [],
    }


def _head(shop: Shop, order: Order, figures: OrderFigures) -> Body:
    def timestamp(instant: datetime | None) -> str | None:
        return body_time(shop, instant) if instant else None

    token = f"{order.order_id:x}"
    return {
        **body_fields(shop, order),
        "id": order.order_id,
        "admin_graphql_api_id": gid("Order", order.order_id),
        "app_id": 580111 if order.source_name == "web" else None,
        "browser_ip": None,
        "buyer_accepts_marketing": False,
        "cancel_reason": order.cancel_reason.lower() if order.cancel_reason else None,
        "cancelled_at": timestamp(order.cancelled_at),
        "client_details": None,
        "closed_at": timestamp(order.cancelled_at),
        "confirmation_number": token[-9:].upper(),
        "contact_email": order.email,
        "created_at": timestamp(order.created_at),
        "customer_locale": "en",
        "device_id": None,
        "estimated_taxes": False,
        "financial_status": figures.financial_status.lower(),
        "fulfillment_status": "fulfilled" if order.is_fulfilled else None,
        "landing_site": order.visits[1].path if order.visits else None,
        "landing_site_ref": None,
        "location_id": order.location_id,
        "merchant_business_entity_id": "MTIzNDU2Nzg5",
        "merchant_of_record_app_id": None,
        "note": None,
        "note_attributes": [],
        "number": order.number - 1000,
        "order_number": order.number,
        "order_status_url": f"https://{shop.spec.domain}/{shop.shop_id}/orders/{token}/authenticate",
        "payment_gateway_names": ["cash" if order.cash_rounding else "bogus"],
        "phone": None,
        "po_number": None,
        "processed_at": timestamp(order.processed_at),
        "reference": None,
        "referring_site": order.visits[1].referrer if order.visits else None,
        "source_identifier": None,
        "source_url": None,
        "tags": ", ".join(sorted(order.tags)),
        "tax_exempt": False,
        "token": token,
        "total_weight": sum(250 * line.quantity for line in order.goods),
        "updated_at": timestamp(order.updated_at),
        "user_id": None,
    }


def _totals(order: Order, figures: OrderFigures) -> Body:
    """The totals. Shopify writes most of them twice: as text and as a set."""
    tender = order.tender
    text_and_set = {
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
        "total_cash_rounding_payment_adjustment": order.cash_rounding,
        "total_cash_rounding_refund_adjustment": ZERO,
    }
    as_text = {"total_outstanding": figures.outstanding, "total_tip_received": figures.tip}
    charges = {"additional_fees": order.fees, "duties": order.duties}
    return {
        **{name: body_amount(tender.currency, amount) for name, amount in (text_and_set | as_text).items()},
        **{f"{name}_set": money_set(tender, amount) for name, amount in (text_and_set | as_set).items()},
        **{
            f"{when}_total_{name}_set": money_set(tender, amount) if amount else None
            for when in ("current", "original")
            for name, amount in charges.items()
        },
    }


def _line(shop: Shop, order: Order, line: Line) -> Body:
    return {
        **line_body(shop, order, line),
        "attributed_staffs": [],
        "current_quantity": line.current_quantity,
        "sales_line_item_group_id": None,
    }


def _return(record: Return) -> Body:
    return {
        "id": record.return_id,
        "admin_graphql_api_id": gid("Return", record.return_id),
        "status": record.status.lower(),
    }


def _application(discount: Discount) -> Body:
    target = "shipping_line" if discount.kind == "shipping" else "line_item"
    label = {"code": discount.code} if discount.code else {"title": discount.title}
    return {
        "target_type": target,
        "type": "discount_code" if discount.code else "automatic",
        "value": f"{discount.value:f}",
        "value_type": "percentage" if discount.is_percent else "fixed_amount",
        "allocation_method": "each" if discount.kind == "line" else "across",
        "target_selection": "all",
        **label,
    }


def _code(order: Order, index: int) -> Body:
    """A discount code with the total that it took off."""
    discount = order.discounts[index]
    shares: list[Allocation] = [share for line in order.lines for share in line.allocations]
    shares += order.shipping.allocations if order.shipping else ()
    amount = sum((share.amount for share in shares if share.index == index), ZERO)
    kind = "shipping" if discount.kind == "shipping" else "percentage" if discount.is_percent else "fixed_amount"
    return {"code": discount.code, "amount": body_amount(order.tender.currency, amount), "type": kind}


def _taxes(order: Order) -> Sequence[Tax]:
    """The order's taxes by title and rate, over all lines and shipping."""
    charges: list[Line | Shipping] = [*order.lines, *([order.shipping] if order.shipping else [])]
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for charge in charges:
        for tax in charge.taxes:
            sums[tax.title, tax.rate] = sums.get((tax.title, tax.rate), ZERO) + tax.amount
    return [Tax(title, rate, amount) for (title, rate), amount in sums.items()]


def _address(address: Address | None, customer: Customer | None) -> Body | None:
    # A shipping address has coordinates; a customer's address has none.
    return {**address_body(address, customer), "latitude": None, "longitude": None} if address else None
