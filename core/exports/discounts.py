"""The files of the Discounts page and of one discount."""

from __future__ import annotations

from collections.abc import Mapping

from core.exports.files import Export
from core.metrics.orders import discount
from core.metrics.orders.discounts import DISCOUNTS

EXPORTS = {
    "discounts": Export(
        DISCOUNTS,
        """kind=text label=text orders=number discount_given=amount net_sales=level placed_value=level
        currency=currency orders_new=number orders_settled=number orders_repeated=number""",
        title="Discounts",
        row="code or discount",
        meanings={"net_sales": "net_of_discounted"},
    ),
    "discounts-over-time": Export(
        discount.OVER_TIME,
        "start=time discounted_orders=count discount_given=amount currency=currency time_zone=zone",
        title="Discounts over time",
        row="{grain}",
    ),
    "discounted-orders": Export(
        discount.discounted_orders_statement,
        """order_id=id name=text placed_at=time customer=text discount_given=own_amount net_sales=own_amount
        total=own_amount currency=text is_first=flag time_zone=zone""",
        discount.NEWEST_FIRST,
        title="Discounted orders",
        row="order placed in the period with the discount",
        meanings={"net_sales": "net_of_order"},
    ),
}


def parameters(filters: Mapping[str, str]) -> dict[str, object]:
    """The parameters of the filter "discount"; without a readable one, all discounts are meant."""
    return dict((discount.parse_key(filters.get("discount", "")) or discount.ANY).parameters)
