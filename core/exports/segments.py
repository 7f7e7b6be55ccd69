"""The files of the Segments page: the segments, and the customers of one."""

from __future__ import annotations

from collections.abc import Mapping

from core.exports.files import Export
from core.metrics.customers.segments import BEST_FIRST, SEGMENTS, Segment, members_statement
from core.metrics.formulas import of_store


def _of_build(statement: str) -> str:
    """Add the currency of the last count to each row: the store's may be another one by now."""
    currency = f"SELECT b.currency FROM segment_builds b WHERE {of_store('b')}"
    return f"SELECT s.*, ({currency}) AS currency FROM ({statement}) s"


EXPORTS = {
    "segments": Export(
        _of_build(SEGMENTS),
        "segment=text customers=count orders=count net_sales=own_amount currency=text",
        title="Segments",
        row="segment",
        meanings={
            "customers": "customers_of_segment",
            "orders": "orders_of_segment",
            "net_sales": "net_of_customers",
        },
    ),
    "segment-members": Export(
        lambda sort: _of_build(members_statement(sort)),
        """customer_key=text name=text email=text country=text recency=number frequency=number monetary=number
        orders=count net_sales=own_amount currency=text last_order_at=time time_zone=zone
        shopify_group=text shopify_tier=text""",
        BEST_FIRST,
        title="Customers of a segment",
        row="customer of the segment",
        meanings={"name": "customer", "orders": "orders_of_segment", "net_sales": "net_of_customers"},
    ),
}


def parameters(filters: Mapping[str, str]) -> dict[str, object]:
    """The parameter of the filter "segment"; the best one for what is no segment."""
    typed = filters.get("segment", "")
    return {"segment": typed if typed in list(Segment) else Segment.CHAMPIONS.value}
