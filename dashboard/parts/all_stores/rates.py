"""The exchange rates of a business on the All stores page: the currency of the sum, fixed rates and uploaded ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import streamlit as st

from core import exchange
from core.accounts import Action, may
from core.exchange import FixedRate, RateChange, UploadedRates
from dashboard import addresses
from dashboard.drawing import formats, rate_words
from dashboard.drawing.words import plain
from dashboard.parts.actions import run_action
from dashboard.parts.card_head import draw_download
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_rows
from dashboard.parts.upload_form import draw_upload_form
from dashboard.state import Viewer, messages

_PLACE = "exchange rates"
_HISTORY = {
    "currency": Column("Of"),
    "into": Column("In"),
    "rate": Column("Rate"),
    "entered_at": Column("Entered", Kind.INSTANT),
    "entered_by": Column("By"),
    "replaced_at": Column("Replaced", Kind.INSTANT),
    "replaced_by": Column("By "),
}


def draw_rates(viewer: Viewer, into: str, now: datetime) -> None:
    """Draw the rates into the currency of the sum; an owner changes them here."""
    others = sorted({store.currency for store in viewer.stores} - {into})
    is_owner = may(viewer.role, Action.SET_RATES)
    messages.show(_PLACE)
    with st.container(border=True):
        st.subheader("Exchange rates", anchor=False)
        if is_owner:
            _draw_report_currency(viewer, into, now)
        if not others:
            st.caption(f"All stores sell in {into}, so no rate is needed.")
            return
        fixed, uploaded = (
            exchange.fixed_rates(viewer.tenant_id, into),
            exchange.uploaded_rates(viewer.tenant_id, into),
        )
        for currency in others:
            _draw_currency(viewer, currency, into, fixed.get(currency), uploaded.get(currency), now)
        if is_owner:
            _draw_upload(into)
        else:
            st.caption("Owners of the business enter rates here.")
        changes = exchange.list_rate_changes(viewer.tenant_id)
        if changes:
            _draw_history(viewer, changes)
        if changes or fixed:
            address = addresses.undated_csv_address("exchange-rates", viewer.stores[0], now)
            draw_download("Fixed exchange rates", address, "Fixed rates")


def _draw_report_currency(viewer: Viewer, into: str, now: datetime) -> None:
    offered = sorted({store.currency for store in viewer.stores} | {into})
    if len(offered) < 2:
        return
    chosen = st.segmented_control(
        "Sum in", offered, default=into, required=True, key=f"currency of the sum {into}", width="content"
    )
    if chosen in offered and chosen != into:
        run_action(
            lambda: exchange.set_report_currency(viewer.actor, chosen, now), f"Sums are in {chosen} now.", _PLACE
        )


def _draw_currency(
    viewer: Viewer,
    currency: str,
    into: str,
    fixed: FixedRate | None,
    uploaded: UploadedRates | None,
    now: datetime,
) -> None:
    """Draw the rates of one currency, and the form of its fixed one."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(_fixed_words(currency, into, fixed))}**")
            st.caption(plain(_uploaded_words(uploaded)))
        if not may(viewer.role, Action.SET_RATES):
            return
        with st.popover("Change" if fixed else "Enter a rate", icon=":material/edit:"):
            _draw_form(viewer, currency, into, fixed, now)
            if uploaded and st.button("Remove the uploaded rates", key=f"remove days of {currency} in {into}"):
                run_action(
                    lambda: exchange.remove_uploaded_rates(viewer.actor, currency, into, now),
                    f"The uploaded rates of {currency} do not count any more.",
                    _PLACE,
                )


def _draw_form(viewer: Viewer, currency: str, into: str, fixed: FixedRate | None, now: datetime) -> None:
    with st.form(f"rate of {currency} in {into}", border=False):
        stored = format(fixed.rate.normalize(), "f") if fixed else ""
        typed = st.text_input(f"1 {currency} in {into}", stored, placeholder="0.92", max_chars=30)
        if st.form_submit_button("Save rate", type="primary"):
            run_action(
                lambda: exchange.set_fixed_rate(viewer.actor, currency, into, exchange.parse_rate(typed), now),
                f"Rate of {currency} saved. Days without an uploaded rate take it.",
                _PLACE,
            )
    if fixed and st.button("Remove", key=f"remove rate of {currency} in {into}", icon=":material/delete:"):
        run_action(
            lambda: exchange.remove_fixed_rate(viewer.actor, currency, into, now),
            f"{currency} has no fixed rate now. The former one is in the history.",
            _PLACE,
        )


def _fixed_words(currency: str, into: str, fixed: FixedRate | None) -> str:
    return f"1 {currency} = {rate_words.rate(fixed.rate)} {into}" if fixed else f"{currency}: no fixed rate"


def _uploaded_words(uploaded: UploadedRates | None) -> str:
    if uploaded is None:
        return "No uploaded rates."
    days = formats.counted(uploaded.days, "uploaded day")
    first, last = formats.day(uploaded.first), formats.day(uploaded.last)
    return f"{days}, from {first} to {last}. They count before the fixed rate."


def _draw_upload(into: str) -> None:
    with st.expander("Upload a rate for each day", type="compact", icon=":material/upload:"):
        st.markdown(
            "A CSV with the columns **date** (2026-11-21), **currency** (USD) and **rate** "
            f"(what one unit of it is in {into}), or the history file of the European Central Bank "
            "as it is. A day without a rate, such as a Sunday, takes the latest of the seven days before."
        )
        back = addresses.page_address("all-stores", st.query_params.to_dict())
        draw_upload_form(
            addresses.EXCHANGE_RATES, "CSV of exchange rates", "Save the rates", {"back": back}, ".csv,.txt,text/csv"
        )


def _draw_history(viewer: Viewer, changes: Sequence[RateChange]) -> None:
    with st.expander("Changed and removed rates", type="compact", icon=":material/history:"):
        records = [
            asdict(change)
            | {
                "rate": rate_words.rate(change.rate),
                "entered_by": change.entered_by or "A former user",
                "replaced_by": change.replaced_by or "A former user",
            }
            for change in changes
        ]
        draw_rows("Changed and removed rates", records, _HISTORY, viewer.stores[0].time_zone, "")
