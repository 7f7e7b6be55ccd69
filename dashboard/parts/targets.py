"""Parts of the Targets page, and the line about this month's target on other pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import streamlit as st

from core import targets
from core.accounts import Action, may
from core.domain.money import minor_digits
from core.domain.periods import Period, local_day
from core.stores import StoreView
from core.targets import Progress, Suggestion, TargetMetric, TargetView
from core.targets.progress import history_start
from core.targets.rows import MOST_MONTHS_AHEAD, MOST_MONTHS_BACK
from dashboard import reads
from dashboard.addresses import csv_address, undated_csv_address
from dashboard.drawing import formats, target_chart, target_words
from dashboard.drawing.target_words import METRICS, month_name
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.actions import run_action
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_download, draw_head
from dashboard.parts.cards import draw_figure
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_rows
from dashboard.state import Viewer, messages

_NEAR = timedelta(days=10)
"""Before the next month, from when on its target is suggested."""


def draw_target_line(filters: Filters) -> None:
    """Draw where this month's target of net sales stands, as one line; nothing without one."""
    store, today = filters.store, local_day(filters.now, filters.store.time_zone)
    for target in targets.list_targets(store.key):
        if (target.month, target.metric) == (today.replace(day=1), TargetMetric.NET_SALES):
            done = progress_of(store, target, filters.now)
            label = f"Target of {month_name(target.month)}: {target_words.short(done, target)}"
            links.draw_page_link("/targets", plain(label), ":material/flag:")


def progress_of(store: StoreView, target: TargetView, now: datetime) -> Progress:
    """Compare a month of the store with its target, in the target's currency."""
    today = local_day(now, store.time_zone)
    return targets.progress(target.amount, target.month, today, *_sold(store, target))


def _sold(store: StoreView, target: TargetView) -> tuple[dict[date, Decimal], date | None]:
    """The figure by day, as far back as a pace looks, and the store's first day with orders."""
    last = targets.days_of(target.month)[-1]
    found = reads.daily(store.key, store.revision, target.currency, history_start(target.month), last)
    return {day.day: Decimal(getattr(day, target.metric)) for day in found.days}, found.first_day


