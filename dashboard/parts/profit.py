"""Parts of the Profit page: its figures with their coverage, the way to net profit, and the lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import streamlit as st

from core.metrics.customers.acquisition import Acquisition
from core.metrics.money.profit import Profit, ProfitReport
from core.metrics.money.profit_orders import NEWEST_FIRST, OrderProfitKey
from core.metrics.money.profit_products import MOST_EARNED_FIRST, EarningKey
from core.metrics.sales.overview import Headline
from dashboard import reads
from dashboard.addresses import csv_address, order_address, page_address, product_address
from dashboard.drawing import formats, profit_steps, tiles
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import comparable, draw_lines, draw_tiles
from dashboard.parts.over_time import over_time_card, over_time_csv
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page

FIGURES = ("gross_profit", "gross_margin", "contribution", "net_profit", "marketing_efficiency", "cost_coverage")
OVER_TIME = ("gross_profit", "contribution", "net_profit")
STEPS_TITLE = "Net sales to net profit"


def draw_profit_figures(
    report: ProfitReport, earlier: Profit | None, sales: Headline, sales_before: Headline | None, filters: Filters
) -> None:
    """Draw the figures, each with the share of net sales that it covers, and what a new customer cost."""
    currency, costs = filters.currency, page_address("profit", st.query_params.to_dict(), section="Costs")
    drawn = []
    for metric in FIGURES:
        points = tiles.tile_points(report.points, metric, filters.period, currency, filters.now)
        href = costs if getattr(report.whole, metric) is None else ""
        tile = tiles.metric_tile(metric, report.whole, earlier, currency, points, href)
        drawn.append(profit_steps.with_coverage(tile, report.whole))
    if report.whole.advertising:
        before = Acquisition(earlier.advertising, sales_before.new_customers) if earlier and sales_before else None
        won = Acquisition(report.whole.advertising, sales.new_customers)
        drawn.append(tiles.metric_tile("acquisition_cost", won, before, currency))
    draw_tiles("Profit", drawn)


def draw_unknown_costs(figures: Profit, filters: Filters) -> None:
    """Draw which costs are unknown, and what to do about it."""
    uncovered, missing = profit_steps.uncovered(figures, filters.currency), profit_steps.missing_costs(figures)
    sentences = [f"{plain(uncovered)} Enter their unit costs under “Unit costs”."] if uncovered else []
    if missing:
        sentences.append(
            f"Contribution and net profit are unknown without the {formats.listed(missing)}. "
            "Enter them under “Costs”; enter 0 if there are none."
        )
    if sentences:
        st.info("\n\n".join(sentences), icon=":material/info:")
    known = profit_steps.known_fees(figures, filters.currency)
    if known:
        st.caption(plain(known))


def draw_profit_over_time(filters: Filters) -> None:
    """Draw a profit figure over the period, beside the whole compared period. A single day has no line."""
    if filters.period.days == 1:
        return
    period, compared = filters.period, filters.compared and filters.compared.whole
    with over_time_card(filters, "profit-over-time", OVER_TIME) as chart:
        report = reads.profit(*filters.cache_key, period, chart.grain)
        beside = reads.profit_beside(*filters.cache_key, compared, period, chart.grain) if compared else None
        chart.draw(report, comparable(beside, filters))
        st.caption(plain(profit_steps.coverage(report.whole).capitalize() + "."))


def draw_profit_steps(current: Profit, earlier: Profit | None, filters: Filters) -> None:
    """Draw the way from net sales to net profit in its card."""
    with st.container(border=True, height="stretch"):
        draw_head(STEPS_TITLE, over_time_csv("profit-over-time", filters))
        draw_lines(STEPS_TITLE, profit_steps.profit_lines(current, earlier, filters.currency))
        lost = profit_steps.lost(current, filters.currency)
        st.caption(plain(f"{profit_steps.coverage(current).capitalize()}.{lost}"))


def draw_products(filters: Filters, query: Mapping[str, str]) -> None:
    """Draw the list of products with their gross profit."""
    period, store = filters.period, filters.store
    search = draw_search("find_earning", "Product")
    count = reads.count_earnings(*filters.cache_key, period, search)
    page = list_page(MOST_EARNED_FIRST, count, store.store_id, period, search, filters.currency)
    rows = reads.profit_by_product(*filters.cache_key, period, ROWS, page.offset, search, page.sort)
    draw_list(
        formats.counted(count, "product"),
        [asdict(row) for row in rows],
        _product_columns(store.shop_domain, query),
        page,
        filters,
        csv=csv_address(
            "profit-by-product",
            store.store_id,
            period,
            search=search,
            sort=page.sort_parameter,
            **filters.currency_filter,
        ),
        empty="No product matches. Clear the search, or choose a longer period.",
    )


def draw_orders(filters: Filters, count: int, query: Mapping[str, str]) -> None:
    """Draw the list of `count` orders with their costs to date."""
    period, store = filters.period, filters.store
    page = list_page(NEWEST_FIRST, count, store.store_id, period, filters.currency)
    rows = reads.profit_by_order(*filters.cache_key, period, ROWS, page.offset, page.sort)
    draw_list(
        formats.counted(count, "order"),
        [asdict(row) for row in rows],
        _order_columns(store.shop_domain, query),
        page,
        filters,
        csv=csv_address(
            "profit-by-order", store.store_id, period, sort=page.sort_parameter, **filters.currency_filter
        ),
        empty="No orders in this period. Choose a longer one.",
    )
    if page.sort.key is OrderProfitKey.GROSS_PROFIT:
        st.caption(
            "Gross profit is that of the goods whose cost is known: the share is beside it. Orders without any known "
            "cost come last, however the list is sorted."
        )


def _product_columns(shop_domain: str, query: Mapping[str, str]) -> dict[str, Column]:
    return {
        "title": Column(
            "Product",
            sort=EarningKey.TITLE,
            link=lambda row: (
                product_address(shop_domain, row["product_id"], query) if row["product_id"] is not None else None
            ),
        ),
        "gross_profit": metric_column("gross_profit", sort=EarningKey.GROSS_PROFIT),
        "gross_margin": metric_column("gross_margin", Kind.SHARE, EarningKey.GROSS_MARGIN),
        "cost_coverage": metric_column("cost_coverage", Kind.SHARE, EarningKey.COVERAGE),
        "net_sales": metric_column("net_sales", sort=EarningKey.NET_SALES),
        "cost_of_goods_sold": metric_column("cost_of_goods_sold", sort=EarningKey.COST),
        "units": Column("Net units", Kind.COUNT, "Units sold less units returned.", sort=EarningKey.UNITS),
    }


def _order_columns(shop_domain: str, query: Mapping[str, str]) -> dict[str, Column]:
    to_date = "Of the order to date, after its edits and returns."
    return {
        "name": Column("Order", link=lambda row: order_address(shop_domain, row["order_id"], query)),
        "gross_profit": metric_column("gross_profit", sort=OrderProfitKey.GROSS_PROFIT),
        "cost_coverage": metric_column("cost_coverage", Kind.SHARE),
        "processed_at": Column("Placed", Kind.INSTANT, sort=OrderProfitKey.PLACED),
        "net_sales": Column("Net of the order", Kind.MONEY, to_date),
        "cost_of_goods_sold": metric_column("cost_of_goods_sold"),
        "gross_margin": metric_column("gross_margin", Kind.SHARE),
        "contribution": metric_column("contribution"),
        "shipping": metric_column("shipping"),
        "shipping_cost": metric_column("shipping_cost"),
        "payment_fees": metric_column("payment_fees"),
        "packaging": metric_column("packaging"),
    }
