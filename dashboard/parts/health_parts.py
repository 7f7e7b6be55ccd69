"""The parts of the Data health page: figures, the check's button and progress, the calendar, and the odd days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from core import reconcile
from core.accounts import Action, may
from core.domain.periods import Period, local_day
from core.errors import XenoError
from core.metrics.health import Arrivals, Day, NamedOrder, Unreadable
from core.reconcile import runs
from core.reconcile.runs import RunView
from core.shopify import auth
from core.stores import StoreState, StoreView
from dashboard import state
from dashboard.drawing import calendar_chart, formats, frames
from dashboard.drawing.calendar_chart import LABELS, SIGNS
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import downloads
from dashboard.parts.cards import draw_chart, draw_table
from dashboard.parts.columns import Column, Kind
from dashboard.state import Viewer, messages

NAMED = 5
"""Unreadable records that are named."""
AT_LEAST = timedelta(days=83)
"""The calendar goes back twelve weeks, or as far as the period does."""
WHAT = {
    "missing": "was missing here, fetched",
    "changed": "was out of date here, read again",
    "moved": "is of another day now",
    "gone": "was deleted in Shopify, taken out",
    "rewritten": "had wrong amounts here, read again",
    "unreadable": "is in Shopify, but cannot be read",
    "deleted": "is in Shopify’s list, but Shopify told that it was deleted",
    "taken for deleted": "is in Shopify’s list, but was taken for deleted, as Shopify had none when asked for it",
    "not fetched": "is in Shopify’s list, but could not be fetched",
    "not listed": "is here, but Shopify does not list it",
    "refused": "is in Shopify, but not here",
}


def shown(filters: Filters) -> Period:
    """The days of the calendar."""
    today = local_day(filters.now, filters.store.time_zone)
    return Period(min(filters.period.start, today - AT_LEAST), today, filters.store.time_zone)


def figures(days: Sequence[Day], arrivals: Arrivals) -> None:
    """How many days are how, and how changes were first heard of."""
    counts = Counter(day.state for day in days)
    meanings = {
        "equal": "As many orders here as Shopify counts, and the same total where Shopify tells it.",
        "repaired": "Something was missing or wrong; it was fetched, and the day is equal now.",
        "differs": "Not the same even after everything was read again; below is what differs.",
        "uncompared": "Shopify’s answer for the day could not be used; below is why.",
    }
    met = _met(counts)
    with st.grid(len(met) + 1, min_column_width=130, gap="small"):
        for which, label in met.items():
            st.metric(f"{SIGNS[which]} {label}", formats.count(counts[which]), help=meanings[which], border=True)
        st.metric(
            "By webhook",
            formats.percent(arrivals.webhook_share),
            help=f"The share of order changes of the period first heard of by a webhook "
            f"({formats.count(arrivals.by_webhook)}); the others ({formats.count(arrivals.by_polling)}) were found "
            "by syncs and checks.",
            border=True,
        )


def totals(days: Sequence[Day], store: StoreView) -> None:
    """Why days were compared by their orders alone; nothing where Shopify told their totals, too."""
    foreign = sum(day.state != "uncompared" and day.reason is not None for day in days)
    if foreign:
        st.caption(
            f":material/currency_exchange: {formats.counted(foreign, 'day')} with orders in another currency than "
            "the store’s: orders are counted, totals are not compared."
        )
    # Of a day that was not over Shopify was not asked for the total.
    over = [day for day in days if day.day < local_day(day.checked_at, store.time_zone) and day.reason is None]
    if not any(day.their_total is None for day in over):
        return
    counted = ":material/key_off: Orders are counted; totals are not compared"
    if auth.missing_scopes(store.scopes, [reconcile.REPORTS]):
        st.caption(f"{counted} without **{plain(reconcile.REPORTS)}**.")
    else:
        st.caption(
            f"{counted} where Shopify keeps its reports from this app: they take its approval for customers' names "
            "and addresses, too."
        )


def check(viewer: Viewer, store: StoreView, now: datetime) -> bool:
    """The last check, the one under way, and the buttons that ask for one; whether one is under way."""
    latest = next(iter(runs.recent(store.key, limit=1)), None)
    active = bool(latest and latest.active)
    if active:
        _progress(viewer, store)
    elif latest:
        st.caption(_last(latest, store, now))
    if not may(viewer.role, Action.SYNC):
        return active
    busy = active or store.state != StoreState.CONNECTED or store.complete_until is None
    with st.container(horizontal=True):
        recent = f"Check the last {reconcile.recent_days(store, now)} days"
        if st.button(recent, key="check", icon=":material/verified:", type="primary", disabled=busy):
            _ask(viewer, store, now, whole=False)
        if st.button("Check every day", key="check-all", icon=":material/calendar_month:", disabled=busy):
            _ask(viewer, store, now, whole=True)
    return active


def unreadable(records: Sequence[Unreadable]) -> None:
    """The records that are left out, some of them by name; nothing where there are none."""
    if not records:
        return
    every = records[0].every
    label = "1 record" if every == 1 else f"{formats.count(every)} records"
    named = "; ".join(f"{each.kind} {each.shopify_id}: {plain(_wrong(each.reason))}" for each in records)
    others = f"; and {formats.count(every - len(records))} more" if every > len(records) else ""
    advice = "Each stays left out until a sync can read it; if one does not go away, tell your operator."
    st.warning(f"**{label} could not be read**: {named}{others}. {advice}", icon=":material/warning:")


def _wrong(reason: str) -> str:
    """What is wrong, without where it was met: "the API's order: name is missing" is about its name."""
    return reason.partition(": ")[2] or reason


def calendar(days: Sequence[Day], period: Period, store: StoreView) -> None:
    """The days by week, with their legend."""
    counts = Counter(day.state for day in days)
    met = _met(counts)
    told = ", ".join(f"{formats.count(counts[which])} {label.lower()}" for which, label in met.items())
    draw_chart(
        "Day by day",
        calendar_chart.calendar(days, period),
        alt=f"Days compared with Shopify, {formats.period(period)}: {told}",
        csv=downloads.address("checked-days", store.store_id, period),
    )
    st.caption(
        f"{formats.period(period)}: "
        + " · ".join(f"{SIGNS[which]} {label.lower()}" for which, label in met.items())
        + " · blank: not checked"
    )


def _met(counts: Mapping[str, int]) -> dict[str, str]:
    """The states that are spoken of, with their labels: a day that could not be compared only where there is one."""
    return {which: label for which, label in LABELS.items() if which != "uncompared" or counts[which]}


def differing(days: Sequence[Day], store: StoreView) -> None:
    """What to do about the days that differ; nothing where none does."""
    odd = [day for day in days if day.state == "differs"]
    if not odd:
        return
    by_total = any(day.ours == day.theirs for day in odd)
    told = {one.what for day in odd for one in day.orders}
    these, still = ("this day", "it still differs") if len(odd) == 1 else ("these days", "they still differ")
    advice = [f"Everything of {these} was read again, and {still}:"]
    if told:
        advice += ["- Orders named below: open them in Shopify.", *_advice(told)]
    if by_total:
        advice.append(
            "- Only the total differs: often some cents of currencies converted back, or an order that Shopify’s "
            "report dates otherwise."
        )
    advice.append("- The next check looks again; if a difference stays, tell your operator the day and the orders.")
    label = "1 day differs" if len(odd) == 1 else f"{formats.count(len(odd))} days differ"
    st.warning(f"**{label} from Shopify.** " + "\n".join(advice), icon=":material/warning:")


def _advice(told: set[str]) -> list[str]:
    """What becomes of orders that are not here, by why that is."""
    advice = []
    if "deleted" in told:
        advice.append("- One that was restored there after it was deleted does not come back here by itself.")
    if told & {"taken for deleted", "not fetched"}:
        advice.append("- One that Shopify lists but does not give comes in with the first check that gets it.")
    if "unreadable" in told:
        advice.append("- One that cannot be read comes in once it can; what is wrong with it stands beside it.")
    return advice


def uncompared(days: Sequence[Day]) -> None:
    """What to do about the days that could not be compared; nothing where all could."""
    odd = [day for day in days if day.state == "uncompared"]
    if not odd:
        return
    label = "1 day" if len(odd) == 1 else f"{formats.count(len(odd))} days"
    reasons = Counter(day.reason or "" for day in odd).most_common(NAMED)
    told = "\n".join(f"- {plain(reason)}" for reason, _ in reasons)
    st.warning(
        f"**{label} could not be compared with Shopify.** The next check tries again; if it stays so, tell your "
        f"operator the day and the reason:\n{told}",
        icon=":material/warning:",
    )


def odd_days(days: Sequence[Day], period: Period, filters: Filters) -> None:
    """The days that were repaired, differ or were not compared, the latest first, with their orders by name."""
    odd = [day for day in reversed(days) if day.state != "equal"]
    if not odd:
        st.caption(":material/check_circle: Every day that was checked is as Shopify counts it.")
        return
    draw_table(
        "Days that were not equal",
        _table(odd),
        {
            "day": Column("Day", pinned=True),
            "state": Column("State"),
            "ours": Column("Orders here", Kind.COUNT, "Test orders too, as Shopify counts them."),
            "theirs": Column("At Shopify", Kind.COUNT),
            "our_total": Column("Total here", Kind.MONEY, "Total sales of the day."),
            "their_total": Column("At Shopify ", Kind.MONEY, "Where the app may read Shopify's reports."),
            "orders": Column("What was found"),
            "checked_at": Column("Checked", Kind.INSTANT),
        },
        filters,
        csv=downloads.address("checked-days", filters.store.store_id, period),
        empty="",
    )


def nothing_yet(viewer: Viewer, store: StoreView) -> None:
    """No day was compared yet: when that happens."""
    now = ""
    if store.state == StoreState.CONNECTED:
        who = "You" if may(viewer.role, Action.SYNC) else "An owner or analyst"
        now = f" {who} can have it checked now."
    with st.container(border=True):
        st.subheader(":material/verified: No day was checked yet", anchor=False)
        if store.complete_until is None:
            st.markdown("When the first sync has ended, every day is compared with Shopify’s own count, each night.")
        else:
            st.markdown(
                "Every night, each of the last weeks’ days is compared with Shopify’s own count, and once a week "
                f"every day; what is missing is fetched.{now}"
            )


@st.fragment(run_every=1.0)
def _progress(viewer: Viewer, store: StoreView) -> None:
    """The check under way, drawn anew each second; the whole page, when it has ended or the viewer has left."""
    if not state.is_current(viewer, datetime.now(UTC)):
        st.rerun()
    latest = next(iter(runs.recent(store.key, limit=1)), None)
    if latest is None or not latest.active:
        st.rerun()
    st.progress(latest.days_done / latest.days, text=_under_way(latest))


def _under_way(run: RunView) -> str:
    if run.error:
        return plain(run.error)
    return f"Checking: {formats.count(run.days_done)} of {formats.count(run.days)} days"


def _last(run: RunView, store: StoreView, now: datetime) -> str:
    ended = formats.clock(run.finished_at, store.time_zone, now)
    if run.state == "failed":
        return f":material/warning: The last check failed ({ended}): {plain(run.error or '')}"
    return f":material/verified: Last checked {ended}: {formats.count(run.days)} days."


def _ask(viewer: Viewer, store: StoreView, now: datetime, whole: bool) -> None:
    try:
        reconcile.request(viewer.actor, store.store_id, now, whole)
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()


def _found(day: Day) -> str:
    return "; ".join([*map(_named, day.orders), *([day.reason] if day.reason else [])])


def _named(order: NamedOrder) -> str:
    why = f" ({_wrong(order.reason)})" if order.reason else ""
    return f"{order.name} {WHAT[order.what]}{why}"


def _table(days: Sequence[Day]) -> pd.DataFrame:
    frame = frames.table(days, ["ours", "theirs", "our_total", "their_total", "currency", "checked_at"])
    frame["day"] = [formats.day(day.day) for day in days]
    frame["state"] = [f"{SIGNS[day.state]} {LABELS[day.state]}" for day in days]
    frame["orders"] = [_found(day) for day in days]
    return frame
