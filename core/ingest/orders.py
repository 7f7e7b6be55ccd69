"""Orders with their lines and shipping lines."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from sqlalchemy.orm import Session

from core.ingest import arrivals
from core.ingest.encoding import agreements_json, taxes_json
from core.ingest.target import Newer, Row, Target, newest, not_stale, replace_children, upsert
from core.models import LineItem, Order, ShippingLine
from core.records import Kind
from core.records import Order as OrderRecord


def write(session: Session, target: Target, records: Iterable[OrderRecord]) -> Newer[OrderRecord]:
    """Write the versions that are newer than what is stored; returns those written."""
    newer = not_stale(session, target, newest(records, lambda order: order.order_id), Kind.ORDER, Order.order_id)
    orders = [newer.records[order_id] for order_id in sorted(newer.records)]
    arrivals.note(session, target, orders)
    upsert(session, target, Order, [_order_row(target, order) for order in orders])
    lines = [row for order in orders for row in _line_rows(target, order)]
    replace_children(session, target, LineItem.order_id, newer.replaced, lines)
    shipping = [row for order in orders for row in _shipping_rows(target, order)]
    replace_children(session, target, ShippingLine.order_id, newer.replaced, shipping)
    return newer


def customer_key(order: OrderRecord) -> str:
    """Who bought: the customer, else the address, else nobody but this order (metrics: customer identity)."""
    if order.customer_id is not None:
        return f"c:{order.customer_id}"
    email = (order.email or "").strip().lower()
    return f"e:{email}" if email else f"o:{order.order_id}"


_SAME_NAME = (
    "order_id name number test created_at processed_at updated_at cancelled_at cancel_reason financial_status "
    "fulfillment_status source_name customer_id email country province city taxes_included currency subtotal "
    "discounts tax shipping tip total current_total presentment_currency presentment_total refunds_undated source"
).split()
_same = attrgetter(*_SAME_NAME)


def _order_row(target: Target, order: OrderRecord) -> Row:
    return {
        **target.key,
        **dict(zip(_SAME_NAME, _same(order), strict=True)),
        "business_date": target.day(order.processed_at),
        "customer_key": customer_key(order),
        "discount_codes": list(order.discount_codes),
        "agreements": agreements_json(order.agreements),
        "deleted_at": None,
    }


def _line_rows(target: Target, order: OrderRecord) -> list[Row]:
    return [
        {
            **target.key,
            "order_id": order.order_id,
            "line_item_id": line.line_item_id,
            "position": position,
            "product_id": line.product_id,
            "variant_id": line.variant_id,
            "title": line.title,
            "variant_title": line.variant_title,
            "sku": line.sku,
            "vendor": line.vendor,
            "quantity": line.quantity,
            "current_quantity": line.current_quantity,
            "unit_price": line.unit_price,
            "discount": line.discount,
            "taxes": taxes_json(line.taxes),
            "is_gift_card": line.is_gift_card,
            "currency": order.currency,
        }
        for position, line in enumerate(order.line_items)
    ]


def _shipping_rows(target: Target, order: OrderRecord) -> list[Row]:
    return [
        {
            **target.key,
            "order_id": order.order_id,
            "shipping_line_id": line.shipping_line_id,
            "title": line.title,
            "price": line.price,
            "discount": line.discount,
            "taxes": taxes_json(line.taxes),
            "is_removed": line.is_removed,
            "currency": order.currency,
        }
        for line in order.shipping_lines
    ]
