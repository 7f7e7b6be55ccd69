"""Parts of the Returns page: which returns it counts, why both ways differ, and what came back most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal

import streamlit as st

from core.domain.periods import local_day
from core.metrics.returns import report as returns
from core.metrics.returns.later_sales import Basis
from core.metrics.returns.orders import ReturnKey
from core.metrics.returns.report import OPEN_DAYS
from dashboard import reads
from dashboard.addresses import csv_address, order_address, product_address
from dashboard.drawing import charts, formats, return_words
from dashboard.drawing.plot import Look
from dashboard.drawing.return_words import difference_words
from dashboard.filters import Filters
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_figure
from dashboard.parts.chart_choices import draw_grain
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.tables import draw_records

BY_RETURN_DAY = ("returns", "return_rate", "unit_return_rate", "orders_returned", "refunded", "average_refund")
BY_ORDER_DAY = (
    "cohort_returns",
    "cohort_return_rate",
    "cohort_unit_return_rate",
    "cohort_orders_returned",
    "cohort_refunded",
)
_CHOICES = {"On the day of the return": Basis.RETURN_DAY, "For orders of the period": Basis.ORDER_DAY}
_TITLES = {Basis.RETURN_DAY: "Returns over time", Basis.ORDER_DAY: "Returns of orders, by day of order"}
_POINT_COLUMNS = {
    "name": Column("Days"),
    "returns": metric_column("returns"),
    "gross_sales": metric_column("gross_sales"),
    "return_rate": Column("Return rate", Kind.SHARE),
    "refunded": metric_column("refunded"),
    "open": Column("Still open", Kind.FLAG),
}
_MOST = 10
"""Products and reasons on the page; their files have all."""


def draw_basis() -> Basis:
    """Draw the choice which returns the page counts."""
    chosen = st.segmented_control(
        "Count returns",
        list(_CHOICES),
        default=next(iter(_CHOICES)),
        required=True,
        key="returns-by",
        bind="query-params",
        help="By the day of the return, figures equal those of Overview. For the orders of the period, the rate says "
        "how much of what you sold came back, however late.",
    )
    return _CHOICES.get(chosen or "", Basis.RETURN_DAY)


def is_open(filters: Filters) -> bool:
    """Whether goods of the period's orders may well still come back."""
    return returns.is_open(filters.period, filters.now)


def draw_difference(filters: Filters, basis: Basis) -> None:
    """Draw the difference in money between both ways to count, and whether the period's orders are still open."""
    parts = reads.return_difference(*filters.cache_key, filters.period)
    words = difference_words(parts, filters.currency)
    if words:
        st.markdown(f":material/compare_arrows: {words}")
    if basis is Basis.ORDER_DAY and is_open(filters):
        today = local_day(filters.now, filters.store.time_zone)
        share = reads.settled_share(*filters.cache_key, today)
        known = (
            f" Of a year of older orders, {formats.percent(share)} of returns came within that time." if share else ""
        )
        st.markdown(
            f":orange-badge[:material/hourglass_top: Still open] More may come back: the last of these orders are "
            f"younger than {OPEN_DAYS} days.{known}"
        )


def draw_over_time(filters: Filters, basis: Basis) -> None:
    """Draw the returns by points as columns; by order day, columns that are still open are hatched."""
    with st.container(border=True):
        head, choices = st.container(), st.container(horizontal=True)
        with choices:
            grain = draw_grain(filters.period)
        with head:
            draw_head(_TITLES[basis], csv_of("returns-over-time", filters, basis, grain=grain))
        points = reads.returns_over_time(*filters.cache_key, filters.period, basis, grain)
        rows = return_words.point_records(points, basis, filters.period, filters.now, grain)
        unit = f"in {filters.currency}, by {grain}"
        if any(row["is_open"] for row in rows):
            unit += "; hatched: still open"
        draw_figure(
            charts.stacked(rows, {"returns": ("Returns", Look.THIS)}, grain, filters.currency),
            alt=f"{_TITLES[basis]}, {formats.period(filters.period)}",
            unit=unit,
            rows=ChartRows(_TITLES[basis], _POINT_COLUMNS, rows, filters.period.zone, filters.currency),
        )


