"""The way from gross to total sales: its figures in their order, and how each counts. Pure."""

from __future__ import annotations

STEPS = ("gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "duties", "fees", "total_sales")
SUMS = frozenset({"gross_sales", "net_sales", "total_sales"})
"""Each is the sum of the steps before it."""
OPTIONAL = frozenset({"duties", "fees"})
"""Steps that most stores never have."""
_SUBTRACTED = frozenset({"discounts", "returns"})


def sign(metric: str) -> int:
    """-1 for a step that lowers the next sum, 1 for any other."""
    return -1 if metric in _SUBTRACTED else 1