def draw_store(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the targets of a store: this month's and later ones, past ones, and their history."""
    month = local_day(now, store.time_zone).replace(day=1)
    listed = targets.list_targets(store.key)
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(plain(store.name), anchor=False)
            if may(viewer.role, Action.PLAN):
                with st.popover("Set a target", icon=":material/flag:"):
                    _draw_form(viewer, store, month, listed, now)
        messages.show(_place(store))
        current = [target for target in listed if target.month == month]
        if not current:
            _draw_missing(viewer, store, month, now)
        for target in current:
            _draw_progress(store, target, now)
        following = targets.days_of(month)[-1] + timedelta(days=1)
        is_near = following - local_day(now, store.time_zone) <= _NEAR
        if current and is_near and all(target.month != following for target in listed):
            _draw_missing(viewer, store, following, now)
        _draw_months(store, [target for target in listed if target.month != month], now)
        _draw_history(store, now)


def _draw_progress(store: StoreView, target: TargetView, now: datetime) -> None:
    done = progress_of(store, target, now)
    st.markdown(
        f"**{METRICS[target.metric]} in {month_name(target.month)}:** {plain(target_words.state(done, target))}"
    )
    st.progress(min(1.0, max(0.0, float(done.share))))
    st.markdown(plain(target_words.pace(done, target)))
    st.caption(plain(target_words.basis_words(done)))
    _draw_chart(store, target, done, now)
    if target.currency != store.currency:
        st.warning(
            f"This target is in {target.currency}, and the store sells in {store.currency} now. "
            f"Set a new target to count in {store.currency}.",
            icon=":material/currency_exchange:",
        )


def _draw_chart(store: StoreView, target: TargetView, done: Progress, now: datetime) -> None:
    today, name = local_day(now, store.time_zone), METRICS[target.metric]
    days = targets.pace_by_day(target.amount, target.month, today, *_sold(store, target))
    kind = Kind.MONEY if target_words.is_money(target.metric) else Kind.COUNT
    columns = {
        "name": Column("Day"),
        "actual": Column(f"{name} to date", kind),
        "expected": Column(target_chart.PACE, kind),
    }
    title = f"{name} to date in {month_name(target.month)}, {_named(store)}"
    draw_head(f"{name} to date", _days_file(store, target))
    unit = f"in {target.currency}" if target_words.is_money(target.metric) else "number of orders"
    draw_figure(
        target_chart.pace(days, target, today),
        alt=f"{title}: {target_words.state(done, target)}",
        unit=f"{unit}, added up from the first of the month",
        rows=ChartRows(title, columns, target_chart.records(days, today), store.time_zone, target.currency),
    )


def _days_file(store: StoreView, target: TargetView) -> str:
    """The address of the days of the target's month."""
    days = targets.days_of(target.month)
    name = "target-days" if target_words.is_money(target.metric) else "target-days-of-orders"
    period = Period(days[0], days[-1], store.time_zone)
    return csv_address(name, store.store_id, period, currency=target.currency)


def _draw_missing(viewer: Viewer, store: StoreView, month: date, now: datetime) -> None:
    """Draw that a month has no target, with one that fits; one click takes it."""
    metric, currency = TargetMetric.NET_SALES, store.currency
    found = _suggestion(store, month, now)
    if found is None:
        st.markdown(_no_target(viewer, month))
        return
    amount = formats.short_money(found.amount, currency)
    words = plain(target_words.suggestion(found, metric, currency))
    st.markdown(f"No target for {month_name(month)}. **Suggested: {plain(amount)}** of net sales. {words}")
    if may(viewer.role, Action.PLAN) and st.button(
        f"Set {plain(amount)}", type="primary", icon=":material/flag:", key=f"take {month} of {store.store_id}"
    ):
        run_action(
            lambda: targets.set_target(viewer.actor, store.store_id, month, metric, found.amount, now),
            f"Target of {month_name(month)} saved: {plain(amount)}.",
            _place(store),
        )


def _suggestion(store: StoreView, month: date, now: datetime) -> Suggestion | None:
    today = local_day(now, store.time_zone)
    start = targets.suggestion_start(month, today)
    found = reads.daily(store.key, store.revision, store.currency, start, today)
    return targets.suggest(month, today, {day.day: day.net_sales for day in found.days}, found.first_day)


def _draw_months(store: StoreView, listed: list[TargetView], now: datetime) -> None:
    if not listed:
        return
    records = [_month_record(target, progress_of(store, target, now)) for target in listed]
    columns = {
        "month": Column("Month"),
        "metric": Column("Figure"),
        "target": Column("Target"),
        "actual": Column("Result"),
        "share": Column("Reached", Kind.SHARE),
    }
    draw_head("Other months", undated_csv_address("targets", store, now))
    draw_rows(f"Targets of {_named(store)}", records, columns, store.time_zone, store.currency)


def _month_record(target: TargetView, done: Progress) -> dict[str, object]:
    begun = done.stage is not targets.Stage.FUTURE
    return {
        "month": month_name(target.month),
        "metric": METRICS[target.metric],
        "target": target_words.amount_text(target.amount, target.metric, target.currency),
        "actual": target_words.amount_text(done.actual if begun else None, target.metric, target.currency),
        "share": done.share if begun else None,
    }


def _draw_history(store: StoreView, now: datetime) -> None:
    changes = targets.history(store.key)
    if not changes:
        return
    key = f"history of targets of {store.store_id}"
    expander = st.expander(
        "Changes of targets", type="compact", icon=":material/history:", key=key, on_change="rerun"
    )
    if not expander.open:
        return
    records = [
        {
            "at": change.at,
            "month": month_name(change.month),
            "metric": METRICS[change.metric],
            "amount": "Removed"
            if change.amount is None
            else target_words.amount_text(change.amount, change.metric, change.currency),
            "by": change.by or "A former member",
        }
        for change in changes
    ]
    columns = {
        "at": Column("When", Kind.INSTANT),
        "month": Column("Month"),
        "metric": Column("Figure"),
        "amount": Column("Target"),
        "by": Column("Set by"),
    }
    with expander:
        draw_download(f"Changes of targets of {_named(store)}", undated_csv_address("target-changes", store, now))
        draw_rows(f"Changes of targets of {_named(store)}", records, columns, store.time_zone, store.currency)


def _draw_form(viewer: Viewer, store: StoreView, month: date, listed: tuple[TargetView, ...], now: datetime) -> None:
    """Draw the form; it begins with the target that the month has."""
    key = f"target of {store.store_id}"
    names = {month_name(each): each for each in _months(month)}
    typed = st.selectbox("Month", list(names), index=MOST_MONTHS_BACK, key=f"month {key}")
    # A browser may send any text.
    chosen = names.get(typed, month)
    labels = {label: metric for metric, label in METRICS.items()}
    figure = st.segmented_control("Figure", list(labels), default="Net sales", required=True, key=f"figure {key}")
    metric = labels.get(figure or "", TargetMetric.NET_SALES)
    stored = next((each for each in listed if (each.month, each.metric) == (chosen, metric)), None)
    digits = 0 if metric is TargetMetric.ORDERS else minor_digits(store.currency)
    amount = st.number_input(
        f"Target in {store.currency}" if metric is TargetMetric.NET_SALES else "Target in orders",
        min_value=0.0,
        value=float(stored.amount) if stored else None,
        step=10.0**-digits,
        format=f"%.{digits}f",
        placeholder="40000" if digits else "300",
        key=f"amount {key} {chosen} {metric} {stored and stored.amount}",
    )
    if st.button("Save target", type="primary", key=f"save {key}"):
        exact = formats.exact(amount) or Decimal(0)
        run_action(
            lambda: targets.set_target(viewer.actor, store.store_id, chosen, metric, exact, now),
            lambda saved: (
                f"Target of {month_name(chosen)} saved: "
                f"{plain(target_words.amount_text(saved.amount, metric, saved.currency))}."
            ),
            _place(store),
        )
    if stored and st.button("Remove target", key=f"remove {key}"):
        run_action(
            lambda: targets.remove_target(viewer.actor, store.store_id, chosen, metric, now),
            f"{month_name(chosen)} has no target for {METRICS[metric].lower()} now.",
            _place(store),
        )


def _months(month: date) -> list[date]:
    """The months that a target can be set for."""
    number = month.year * 12 + month.month - 1
    numbers = range(number - MOST_MONTHS_BACK, number + MOST_MONTHS_AHEAD + 1)
    return [date(each // 12, each % 12 + 1, 1) for each in numbers]


def _no_target(viewer: Viewer, month: date) -> str:
    cure = "Set one above." if may(viewer.role, Action.PLAN) else "An owner of the business can set one."
    return f"No target for {month_name(month)}. {cure}"


def _named(store: StoreView) -> str:
    """The store by its name and domain: two stores of a business may have one name."""
    return f"{store.name} ({store.shop_domain})"


def _place(store: StoreView) -> str:
    return f"targets of {store.store_id}"
