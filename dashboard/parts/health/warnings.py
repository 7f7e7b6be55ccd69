"""Warnings on the Data health page: days that differ, days and records that could not be read, unknown sales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

import streamlit as st

from core.metrics.health import Day, DayState, UnknownSale, Unreadable
from dashboard.drawing import formats
from dashboard.drawing.words import plain

NAMED = 5
"""Records, orders and reasons that a warning names; the others are counted."""


def draw_differing(days: Sequence[Day]) -> None:
    """Warn of the days that differ from Shopify, with what to do about them."""
    differing = [day for day in days if day.state == DayState.DIFFERS]
    if not differing:
        return
    problems = {order.what for day in differing for order in day.orders}
    which, still = ("this day", "it still differs") if len(differing) == 1 else ("these days", "they still differ")
    lines = [f"All orders of {which} were fetched again, and {still}:"]
    if problems:
        lines += ["- Open the orders named below in Shopify.", *_advice(problems)]
    if any(day.ours == day.theirs for day in differing):
        lines.append(
            "- Only the total differs. Often it is some cents of converted currencies, or an order that Shopify’s "
            "report counts on another day."
        )
    lines.append("- The next check compares again. If a day still differs, send it and its orders to your operator.")
    label = "1 day differs" if len(differing) == 1 else f"{formats.count(len(differing))} days differ"
    st.warning(f"**{label} from Shopify.** " + "\n".join(lines), icon=":material/warning:")


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


def draw_uncompared(days: Sequence[Day]) -> None:
    """Warn of the days that could not be compared, with the reasons."""
    uncompared = [day for day in days if day.state == DayState.UNCOMPARED]
    if not uncompared:
        return
    reasons = Counter(day.reason or "" for day in uncompared).most_common(NAMED)
    reason_list = "\n".join(f"- {plain(reason)}" for reason, _ in reasons)
    st.warning(
        f"**{formats.counted(len(uncompared), 'day')} could not be compared with Shopify.** The next check tries "
        f"again. If it stays so, send the day and the reason to your operator:\n{reason_list}",
        icon=":material/warning:",
    )


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


def fault(reason: str) -> str:
    """What is wrong with a record, without its source: "the API's order: name is missing" → "name is missing"."""
    return reason.partition(": ")[2] or reason


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
