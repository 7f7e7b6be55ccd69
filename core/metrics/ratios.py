"""Divide one figure of a period by another. A ratio over nothing is None: zero would claim to be a result."""

from __future__ import annotations

from decimal import Decimal


def ratio(part: Decimal | int, total: int) -> Decimal | None:
    """Divide exactly; a share is a fraction (0.25). None if `total` is 0."""
    return Decimal(part) / total if total else None


def average_order_value(placed_value: Decimal, orders: int) -> Decimal | None:
    """Divide the value of the orders as first placed (`formulas.PLACED_VALUE`) by their number; None without
    orders."""
    return ratio(placed_value, orders)


def share(part: Decimal, total: Decimal) -> Decimal | None:
    """Divide one amount by another; None if `total` is 0."""
    return part / total if total else None
