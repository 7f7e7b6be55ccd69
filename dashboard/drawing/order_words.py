"""An order's parts in words, as rows of tables: each change of its ledger, and the figure it counts in. Pure."""

from __future__ import annotations

from dataclasses import asdict

from core.metrics.definitions import DEFINITIONS
from core.metrics.orders.details import LedgerRow, OrderDetails, OrderVisit
from dashboard.drawing import formats, return_words, sales_steps
from dashboard.drawing.records import Record

_REASONS = {"order": "Sale", "order_edit": "Edit", "refund": "Refund", "return": "Return"}
_SUBJECTS = {
    "product": "Item",
    "shipping": "Shipping",
    "tip": "Tip",
    "gift_card": "Gift card",
    "duty": "Duties",
    "fee": "Fee",
    "adjustment": "Refund adjustment",
}
_GATEWAYS = {
    "": "Without a name",
    "shopify_payments": "Shopify Payments",
    "paypal": "PayPal",
    "gift_card": "Gift card",
    "manual": "Manual payment",
    "cash": "Cash",
}
_FIGURES = {
    "product": "net_sales",
    "adjustment": "net_sales",
    "shipping": "shipping",
    "duty": "duties",
    "fee": "fees",
}


def gateway(name: str) -> str:
    """Return a payment gateway's name for people; one that is not known here stays as Shopify has it."""
    return _GATEWAYS.get(name, name)


def ledger_records(order: OrderDetails) -> list[Record]:
    """The ledger: `what` each change is, the `subject` it is about, and the figure it `counts_in`."""
    return [
        asdict(row)
        | {
            "day": formats.weekday(row.day),
            "what": what_happened(row),
            "subject": row.title or _SUBJECTS.get(row.line_type, "Unknown"),
            "counts_in": _figure(row),
            # An amount of zero in each row would hide the few that have a discount.
            "discount": row.discount or None,
            "tax": row.tax or None,
            "quantity": row.quantity or None,
            "currency": order.currency,
        }
        for row in order.ledger
    ]


def what_happened(row: LedgerRow) -> str:
    """A change in one word or two: Sale, Edit, Item removed, Refund, Return."""
    if row.reason == "order_edit" and row.action == "return":
        return "Item removed"
    return _REASONS.get(row.reason, formats.status_text(row.reason))


def line_records(order: OrderDetails) -> list[Record]:
    """The lines: `name` is the title with its variant; `kept` is the quantity now, where it changed."""
    return [
        asdict(line)
        | {
            "name": " · ".join(filter(None, [line.title, line.variant])),
            "kept": line.quantity_now if line.quantity_now != line.quantity else None,
            "discount": line.discount or None,
            "currency": order.currency,
        }
        for line in order.lines
    ]


def refund_records(order: OrderDetails) -> list[Record]:
    """The refunds, each with the day that it counts on."""
    return [
        asdict(refund) | {"day": formats.weekday(refund.day), "currency": order.currency} for refund in order.refunds
    ]


def return_records(order: OrderDetails) -> list[Record]:
    """What the customer asked to return, each with its reason in words."""
    return [
        asdict(back) | {"reason": return_words.reason_name(back.reason), "title": back.title or "Unknown item"}
        for back in order.returns
    ]


def visit_records(order: OrderDetails) -> list[Record]:
    """The visits before the order, the first one first."""
    return [
        asdict(visit)
        | {
            "which": "First" if visit.is_first else "Last" if len(order.visits) > 1 else "Only one",
            "source": _visit_source(visit),
        }
        for visit in order.visits
    ]


def _visit_source(visit: OrderVisit) -> str:
    kind = formats.status_text(visit.source_type).lower() if visit.source_type else ""
    return " · ".join(filter(None, (visit.source or "Unknown", kind)))


def sum_records(order: OrderDetails) -> list[Record]:
    """The sums by name; discounts and returns are negative, so that each block adds up. Zeros are left out, but net
    and total sales."""
    return [
        {
            "figure": DEFINITIONS[name].label,
            "amount": sales_steps.sign(name) * amount,
            "meaning": DEFINITIONS[name].meaning,
            "currency": order.currency,
        }
        for name, amount in asdict(order.sums).items()
        if amount or name in ("net_sales", "total_sales")
    ]


def _figure(row: LedgerRow) -> str:
    figure = _FIGURES.get(row.line_type)
    return DEFINITIONS[figure].label if figure else "No figure"
