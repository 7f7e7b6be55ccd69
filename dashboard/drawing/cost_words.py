"""Costs as text: the name, the amount and the days of each. Pure."""

from __future__ import annotations

from decimal import Decimal

from core.costs import NAMES, CostBasis, CostEntry, CostView
from dashboard.drawing import formats
from dashboard.drawing.records import Record

BASES = {CostBasis.ORDER: "per order", CostBasis.DAY: "per day", CostBasis.MONTH: "per month"}


def title(entry: CostEntry) -> str:
    """Payment fees · Advertising: Meta · Rent."""
    if not entry.name:
        return NAMES[entry.kind]
    return f"Advertising: {entry.name}" if entry.kind.value == "advertising" else entry.name


def amount(entry: CostEntry, currency: str) -> str:
    """1.4% + €0.25 per order · €30.00 per month."""
    fixed = f"{formats.exact_money(entry.amount, currency)} {BASES[entry.basis]}"
    if not entry.percent:
        return fixed
    share = f"{plain_number(entry.percent)}% of the order total"
    return f"{share} + {fixed}" if entry.amount else share


def days(entry: CostEntry) -> str:
    """From the first order on · from 1 Nov 2026 on · 1 Nov 2026 – 30 Nov 2026 · up to 30 Nov 2026."""
    match entry.valid_from, entry.valid_to:
        case None, None:
            return "from the first order on"
        case None, last:
            return f"up to {formats.day(last)}" if last else ""
        case first, None:
            return f"from {formats.day(first)} on"
        case first, last:
            return f"{formats.day(first)} – {formats.day(last)}"


def plain_number(value: Decimal) -> str:
    """1.4, without zeros at the end and without an exponent: as it is typed again."""
    return f"{value.normalize():f}"


def history_records(views: tuple[CostView, ...]) -> list[Record]:
    """Replaced costs as rows of a table."""
    return [
        {
            "cost": title(view.entry),
            "amount": amount(view.entry, view.currency),
            "days": days(view.entry),
            "entered_at": view.entered_at,
            "entered_by": view.entered_by or "A former user",
            "replaced_at": view.replaced_at,
            "replaced_by": view.replaced_by or "A former user",
        }
        for view in views
    ]
