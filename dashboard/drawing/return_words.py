"""Returns in words: why two ways to count them differ. Pure."""

from __future__ import annotations

from core.metrics.returns import Difference
from dashboard.drawing import formats
from dashboard.drawing.words import plain


def difference_words(parts: Difference, currency: str) -> str:
    """The difference between both ways to count, and its two parts; empty where nothing came back."""
    if not (parts.both or parts.of_other_orders or parts.on_other_days):
        return ""

    def money(amount: object) -> str:
        return f"**{plain(formats.money(amount, currency))}**"  # type: ignore[arg-type]

    by_day, by_order = parts.both + parts.of_other_orders, parts.both + parts.on_other_days
    if not parts.of_other_orders and not parts.on_other_days:
        return f"Both ways to count come to {money(by_day)}: all of it came back in the period, of its own orders."
    return (
        f"By return day {money(by_day)}, for orders of the period {money(by_order)}: a difference of "
        f"{money(parts.amount)}. {money(parts.of_other_orders)} came back of orders placed on other days, "
        f"{money(parts.on_other_days)} of these orders came back on other days."
    )


def list_title(count: int) -> str:
    """1 return or refund · 1,234 returns and refunds."""
    return "1 return or refund" if count == 1 else f"{formats.count(count)} returns and refunds"
