"""Why the figures changed, in one sentence. Pure; plain text, to be escaped before it is drawn."""

from __future__ import annotations

from decimal import Decimal

from core.metrics.bridge import Sums, bridge
from core.metrics.changes import change
from core.metrics.pace import Pace
from dashboard.drawing import formats

_JOINER = "\u2060"
"""A word joiner: a line would break between a sign and the currency."""
PLUS = f"+{_JOINER}"


def net_sales_change(current: Sums, earlier: Sums, currency: str) -> str:
    """Net sales are up 12.0% (+€120.00): orders +€80.00, order value +€35.00, returns +€5.00.

    The amounts add up to the change. A cause that added nothing is left out.
    """
    causes = bridge(current, earlier, currency)
    if not causes.total:
        return "Net sales are unchanged."
    growth = change(current.net_sales, earlier.net_sales).fraction
    share = f" {formats.percent(abs(growth))}" if growth is not None else ""
    named = {
        "orders": causes.orders,
        "order value": causes.order_value,
        "returns": causes.returns,
        "edits": causes.edits,
    }
    parts = ", ".join(f"{name} {_added(amount, currency)}" for name, amount in named.items() if amount)
    direction = "up" if causes.total > 0 else "down"
    return f"Net sales are {direction}{share} ({_added(causes.total, currency)}): {parts}."


def pace(today: Pace, other: Pace, metric: str, day: str, currency: str) -> str:
    """€540.00 ahead of yesterday at this time.

    `other` is cut at the same time of its day, which is called `day`.
    """
    difference = getattr(today.so_far, metric) - getattr(other.so_far, metric)
    if not difference:
        return f"Level with {day} at this time."
    amount = (
        formats.counted(abs(difference), "order") if metric == "orders" else formats.money(abs(difference), currency)
    )
    return f"{amount} {'ahead of' if difference > 0 else 'behind'} {day} at this time."


def _added(amount: Decimal, currency: str) -> str:
    text = formats.money(amount, currency)
    return PLUS + text if amount > 0 else text.replace(formats.MINUS, f"{formats.MINUS}{_JOINER}")
