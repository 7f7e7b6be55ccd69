"""The file of the Discounts page."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.orders.discounts import DISCOUNTS

EXPORTS = {
    "discounts": Export(
        DISCOUNTS,
        """kind=text label=text orders=count discount_given=amount net_sales=amount placed_value=amount
        currency=currency orders_new=count orders_settled=count orders_repeated=count""",
    ),
}
