"""Why the figures changed, in one sentence. Pure; plain text, to be escaped before it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from core.domain.money import minor_digits
from core.metrics.bridges.bridge import Sums, bridge
from core.metrics.sales.pace import Pace
from dashboard.drawing import formats

_JOINER = "\u2060"
"""A word joiner: a line would break between a sign and the currency."""
PLUS = f"+{_JOINER}"


def net_sales_change(current: Sums, earlier: Sums, currency: str) -> str:
    """You sold €1,120.00, €120.00 more than before: +€80.00 from more orders, +€40.00 from bigger baskets.

    The amounts add up to the change, also where cents are dropped. A cause that added nothing is left out.
    """
    causes = bridge(current, earlier, currency)
    sold = f"You sold {formats.short_money(current.net_sales, currency)}"
    if not causes.total:
        return f"{sold}, as much as before."
    named = {
        ("more orders", "fewer orders"): causes.orders,
        ("bigger baskets", "smaller baskets"): causes.order_value,
        ("fewer returns", "more returns"): causes.returns,
        ("additions to orders", "removals from orders"): causes.edits,
    }
    largest = max(map(abs, [current.net_sales, causes.total, *named.values()]))
    digits = 0 if largest >= formats.WITHOUT_CENTS else minor_digits(currency)
    amounts = _adding_up(list(named.values()), causes.total, digits)
    parts = [
        f"{_added(amount, currency, digits)} from {better if amount > 0 else worse}"
        for (better, worse), amount in zip(named, amounts, strict=True)
        if amount
    ]
    size = formats.money(abs(causes.total), currency, digits)
    than = "more" if causes.total > 0 else "less"
    return f"{sold}, {size} {than} than before: {', '.join(parts)}."


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


def _adding_up(amounts: Sequence[Decimal], total: Decimal, digits: int) -> list[Decimal]:
    """The amounts rounded to `digits` such that they add up to the rounded total: the largest one takes the rest."""
    unit = Decimal(1).scaleb(-digits)
    rounded = [amount.quantize(unit, ROUND_HALF_UP) for amount in amounts]
    largest = max(range(len(rounded)), key=lambda place: abs(rounded[place]))
    rounded[largest] += total.quantize(unit, ROUND_HALF_UP) - sum(rounded)
    return rounded


def _added(amount: Decimal, currency: str, digits: int) -> str:
    text = formats.money(amount, currency, digits)
    return PLUS + text if amount > 0 else text.replace(formats.MINUS, f"{formats.MINUS}{_JOINER}")
