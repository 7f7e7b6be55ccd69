"""The file of the Discounts page."""

from __future__ import annotations

from core.exports.files import Export
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
}
