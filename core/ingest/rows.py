"""An order as rows: its own, its lines' and shipping lines', and those of its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from core.domain import MAPPING_VERSION
from core.domain import Order as OrderRecord
from core.domain import Refund as RefundRecord
from core.domain.ledger import sale_rows
from core.ingest.encoding import agreements_json, taxes_json, withheld_json
from core.ingest.target import KEY, Target

_LONGEST_ADDRESS = 320
"""Characters: no address that mail is sent to is longer (64, the @, and 255)."""


def customer_key(order: OrderRecord) -> str:
    """Who bought: the customer, else the address, else nobody but this order (metrics: customer identity)."""
    if order.customer_id is not None:
        return f"c:{order.customer_id}"
    email = (order.email or "").strip().lower()
    if len(email) > _LONGEST_ADDRESS:
        # The key is in an index, whose entries have their limit; what stands in the address's place tells as much.
        email = sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
    return f"e:{email}" if email else f"o:{order.order_id}"


_ORDER_SAME_NAME = (
    "order_id name number test created_at processed_at updated_at cancelled_at cancel_reason financial_status "
    "fulfillment_status source_name customer_id email country province city taxes_included currency subtotal "
    "discounts tax shipping tip duties fees total current_total presentment_currency presentment_total "
    "refunds_undated source"
).split()
ORDER_COLUMNS = (
    *KEY,
    "business_date",
    "customer_key",
    "discount_codes",
    "agreements",
    "agreed_refunds",
    "agreed_at",
    "deleted_at",
    "withheld",
    "read_at",
    "is_whole",
    "mapping_version",
    "ledger_version",
    *_ORDER_SAME_NAME,
)
_of_order = attrgetter(*_ORDER_SAME_NAME)


def order_row(target: Target, order: OrderRecord) -> tuple[Any, ...]:
    return (
        *target.key_values,
        target.day(order.processed_at),
        customer_key(order),
        list(order.discount_codes),
        agreements_json(order.agreements),
        list(order.agreed_refunds),
        None if order.agreements is None else order.updated_at,
        None,
        withheld_json(order.withheld),
        target.reading.read_at_of(order),
        target.reading.is_whole(order),
        MAPPING_VERSION,
        MAPPING_VERSION,
        *_of_order(order),
    )


_LINE_SAME_NAME = (
    "line_item_id product_id variant_id title variant_title sku vendor quantity current_quantity unit_price discount "
    "is_gift_card is_tip"
).split()
LINE_COLUMNS = (*KEY, "order_id", "currency", "position", "taxes", *_LINE_SAME_NAME)
_of_line = attrgetter(*_LINE_SAME_NAME)


def line_rows(target: Target, order: OrderRecord) -> list[tuple[Any, ...]]:
    mine = (*target.key_values, order.order_id, order.currency)
    return [
        (*mine, position, taxes_json(line.taxes), *_of_line(line)) for position, line in enumerate(order.line_items)
    ]


_SHIPPING_SAME_NAME = "shipping_line_id title price discount is_removed".split()
SHIPPING_COLUMNS = (*KEY, "order_id", "currency", "taxes", *_SHIPPING_SAME_NAME)
_of_shipping = attrgetter(*_SHIPPING_SAME_NAME)


def shipping_rows(target: Target, order: OrderRecord) -> list[tuple[Any, ...]]:
    mine = (*target.key_values, order.order_id, order.currency)
    return [(*mine, taxes_json(line.taxes), *_of_shipping(line)) for line in order.shipping_lines]


_SALE_SAME_NAME = (
    "happened_at reason action line_type line_item_id product_id variant_id quantity net discount tax".split()
)
SALE_COLUMNS = (*KEY, "order_id", "currency", "sale_no", "business_date", *_SALE_SAME_NAME)
_of_sale = attrgetter(*_SALE_SAME_NAME)


def sales_rows(target: Target, order: OrderRecord) -> list[tuple[Any, ...]]:
    mine = (*target.key_values, order.order_id, order.currency)
    rows = sale_rows(order)
    return [(*mine, number, target.day(row.happened_at), *_of_sale(row)) for number, row in enumerate(rows)]


def as_stored(order: OrderRecord) -> OrderRecord:
    """The record with its parts in the order in which they are read back: the rows' numbers follow it."""
    lines = [line.line_item_id for line in order.line_items]
    shipping = [line.shipping_line_id for line in order.shipping_lines]
    if not order.refunds and _ascend(lines) and _ascend(shipping):
        return order
    return replace(
        order,
        line_items=tuple(sorted(order.line_items, key=lambda line: line.line_item_id)),
        shipping_lines=tuple(sorted(order.shipping_lines, key=lambda line: line.shipping_line_id)),
        refunds=tuple(sorted(map(_refund_as_stored, order.refunds), key=lambda refund: refund.refund_id)),
    )


def _refund_as_stored(refund: RefundRecord) -> RefundRecord:
    return replace(refund, lines=tuple(sorted(refund.lines, key=lambda line: line.refund_line_id)))


def _ascend(ids: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(ids))