def draw_products(filters: Filters, basis: Basis) -> None:
    """Draw the products that came back most."""
    rows = reads.returns_by_product(*filters.cache_key, filters.period, basis, _MOST)
    shop, query = filters.store.shop_domain, st.query_params.to_dict()
    rate = _rate_name(basis, "return_rate")
    columns = {
        "title": Column(
            "Product", link=lambda row: product_address(shop, row["product_id"], query) if row["product_id"] else None
        ),
        "returns": metric_column("returns"),
        "rate": metric_column(rate, Kind.SHARE),
        "units_returned": replace(metric_column("units_returned", Kind.COUNT), note="unit_rate"),
    }
    draw_records(
        "Returned most",
        [asdict(row) | {"rate": row.return_rate, "unit_rate": _unit_rate(row.unit_return_rate)} for row in rows],
        columns,
        filters.store,
        csv_of("returns-by-product", filters, basis),
        "Nothing came back in this period.",
        filters.currency,
    )


def draw_reasons(filters: Filters, basis: Basis) -> None:
    """Draw the reasons that refunds name."""
    rows = reads.returns_by_reason(*filters.cache_key, filters.period, basis, _MOST)
    columns = {
        "reason": Column("Reason", help="As written on the refund in Shopify."),
        "orders": Column("Orders", Kind.COUNT, "Orders that came back for this reason."),
        "returns": metric_column("returns"),
    }
    draw_records(
        "Reasons",
        [asdict(row) | {"reason": row.reason or "No reason given"} for row in rows],
        columns,
        filters.store,
        csv_of("returns-by-reason", filters, basis),
        "Nothing came back in this period.",
        filters.currency,
    )


def draw_return_reasons(filters: Filters) -> None:
    """Draw why customers sent goods back, as they or the merchant said; nothing where no return has a reason."""
    rows = reads.return_reasons(*filters.cache_key, filters.period, _MOST)
    if not rows:
        return
    columns = {
        "reason": Column("Reason", help="As chosen on the return in Shopify.", note="product"),
        "units": Column("Units", Kind.COUNT, "Units that customers asked to return in the period, refunded or not."),
        "orders": Column("Orders", Kind.COUNT),
        "value": Column("Value", Kind.MONEY, "What was charged for these units."),
    }
    draw_records(
        "Why customers sent goods back",
        [
            asdict(row)
            | {"reason": return_words.reason_name(row.reason)}
            | {"product": f"most of all {row.product}" if row.product else ""}
            for row in rows
        ],
        columns,
        filters.store,
        csv_address("return-reasons", filters.store.store_id, filters.period, **filters.currency_filter),
        currency=filters.currency,
    )


def list_columns(shop_domain: str, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the list; `query` is the address's, for the links."""
    return {
        "name": Column("Order", Kind.CODE, link=lambda row: order_address(shop_domain, row["order_id"], query)),
        "returned_at": Column("Returned", Kind.INSTANT, sort=ReturnKey.RETURNED),
        "returns": metric_column("returns", sort=ReturnKey.RETURNS),
        "refunded": metric_column("refunded", sort=ReturnKey.REFUNDED),
        "items": Column("Items", help="What came back; empty where money alone was paid back."),
        "units_returned": metric_column("units_returned", Kind.COUNT, ReturnKey.UNITS),
        "reason": Column("Reason", sort=ReturnKey.REASON),
        "placed_at": Column("Ordered", Kind.DAY, sort=ReturnKey.PLACED),
    }


def _unit_rate(rate: Decimal | None) -> str:
    return "" if rate is None else f"{formats.percent(rate)} of the units"


def _rate_name(basis: Basis, name: str) -> str:
    return name if basis is Basis.RETURN_DAY else f"cohort_{name}"


def csv_of(name: str, filters: Filters, basis: Basis, **parameters: str) -> str:
    """The address of the file `name` that counts returns by this basis."""
    suffix = "" if basis is Basis.RETURN_DAY else "-of-orders"
    store_id, period = filters.store.store_id, filters.period
    return csv_address(f"{name}{suffix}", store_id, period, **filters.currency_filter, **parameters)
