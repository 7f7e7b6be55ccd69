"""Parts of the page Bought together: what was counted and when, first products, the columns of the pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import streamlit as st

from core.domain.periods import Period
from core.metrics.products.baskets import FEWEST_CUSTOMERS, BasketBuild, PairKey
from dashboard import reads
from dashboard.addresses import csv_address, product_address
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_records

_LEAST, _USUAL, _MOST = 3, 5, 10_000
"""Orders that have both products: pairs of fewer than three are not kept."""
_FIRSTS = 12


def draw_not_built(filters: Filters) -> None:
    """Draw why there are no counts yet."""
    with st.container(border=True):
        st.subheader(":material/hourglass_top: Not counted yet", anchor=False)
        if filters.store.complete_until is None:
            st.markdown("Products bought together are counted when the first sync has finished.")
        else:
            st.markdown("Products bought together are being counted. Open this page again in a minute.")


def draw_build(build: BasketBuild, filters: Filters) -> None:
    """Draw of which days the counts are, when they were made, and what they leave out."""
    zone = filters.store.time_zone
    days = formats.period(Period(build.start, build.end, zone))
    left_out = (
        f" {formats.counted(build.large_orders, 'order')} of more than 20 products left out."
        if build.large_orders
        else ""
    )
    st.caption(
        f":material/nightlight: Counted {formats.instant(build.built_at, zone)}, and every night: "
        f"{formats.counted(build.orders, 'order')} of {days}.{left_out}"
    )


def draw_firsts(build: BasketBuild, filters: Filters) -> None:
    """Draw the products that customers began with, how many came back, and what they bought then."""
    zone = filters.store.time_zone
    rows = reads.first_products(*filters.cache_key, _FIRSTS)
    began = formats.period(Period(build.first_start, build.first_end, zone))
    shop, query = filters.store.shop_domain, st.query_params.to_dict()
    columns = {
        "title": Column("First product", link=lambda row: product_address(shop, row["product_id"], query)),
        "customers": Column("Customers", Kind.COUNT, "New customers whose first order had it."),
        "repeat_rate": Column("Bought again", Kind.SHARE, "Of these customers, within 90 days of their first order."),
        "difference": Column(
            "Compared with all", Kind.POINTS, "The share less that of all new customers, in percentage points."
        ),
        "nexts": Column("What they bought next", help="Most frequent products of the second order, with customers."),
    }
    draw_records(
        "What a first purchase leads to",
        [
            asdict(row)
            | {
                "difference": row.repeat_rate - (build.repeat_rate or 0),
                "nexts": ", ".join(f"{one['title']} ({one['customers']})" for one in row.next_products[:3]) or None,
            }
            for row in rows
        ],
        columns,
        filters.store,
        csv_of("first-products", filters),
        f"No product has {FEWEST_CUSTOMERS} customers who began with it from {began}. Fewer say nothing.",
    )
    if rows:
        share = plain(formats.percent(build.repeat_rate))
        st.caption(
            f"{formats.counted(build.customers, 'customer')} began from {began}, and {share} bought again within 90 "
            f"days. Listed are products of {FEWEST_CUSTOMERS} customers or more. A difference is no cause."
        )


def draw_fewest() -> int:
    """Draw the choice of how many orders a pair has to have."""
    return int(
        st.number_input(
            "Orders at least",
            _LEAST,
            _MOST,
            _USUAL,
            key="fewest",
            bind="query-params",
            help="The lift of a rare pair is chance.",
            width=220,
        )
    )


def pair_columns(filters: Filters, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the pairs; `query` is the address's, for the links."""
    shop = filters.store.shop_domain
    return {
        "title": Column(
            "Product", sort=PairKey.TITLE, link=lambda row: product_address(shop, row["product_id"], query)
        ),
        "other": Column(
            "Bought with", sort=PairKey.OTHER, link=lambda row: product_address(shop, row["other_id"], query)
        ),
        "orders": Column("Orders", Kind.COUNT, "Orders that have both.", PairKey.TOGETHER),
        "share": Column(
            "Share of product", Kind.SHARE, "Of the orders with the product, those that have both.", PairKey.SHARE
        ),
        "other_share": Column(
            "Share of partner", Kind.SHARE, "Of the orders with “Bought with”, those that have both."
        ),
        "lift": Column("Lift", Kind.RATIO, _LIFT, PairKey.LIFT),
    }


def csv_of(name: str, filters: Filters, **parameters: str | int) -> str:
    """The address of the file `name`."""
    return csv_address(name, filters.store.store_id, filters.period, **parameters)


_LIFT = (
    "How many times more often both are bought together than by chance. 1 is chance, below 1 they keep apart. The "
    "more orders, the surer."
)
