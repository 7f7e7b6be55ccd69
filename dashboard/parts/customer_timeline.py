"""Parts of a customer's page: net sales by month, and what happened, the latest first."""

from __future__ import annotations

from dataclasses import asdict

from core.domain.periods import local_day
from core.metrics.customers.details import CustomerDetails
from core.metrics.customers.timeline import Event, EventKind
from dashboard import addresses, reads
from dashboard.drawing import customer_chart
from dashboard.drawing.records import Record
from dashboard.parts.card_grid import Card, ChartRows, draw_cards
from dashboard.parts.cards import figure_card
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.records import RecordPage
from dashboard.parts.tables import records_card

MOST_EVENTS = 200
_NAMES = {
    EventKind.ORDER: "Ordered",
    EventKind.EDIT: "Order changed",
    EventKind.RETURN: "Returned",
    EventKind.REFUND: "Money paid back",
    EventKind.CANCELLATION: "Cancelled",
}
_BY_MONTH, _TIMELINE = "Net sales by month", "Timeline"


def draw_history(page: RecordPage, customer: CustomerDetails) -> None:
    """Draw the months of a customer with several orders, and the timeline."""
    events = reads.customer_timeline(*page.cache_key, customer.customer_key, MOST_EVENTS)
    if events:
        cards = [_months_card(page, customer)] if customer.orders > 1 else []
        draw_cards("History", [*cards, _timeline_card(page, events)])


def _months_card(page: RecordPage, customer: CustomerDetails) -> Card:
    currency, zone = page.store.currency, page.store.time_zone
    months = reads.customer_months(*page.cache_key, customer.customer_key)
    shown = customer_chart.filled(months, local_day(page.now, zone))
    records = [
        {"name": customer_chart.month_name(month), "orders": month.orders, "net_sales": month.net_sales}
        for month in shown
    ]
    columns = {
        "name": Column("Month"),
        "orders": metric_column("orders", Kind.COUNT),
        "net_sales": metric_column("net_sales"),
    }
    return figure_card(
        _BY_MONTH,
        "",
        customer_chart.columns(shown, currency),
        alt=f"Net sales of this customer by month, {records[0]['name']} to {records[-1]['name']}",
        unit=f"in {currency}, on the day of the order or return; this month so far",
        rows=ChartRows(_BY_MONTH, columns, records, zone, currency),
    )


def _timeline_card(page: RecordPage, events: tuple[Event, ...]) -> Card:
    columns = {
        "happened_at": Column("When", Kind.INSTANT),
        "what": Column("What"),
        "order_name": Column(
            "Order", link=lambda row: addresses.order_address(page.shop_domain, row["order_id"], page.query)
        ),
        "amount": Column(
            "Amount",
            Kind.MONEY,
            "Of an order, its total as placed. Of a change or a return, the change of net sales. Of a refund, the "
            "money paid back.",
        ),
    }
    return records_card(_TIMELINE, [_record(event) for event in events], columns, page.store)


def _record(event: Event) -> Record:
    return asdict(event) | {"what": _NAMES[event.kind]}
