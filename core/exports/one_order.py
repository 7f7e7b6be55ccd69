"""The files of an order's page: its items, its refunds, what was asked to return, and each change of its sales."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.ids import parse_id
from core.exports.files import Export
from core.metrics.formulas import of_store
from core.metrics.orders import details

_NO_ORDER = 0


def _of_order(parts: str) -> str:
    """Build the statement of the parts of an order, each with the order's currency; a deleted order has none."""
    return f"""
SELECT parts.*, o.currency
FROM (SELECT o.currency FROM orders o
      WHERE {of_store("o")} AND o.order_id = :order_id AND o.deleted_at IS NULL) o
CROSS JOIN LATERAL ({parts}) parts"""


EXPORTS = {
    "items-of-order": Export(
        _of_order(details.LINES),
        """title=text variant=text sku=text product_id=id quantity=count quantity_now=count unit_price=own_level
        discount=own_amount charged=own_amount currency=text is_tip=flag is_gift_card=flag""",
        title="Items of an order",
        row="item of the order",
        meanings={"title": "title_of_line", "charged": "charged_of_item", "discount": "discount_of_item"},
    ),
    "sales-of-order": Export(
        _of_order(details.LEDGER),
        """day=text_of_day happened_at=time reason=text action=text line_type=text title=text quantity=count
        net=own_amount discount=own_amount tax=own_amount currency=text time_zone=zone""",
        title="Sales of an order, day by day",
        row="change of the order's sales",
        meanings={
            "day": "business_date",
            "reason": "reason_of_sale",
            "title": "title_of_line",
            "quantity": "quantity_of_sale",
            "discount": "discount_of_sale",
            "tax": "tax_of_sale",
        },
    ),
    "refunds-of-order": Export(
        _of_order(details.REFUNDS),
        "day=text_of_day processed_at=time units=count refunded=own_amount currency=text note=text time_zone=zone",
        title="Refunds of an order",
        row="refund of the order",
        meanings={"day": "business_date", "processed_at": "refunded_at", "units": "units_of_refund"},
    ),
    "returns-of-order": Export(
        _of_order(details.RETURNS),
        "requested_at=time title=text quantity=count reason=text note=text status=text time_zone=zone",
        title="Returns requested of an order",
        row="item that the customer asked to return",
        meanings={
            "requested_at": "return_requested_at",
            "title": "title_of_line",
            "quantity": "quantity_of_return",
            "note": "note_of_return",
        },
    ),
}


def parameters(filters: Mapping[str, str]) -> dict[str, object]:
    """The parameter of the order that "order" names by its id; of none without it."""
    return {"order_id": parse_id(filters.get("order", "")) or _NO_ORDER}
