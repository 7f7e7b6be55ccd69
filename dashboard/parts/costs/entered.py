"""Costs by kind on the Profit page: the list, the forms and the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import costs
from core.accounts import Action, may
from core.costs import NAMES, SINGLE, CostBasis, CostEntry, CostKind, CostView
from core.domain.amounts import parse_amount
from core.stores import StoreView
from dashboard.addresses import undated_csv_address
from dashboard.drawing import cost_words
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.actions import run_action
from dashboard.parts.card_head import draw_download
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_rows
from dashboard.state import Viewer, forms, messages

_PLACE = "costs"
_FORM = "new cost"
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
_AMOUNTS = {
    CostKind.PAYMENT_FEES: "Fee per order",
    CostKind.SHIPPING: "What sending an order costs you",
    CostKind.PACKAGING: "Packaging per order",
    CostKind.ADVERTISING: "Amount",
    CostKind.OTHER: "Amount",
}
_EXPLAINED = {
    CostKind.PAYMENT_FEES: "What payment providers keep of each paid order, such as 1.4% + 0.25.",
    CostKind.SHIPPING: "The parcel and its label, on average per order that was not cancelled.",
    CostKind.PACKAGING: "Box, filling and label, on average per order that was not cancelled.",
    CostKind.ADVERTISING: "What you spend on advertising. Enter a cost for each channel.",
    CostKind.OTHER: "Rent, wages, apps: anything else.",
}
_HISTORY = {
    "cost": Column("Cost"),
    "amount": Column("Amount"),
    "days": Column("Valid"),
    "entered_at": Column("Entered", Kind.INSTANT),
    "entered_by": Column("By"),
    "replaced_at": Column("Replaced", Kind.INSTANT),
    "replaced_by": Column("By "),
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """The entries of a form, as text."""

    kind: CostKind
    amount: str
    basis: CostBasis
    percent: str
    name: str
    valid_from: date | None
    valid_to: date | None

    def entry(self) -> CostEntry:
        """Read the entries.

        Raises:
            InvalidInput: an amount cannot be read.
        """
        percent = self.percent.replace("%", "").strip()
        share = parse_amount(percent, "the percentage") if percent else Decimal(0)
        # A provider that takes a percentage alone has no fee per order.
        amount = Decimal(0) if share and not self.amount.strip() else parse_amount(self.amount, "the amount")
        return CostEntry(self.kind, amount, self.basis, share, self.name, self.valid_from, self.valid_to)


def draw_costs(viewer: Viewer, filters: Filters) -> None:
    """Draw the costs that count; an owner enters, changes and removes them here."""
    store, is_owner = filters.store, may(viewer.role, Action.ENTER_COSTS)
    current = costs.costs(store.key)
    messages.show(_PLACE)
    with st.container(border=True):
        st.subheader("Costs", anchor=False)
        if not current:
            st.caption(
                "No costs yet. Contribution and net profit need payment fees and shipping cost; "
                "enter 0 if there are none."
            )
        for view in current:
            _draw_cost(viewer, store, view, is_owner, filters.now)
    if is_owner:
        _draw_new(viewer, store, filters.now)
    else:
        st.caption("Owners of the business enter costs here.")
    replaced = costs.cost_history(store.key)
    if replaced:
        _draw_history(store, replaced)
    if current or replaced:
        draw_download("Entered costs", undated_csv_address("costs", store, filters.now), "Entered costs")


def _draw_cost(viewer: Viewer, store: StoreView, view: CostView, is_owner: bool, now: datetime) -> None:
    entry = view.entry
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(cost_words.title(entry))}** · {plain(cost_words.amount(entry, view.currency))}")
            st.caption(plain(cost_words.days(entry)))
        if not is_owner:
            return
        with st.popover("Change", icon=":material/edit:"):
            typed = _draw_form(entry.kind, f"cost {view.cost_id}", "Save", entry)
            if typed:
                run_action(
                    lambda: costs.replace_cost(viewer.actor, store.store_id, view.cost_id, typed.entry(), now),
                    "Cost changed. All figures of its days follow; the former cost is in the history.",
                    _PLACE,
                )
            if st.button("Remove", key=f"remove cost {view.cost_id}", icon=":material/delete:"):
                run_action(
                    lambda: costs.remove_cost(viewer.actor, store.store_id, view.cost_id, now),
                    "Cost removed from all figures. It is in the history.",
                    _PLACE,
                )


def _draw_new(viewer: Viewer, store: StoreView, now: datetime) -> None:
    with st.container(border=True, width=640):
        st.subheader("Enter a cost", anchor=False)
        kinds = list(CostKind)
        kind = st.selectbox("Kind", kinds, 0, format_func=NAMES.__getitem__, key="kind of the new cost")
        st.caption(f"{_EXPLAINED[kind]} Amounts are in {store.currency}.")
        typed = _draw_form(kind, f"{forms.widget_key(_FORM)} {kind}", "Add cost")
        if typed:
            run_action(lambda: _add(viewer, store, typed, now), "Cost added.", _PLACE)


def _add(viewer: Viewer, store: StoreView, typed: _Typed, now: datetime) -> None:
    costs.add_cost(viewer.actor, store.store_id, typed.entry(), now)
    forms.empty(_FORM)


def _draw_form(kind: CostKind, key: str, button: str, entry: CostEntry | None = None) -> _Typed | None:
    """Draw the form of a cost of this kind, filled with `entry`; return what was typed, once it is submitted."""
    with st.form(key, border=False):
        name, percent, basis = "", "", CostBasis.ORDER
        if kind not in SINGLE:
            what = "Channel, such as Meta" if kind is CostKind.ADVERTISING else "What it is for, such as rent"
            name = st.text_input(what, entry.name if entry else "", max_chars=60)
        if kind is CostKind.PAYMENT_FEES:
            percent = st.text_input(
                "Percent of the order total", cost_words.plain_number(entry.percent) if entry else "", max_chars=20
            )
        amount = st.text_input(
            _AMOUNTS[kind], cost_words.plain_number(entry.amount) if entry else "", placeholder="0.00", max_chars=30
        )
        if kind not in SINGLE:
            bases = list(CostBasis)
            at = bases.index(entry.basis if entry else CostBasis.MONTH)
            basis = st.selectbox("Counted", bases, at, format_func=cost_words.BASES.__getitem__)
        first, last = st.columns(2)
        start = _draw_day(first, "First day (empty: from the first order)", entry.valid_from if entry else None)
        end = _draw_day(last, "Last day (empty: no end)", entry.valid_to if entry else None)
        if not st.form_submit_button(button, type="primary"):
            return None
    return _Typed(kind, amount, basis, percent, name, start, end)


def _draw_day(place: DeltaGenerator, label: str, day: date | None) -> date | None:
    chosen: Any = place.date_input(label, day, min_value=_FIRST, max_value=_LAST, format="YYYY-MM-DD")
    return chosen if isinstance(chosen, date) else None


def _draw_history(store: StoreView, replaced: tuple[CostView, ...]) -> None:
    with st.expander("Changed and removed costs", type="compact", icon=":material/history:"):
        draw_rows(
            "Changed and removed costs",
            cost_words.history_records(replaced),
            _HISTORY,
            store.time_zone,
            store.currency,
        )
