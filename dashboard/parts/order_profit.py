"""The profit of an order on its page: what its lines cost, and what is left of it."""

from __future__ import annotations

from dataclasses import asdict

from core.metrics.definitions import DEFINITIONS
from core.metrics.money.profit_orders import OrderProfit
from core.metrics.orders.details import OrderDetails
from dashboard import reads
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.records import RecordPage
from dashboard.parts.tables import draw_records

_FIGURES = ("gross_profit", "gross_margin", "cost_coverage", "contribution")
_TO_DATE = "To date, after edits and returns."


def profit_values(page: RecordPage, order: OrderDetails) -> list[tuple[str, str, str]]:
    """The figures of the order's profit, each as its label, text and meaning; none if it counts in no figure."""
    profit = reads.order_profit(*page.cache_key, order.order_id)
    return [_value(profit, metric, order.currency) for metric in _FIGURES] if profit else []


def draw_costs(page: RecordPage, order: OrderDetails) -> None:
    """Draw the cost and profit of each line; nothing for an order that counts in no figure."""
    if reads.order_profit(*page.cache_key, order.order_id):
        draw_records("Profit of this order", _line_records(page, order), _COLUMNS, page.store)


_COLUMNS = {
    "name": Column("Item"),
    "units": Column("Units", Kind.COUNT, _TO_DATE),
    "net_sales": Column("Net of the item", Kind.MONEY, _TO_DATE),
    "unit_cost": Column("Unit cost", Kind.MONEY, "The cost of one unit on the day of the order; empty if unknown."),
    "cost": Column("Cost", Kind.MONEY, "Of the units, with those refunded and not put back into stock."),
    "gross_profit": metric_column("gross_profit"),
}


def _line_records(page: RecordPage, order: OrderDetails) -> list[Record]:
    rows = reads.order_costs(*page.cache_key, order.order_id)
    return [
        asdict(row) | {"name": " · ".join(filter(None, [row.title, row.variant])), "currency": order.currency}
        for row in rows
    ]


def _value(profit: OrderProfit, metric: str, currency: str) -> tuple[str, str, str]:
    definition = DEFINITIONS[metric]
    return definition.label, formats.metric(metric, getattr(profit, metric), currency), definition.meaning
