"""Parts of the Segments page: as of when, the segments, the grid that makes them, and the columns of the members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import streamlit as st

from core.metrics.customers.segments import Member, MemberKey, Segment, SegmentBuild, SegmentRow, ShopifyReadings
from dashboard.addresses import csv_address, customer_address, page_address
from dashboard.drawing import formats
from dashboard.drawing.countries import country_name
from dashboard.drawing.segment_words import ADVICE, NAMES, grid_table, readings_sentence, shopify_segment
from dashboard.filters import Filters
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_records


def draw_not_built(filters: Filters) -> None:
    """Draw why there are no segments yet."""
    with st.container(border=True):
        st.subheader(":material/hourglass_top: Not computed yet", anchor=False)
        if filters.store.complete_until is None:
            st.markdown("Segments are computed when the first sync has finished.")
        else:
            st.markdown("Segments are being computed. Open this page again in a minute.")


def draw_build(build: SegmentBuild, filters: Filters) -> None:
    """Draw as of when the segments are, and of which orders."""
    computed = formats.instant(build.built_at, filters.store.time_zone)
    st.caption(
        f":material/nightlight: Computed {computed}, again every night, of all orders in {build.currency} by then."
    )


def draw_segments(rows: Sequence[SegmentRow], build: SegmentBuild, filters: Filters) -> None:
    """Draw the segments with their customers and value, and below them how they are made."""
    query = st.query_params.to_dict()
    columns = {
        "name": Column(
            "Segment", link=lambda row: page_address("segments", query, segment=row["name"]), note="advice"
        ),
        "customers": Column("Customers", Kind.COUNT),
        "share": Column("Share", Kind.SHARE, "Of all customers."),
        "net_sales": Column("Net sales to date", Kind.MONEY, "All net sales of these customers."),
        "average_value": Column("Per customer", Kind.MONEY, "Net sales to date a customer."),
        "average_orders": Column("Orders each", Kind.RATIO, "Orders to date a customer."),
    }
    records = [
        asdict(row)
        | {"name": NAMES[row.segment], "advice": ADVICE[row.segment]}
        | {"average_value": row.average_value, "average_orders": row.average_orders}
        for row in rows
    ]
    csv = csv_address("segments", filters.store.store_id, filters.period)
    draw_records("Segments", records, columns, filters.store, csv, currency=build.currency)
    with st.expander("How the segments are made", icon=":material/grid_on:"):
        st.markdown(
            "Each customer gets three scores from 1 to 5. **R**: how lately they ordered. **F**: how many orders "
            "they placed. **M**: their net sales to date. A score is the fifth of your customers that they are in; "
            "equal customers share a score. **FM** is the mean of F and M, rounded up."
        )
        st.markdown(grid_table())
        st.caption("Shopify does not publish the limits of its own groups, so a customer’s group there may differ.")


def draw_choice() -> Segment:
    """Draw the choice of the segment whose customers are listed."""
    names = list(NAMES.values())
    chosen = st.selectbox("Customers of", names, key="segment", bind="query-params", width=260)
    return next((segment for segment, name in NAMES.items() if name == chosen), Segment.CHAMPIONS)


def member_records(members: Sequence[Member]) -> list[dict[str, Any]]:
    """The rows of the list."""
    return [
        asdict(member)
        | {
            "customer": member.name or member.email or "Guest",
            "contact": member.email if member.name else "",
            "scores": f"{member.recency} · {member.frequency} · {member.monetary}",
            "country": country_name(member.country),
            "shopify": shopify_segment(member.shopify_group, None),
            "tier": shopify_segment(None, member.shopify_tier),
        }
        for member in members
    ]


def member_columns(shop_domain: str, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the list; `query` is the address's, for the links."""
    return {
        "customer": Column(
            "Customer", link=lambda row: customer_address(shop_domain, row["customer_key"], query), note="contact"
        ),
        "net_sales": Column("Net sales to date", Kind.MONEY, sort=MemberKey.NET_SALES),
        "orders": Column("Orders to date", Kind.COUNT, sort=MemberKey.ORDERS),
        "last_order_at": Column("Last order", Kind.DAY, sort=MemberKey.LAST_ORDER),
        "scores": Column(
            "R\u00a0·\u00a0F\u00a0·\u00a0M", Kind.CODE, help="The scores from 1 to 5; see how the segments are made."
        ),
        "country": Column("Country"),
        "shopify": Column(
            "Shopify’s segment", help="Shopify’s own group, and the spending it expects in a year.", note="tier"
        ),
    }


def draw_readings(readings: ShopifyReadings | None, now: datetime) -> None:
    """Draw how fresh Shopify's own segments in the list are, where customers have one."""
    if readings:
        st.caption(f":material/history: {readings_sentence(readings, now)}")


def csv_of_members(segment: Segment, filters: Filters, sort: str) -> str:
    """The address of the file of a segment's customers."""
    return csv_address("segment-members", filters.store.store_id, filters.period, segment=segment.value, sort=sort)
