"""What changed since an instant, in the merchant's words. Pure; plain text, to be escaped where it is Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from core.metrics.bridges.known_customers import CustomersSince
from core.metrics.bridges.known_figures import FiguresSince
from core.metrics.bridges.known_instants import Reading
from core.metrics.bridges.late_changes import ChangedDays, ChangeKind, KindOfChange, LateChange
from core.metrics.definitions import DEFINITIONS
from dashboard.drawing import formats
from dashboard.drawing.records import Record

FIGURES = (
    *("net_sales", "gross_sales", "discounts", "returns", "shipping", "taxes", "duties", "fees", "total_sales"),
    *("orders", "average_order_value"),
)
CUSTOMERS = ("customers", "new_customers", "returning_customers")
ABOUT_CUSTOMERS = (
    "Customers are those of the orders known then, as they are identified today: who was merged with another "
    "customer or erased since is counted as now, because the former state of customers is not kept."
)
_KINDS = {
    ChangeKind.ADDED: ("Order added", "The order reached Xeno later."),
    ChangeKind.IMPORTED: ("Order imported", "A file brought the order."),
    ChangeKind.REMOVED: ("Order removed", "The order was deleted in Shopify, or turned out to be a test."),
    ChangeKind.MOVED: ("Day moved", "The amount is on another day now."),
    ChangeKind.CURRENCY: ("Currency changed", "The order is in another currency now."),
    ChangeKind.REFUND: ("Late refund", "The refund or return reached Xeno later."),
    ChangeKind.EDIT: ("Late edit", "The edit of the order reached Xeno later."),
    ChangeKind.CORRECTED: ("Corrected", "Xeno read the order again, and its amount is another one now."),
}
_LINES = {
    "product": "Goods",
    "shipping": "Shipping",
    "duty": "Duties",
    "fee": "Fees",
    "adjustment": "Refund adjustment",
}


def kind_name(kind: ChangeKind) -> str:
    """Late refund."""
    return _KINDS[kind][0]


def sentence(reading: Reading, since: FiguresSince, rows: int, currency: str) -> str:
    """Net sales of 1–30 Sep 2026 were €100.00 as known on 3 Oct 2026, 00:00, and are €98.00 now: €2.00 less."""
    days, at = formats.period(reading.period), formats.instant(reading.at, reading.period.zone)
    if not rows and not since.change.orders:
        return f"Nothing in {days} changed since {at}."
    change = since.change.net_sales
    now, then = (formats.money(figures.net_sales, currency) for figures in (since.now, since.then))
    if not change:
        return f"Net sales of {days} are {now}, as they were known on {at}. Other figures changed."
    size = formats.money(abs(change), currency)
    than = "more" if change > 0 else "less"
    return f"Net sales of {days} were {then} as known on {at}, and are {now} now: {size} {than}."


def since_visit(changes: ChangedDays, day: date, currency: str) -> str:
    """Since your last visit on 3 Nov 2026, 4 rows changed earlier days: −€120.00."""
    amount = f"{'+' if changes.change > 0 else ''}{formats.money(changes.change, currency)}"
    change = amount if changes.change else "net sales are the same"
    rows = formats.counted(changes.rows, "row")
    return f"Since your last visit on {formats.day(day)}, {rows} changed earlier days: {change}."


def figure_records(since: FiguresSince, customers: CustomersSince | None, currency: str) -> list[Record]:
    """Each figure then and now, with customers if they are known; those that are zero in both are left out."""
    figures = [(name, getattr(since.then, name), getattr(since.now, name)) for name in FIGURES]
    if customers:
        figures += [(name, getattr(customers.then, name), getattr(customers.now, name)) for name in CUSTOMERS]
    return [
        {
            "name": DEFINITIONS[name].label,
            "then": formats.metric(name, then, currency),
            "now": formats.metric(name, now, currency),
            "change": formats.metric(name, _less(now, then), currency),
        }
        for name, then, now in figures
        if then or now
    ]


def kind_records(kinds: Sequence[KindOfChange]) -> list[Record]:
    """The kinds of changes as rows of a table."""
    return [asdict(kind) | {"name": _KINDS[kind.kind][0], "meaning": _KINDS[kind.kind][1]} for kind in kinds]


def row_records(rows: Sequence[LateChange]) -> list[Record]:
    """The changed lines as rows of a list."""
    return [
        asdict(row)
        | {
            "name": row.name or f"Order {row.order_id}",
            "day": formats.day(row.business_date),
            "kind": kind_name(row.kind),
            "line": row.title or _LINES.get(row.line_type, row.line_type),
        }
        for row in rows
    ]


def _less(now: Decimal | int | None, then: Decimal | int | None) -> Decimal | int | None:
    return None if now is None or then is None else now - then
