"""Orders with their lines and shipping lines."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from core.ingest import arrivals
from core.ingest.copying import Rows
from core.ingest.encoding import agreements_json, taxes_json
from core.ingest.target import KEY, Newer, Target, newest, not_stale, replace_children, upsert
from core.models import LineItem, Order, ShippingLine
from core.records import Kind
from core.records import Order as OrderRecord


def write(session: Session, target: Target, records: Iterable[OrderRecord]) -> Newer[OrderRecord]:
    """Write the versions that are newer than what is stored; returns those written."""
    newer = not_stale(session, target, newest(records, lambda order: order.order_id), Kind.ORDER, Order.order_id)
    orders = [newer.records[order_id] for order_id in sorted(newer.records)]
    arrivals.note(session, target, orders)
    upsert(session, target, Order, Rows(_COLUMNS, [_order_row(target, order) for order in orders]))
    lines = [row for order in orders for row in _line_rows(target, order)]
    replace_children(session, target, LineItem.order_id, newer.replaced, Rows(_LINE_COLUMNS, lines))
    shipping = [row for order in orders for row in _shipping_rows(target, order)]
    replace_children(session, target, ShippingLine.order_id, newer.replaced, Rows(_SHIPPING_COLUMNS, shipping))
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
_COLUMNS = (*KEY, "business_date", "customer_key", "discount_codes", "agreements", "deleted_at", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _order_row(target: Target, order: OrderRecord) -> tuple[Any, ...]:
    return (
        *target.key_values,
        target.day(order.processed_at),
        customer_key(order),
        list(order.discount_codes),
        agreements_json(order.agreements),
        None,
        *_same(order),
    )


_LINE_SAME_NAME = (
    "line_item_id product_id variant_id title variant_title sku vendor quantity current_quantity unit_price discount "
    "is_gift_card"
).split()
_LINE_COLUMNS = (*KEY, "order_id", "currency", "position", "taxes", *_LINE_SAME_NAME)
_line = attrgetter(*_LINE_SAME_NAME)


def _line_rows(target: Target, order: OrderRecord) -> list[tuple[Any, ...]]:
    mine = (*target.key_values, order.order_id, order.currency)
    return [(*mine, position, taxes_json(line.taxes), *_line(line)) for position, line in enumerate(order.line_items)]


_SHIPPING_SAME_NAME = "shipping_line_id title price discount is_removed".split()
_SHIPPING_COLUMNS = (*KEY, "order_id", "currency", "taxes", *_SHIPPING_SAME_NAME)
_shipping = attrgetter(*_SHIPPING_SAME_NAME)


def _shipping_rows(target: Target, order: OrderRecord) -> list[tuple[Any, ...]]:
    mine = (*target.key_values, order.order_id, order.currency)
    return [(*mine, taxes_json(line.taxes), *_shipping(line)) for line in order.shipping_lines]
