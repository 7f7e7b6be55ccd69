"""The files of a customer's page: what happened, and the months with orders or returns."""

from __future__ import annotations

from collections.abc import Mapping

from core.exports.files import Export
from core.metrics.customers import timeline

EXPORTS = {
    "customer-timeline": Export(
        timeline.EVENTS,
        """happened_at=time kind=text order_id=id order_name=text amount=own_level currency=text time_zone=zone""",
        title="Timeline of a customer",
        row="event of the customer's orders, the latest first",
        meanings={"kind": "kind_of_event", "amount": "amount_of_event"},
    ),
    "customer-months": Export(
        timeline.MONTHS,
        "month=text_of_day orders=count net_sales=amount currency=currency",
        title="Net sales of a customer by month",
        row="month with an order or a return of the customer",
        meanings={"month": "month_of_store"},
    ),
}


def parameters(filters: Mapping[str, str]) -> dict[str, object]:
    """The parameter of the filter "customer": a key, such as "c:7". A text that is no key selects no rows."""
    return {"customer_key": filters.get("customer", "")}
