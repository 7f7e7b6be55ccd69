"""The files of the Segments page: the segments, and the customers of one."""

from __future__ import annotations

from collections.abc import Mapping

from core.exports.files import Export
from core.metrics.customers.segments import BEST_FIRST, SEGMENTS, Segment, members_statement

EXPORTS = {
    "segments": Export(SEGMENTS, "segment=text customers=count orders=count net_sales=amount"),
    "segment-members": Export(
        members_statement,
        """customer_key=text name=text email=text country=text recency=count frequency=count monetary=count
        orders=count net_sales=amount last_order_at=time time_zone=zone""",
        BEST_FIRST,
    ),
}


def parameters(filters: Mapping[str, str]) -> dict[str, object]:
    """The parameter of the filter "segment"; the best one for what is no segment."""
    typed = filters.get("segment", "")
    return {"segment": typed if typed in list(Segment) else Segment.CHAMPIONS.value}
