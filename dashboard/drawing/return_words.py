"""Returns in words: why two ways to count them differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from core.domain.periods import Grain, Period, local_day
from core.metrics.returns.later_sales import Basis
from core.metrics.returns.orders import ReturnedOrder
from core.metrics.returns.report import OPEN_DAYS, Difference, ReturnPoint
from dashboard.drawing import formats, frames
from dashboard.drawing.records import Record
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
    causes = (
        f"{money(parts.of_other_orders)} came back of orders placed on other days" if parts.of_other_orders else "",
        f"{money(parts.on_other_days)} of these orders came back on other days" if parts.on_other_days else "",
    )
    return (
        f"By return day {money(by_day)}, for orders of the period {money(by_order)}: a difference of "
        f"{money(parts.amount)}. {', '.join(filter(None, causes))}."
    )


def reason_name(reason: str) -> str:
    """A reason of a return in words: Shopify's own (size_too_small) spelled out, the merchant's as it is."""
    return formats.status_text(reason) if reason.islower() else reason


def point_records(
    points: Sequence[ReturnPoint], basis: Basis, period: Period, now: datetime, grain: Grain
) -> list[Record]:
    """The points as rows of a chart and its table. `is_open` marks orders of which more may come back."""
    rows = frames.parts_over_time(points, ("returns", "gross_sales", "return_rate", "refunded"), period, now, grain)
    today = local_day(now, period.zone)
    records = []
    for row in rows:
        is_open = basis is Basis.ORDER_DAY and row["start"].date() > today - timedelta(days=OPEN_DAYS)
        marks = {"is_open": is_open, "open": is_open or None, "is_running": row["is_running"] or is_open}
        records.append(row | marks)
    return records


def list_records(rows: Iterable[ReturnedOrder]) -> list[Record]:
    """The rows of the list; what is zero is blank, so that goods without money, or the reverse, are seen."""
    return [
        asdict(row) | {"refunded": row.refunded or None, "units_returned": row.units_returned or None} for row in rows
    ]


def list_title(count: int) -> str:
    """1 return or refund · 1,234 returns and refunds."""
    return "1 return or refund" if count == 1 else f"{formats.count(count)} returns and refunds"
