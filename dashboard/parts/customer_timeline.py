"""Parts of a customer's page: net sales by month, and what happened, the latest first."""

from __future__ import annotations

from dataclasses import asdict

from core.domain.periods import Period, local_day
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
        draw_cards("History", [*cards, _timeline_card(page, customer, events)])


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
        _csv(page, customer, "customer-months"),
        customer_chart.columns(shown, currency),
        alt=f"Net sales of this customer by month, {records[0]['name']} to {records[-1]['name']}",
        unit=f"in {currency}, on the day of the order or return; this month so far",
        rows=ChartRows(_BY_MONTH, columns, records, zone, currency),
    )


def _timeline_card(page: RecordPage, customer: CustomerDetails, events: tuple[Event, ...]) -> Card:
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
    csv = _csv(page, customer, "customer-timeline")
    return records_card(_TIMELINE, [_record(event) for event in events], columns, page.store, csv)


def _csv(page: RecordPage, customer: CustomerDetails, name: str) -> str:
    """The address of a file about the customer to date, which has every event."""
    today = local_day(page.now, page.store.time_zone)
    period = Period(today, today, page.store.time_zone)
    return addresses.csv_address(name, page.store.store_id, period, customer=customer.customer_key)


def _record(event: Event) -> Record:
    return asdict(event) | {"what": _NAMES[event.kind]}
