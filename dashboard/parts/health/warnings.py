"""Warnings on the Data health page: days that differ, records that could not be read, unknown sales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

import streamlit as st

from core.metrics.health import Day, DayState, UnknownSale, Unreadable
from dashboard.drawing import formats
from dashboard.drawing.day_words import fault
from dashboard.drawing.words import plain

NAMED = 5
"""Records, orders and reasons that a warning names; the others are counted."""


def advice(days: Sequence[Day]) -> list[str]:
    """What to do about the days that differ or were not compared, as lines of a list in Markdown."""
    lines = []
    differing = [day for day in days if day.state == DayState.DIFFERS]
    if differing:
        problems = {order.what for day in differing for order in day.orders}
        lines += ["- Open the orders named below in Shopify.", *_advice(problems)] if problems else []
        if any(day.ours == day.theirs for day in differing):
            lines.append(
                "- Only the total differs. Often it is some cents of converted currencies, or an order that "
                "Shopify’s report counts on another day."
            )
    reasons = Counter(day.reason or "" for day in days if day.state == DayState.UNCOMPARED).most_common(NAMED)
    lines += [f"- {plain(reason)}" for reason, _ in reasons]
    lines.append("- The next check compares again. If a day stays like this, send it to your operator.")
    return lines


def _advice(problems: Set[str]) -> list[str]:
    """What happens to orders that are not here, by the problem."""
    lines = []
    if "deleted" in problems:
        lines.append("- An order that was deleted and then restored in Shopify does not come back here by itself.")
    if problems & {"taken for deleted", "not fetched"}:
        lines.append("- An order that Shopify lists but does not send is fetched by the first check that gets it.")
    if "unreadable" in problems:
        lines.append("- An order that cannot be read is fetched once it can; the reason stands beside it.")
    return lines


def draw_unreadable(records: Sequence[Unreadable]) -> None:
    """Warn of the records that could not be read and are left out, with some of their ids."""
    if not records:
        return
    total = records[0].total
    names = "; ".join(f"{record.kind} {record.shopify_id}: {plain(fault(record.reason))}" for record in records)
    st.warning(
        f"**{formats.counted(total, 'record')} could not be read**: {names}{_others(total, len(records))}. "
        "Each is left out until a sync can read it. If one stays, send it to your operator.",
        icon=":material/warning:",
    )


def draw_unknown_sales(orders: Sequence[UnknownSale]) -> None:
    """Warn of the orders with sales of an unknown kind, with some of their names."""
    if not orders:
        return
    total = orders[0].total
    label = "1 order has sales" if total == 1 else f"{formats.count(total)} orders have sales"
    names = "; ".join(
        f"{plain(order.name)}: {plain(formats.money(order.amount, order.currency))}" for order in orders
    )
    st.warning(
        f"**{label} of a kind that Xeno does not know yet**: {names}{_others(total, len(orders))}. These sales are "
        "in no figure; the rest of each order is. A newer version of Xeno may know them: ask your operator.",
        icon=":material/help:",
    )


def _others(total: int, named: int) -> str:
    return f"; and {formats.count(total - named)} more" if total > named else ""
