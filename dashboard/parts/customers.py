"""Parts of a customer's page: the head with the stored contact, the figures to date, and the latest orders."""

from __future__ import annotations

import streamlit as st

from core.metrics.customers.details import CustomerDetails
from core.metrics.definitions import DEFINITIONS
from core.metrics.sales.overview import Report
from dashboard import addresses, reads
from dashboard.drawing import charts, formats, frames, tiles
from dashboard.drawing.countries import country_name
from dashboard.drawing.plot import Look
from dashboard.drawing.records import order_records
from dashboard.drawing.segment_words import ADVICE, NAMES, shopify_segment
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.cards import draw_figure
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import draw_tiles, draw_values
from dashboard.parts.over_time import OverTime
from dashboard.parts.records import RecordPage, draw_shopify_link
from dashboard.parts.tables import draw_records

MOST_ORDERS = 100
_KINDS = {"new_customers": ("New", Look.SECOND), "repeat_customers": ("Repeat", Look.THIS)}


def draw_head(page: RecordPage, customer: CustomerDetails) -> None:
    """Draw the name, the contact as stored, and the link to Shopify's admin."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(plain(customer.name or customer.email or "Guest"), anchor=False)
        if customer.customer_id:
            draw_shopify_link(page, "customers", customer.customer_id)
    contact = (customer.email if customer.name else None, customer.city, country_name(customer.country))
    if any(contact):
        st.caption(plain(" · ".join(filter(None, contact))))
    if customer.is_redacted:
        st.markdown(
            ":material/info: Shopify asked to erase this customer’s personal data: name and contact are no longer "
            "stored. The orders stay in the figures."
        )
    elif customer.customer_id is None:
        st.caption("A guest: Shopify has no customer account for these orders.")


def draw_to_date(page: RecordPage, customer: CustomerDetails) -> None:
    """Draw orders and net sales to date, and the first and the last order."""
    currency, zone = page.store.currency, page.store.time_zone
    draw_values(
        "To date",
        [
            (
                "Orders to date",
                formats.count(customer.orders),
                "Cancelled ones too, without test and deleted orders.",
            ),
            ("Net sales to date", formats.money(customer.net_sales, currency), DEFINITIONS["net_sales"].meaning),
            (
                "Avg. order value",
                formats.money(customer.average_order_value, currency),
                "Product sales less discounts, as first placed.",
            ),
        ],
    )
    first, last = customer.first_order_at, customer.last_order_at
    if first:
        st.caption(f"First order {formats.instant(first, zone)} · last order {formats.instant(last, zone)}")
    if customer.other_orders:
        orders = formats.counted(customer.other_orders, "order")
        st.caption(f"{orders} in another currency: listed below, in no figure in {currency}.")


def draw_orders(page: RecordPage, customer: CustomerDetails) -> None:
    """Draw the latest orders, each with a link to it."""
    if not customer.latest_orders:
        st.caption("No orders yet.")
        return
    columns = {
        "name": Column(
            "Order", link=lambda row: addresses.order_address(page.shop_domain, row["order_id"], page.query)
        ),
        "processed_at": Column("Placed", Kind.INSTANT),
        "total": metric_column("order_total"),
        "net_sales": metric_column("net_sales"),
        "items": Column("Items", Kind.COUNT),
        "financial_status": Column("Payment", Kind.STATUS),
        "fulfillment_status": Column("Fulfillment", Kind.STATUS),
    }
    draw_records("Orders", order_records(customer.latest_orders), columns, page.store)
    if len(customer.latest_orders) == MOST_ORDERS:
        st.caption(f"The latest {MOST_ORDERS} orders; the figures above count all.")


def draw_repeats(filters: Filters) -> None:
    """Draw how many of the period's new customers have come back to date, and how soon."""
    repeats = reads.repeats(*filters.cache_key, filters.period)
    metrics = ("repeat_rate", "days_to_second_order")
    drawn = [tiles.metric_tile(metric, repeats, None, filters.currency) for metric in metrics]
    draw_tiles("New customers who came back", drawn)
    if repeats.median is not None:
        st.caption(
            f"{formats.counted(repeats.repeat_customers, 'new customer')} of the period ordered again so far; "
            f"half of their second orders came between {repeats.early} and {repeats.late} days after the first."
        )


def draw_place(page: RecordPage, customer: CustomerDetails) -> None:
    """Draw the month of the customer's first order, which is their cohort, and their segment of last night."""
    segment = reads.segment_of(*page.cache_key, customer.customer_key)
    first = customer.first_order_at
    if first:
        cohort = f"Customer since **{first.astimezone(page.store.time_zone):%B %Y}**"
        named = f" · segment **{NAMES[segment]}**: {ADVICE[segment]}" if segment else ""
        st.markdown(cohort + named)
    if by_shopify := shopify_segment(customer.shopify_group, customer.shopify_tier):
        st.caption(plain(f"In Shopify’s own segments: {by_shopify}."))


def draw_new_and_repeat(chart: OverTime, report: Report) -> None:
    """Draw the numbers of new and repeat customers by point, in the card of the chart."""
    filters, period, whole = chart.filters, chart.filters.period, report.whole
    metrics = (*_KINDS, "customers")
    points = frames.parts_over_time(report.points, metrics, period, filters.now, chart.grain)
    columns = {
        "name": Column(chart.grain.capitalize()),
        "customers": metric_column("customers", Kind.COUNT),
        "new_customers": metric_column("new_customers", Kind.COUNT),
        "repeat_customers": metric_column("repeat_customers", Kind.COUNT),
    }
    draw_figure(
        charts.stacked(points, _KINDS, chart.grain, None),
        alt=f"Customers by {chart.grain}, {formats.period(period)}: {formats.count(whole.new_customers)} of "
        f"{formats.count(whole.customers)} were new",
        unit=f"number of customers, by {chart.grain}. New: the first order of all. Repeat: had ordered before.",
        rows=ChartRows(
            "New and repeat customers", columns, frames.columns_of(points, columns), period.zone, filters.currency
        ),
    )
