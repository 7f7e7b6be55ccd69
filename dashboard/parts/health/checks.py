"""Checks on the Data health page: the last one, the one under way, and the buttons that request one."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import reconcile
from core.accounts import Action, may
from core.reconcile import runs
from core.reconcile.runs import RunState, RunView, Trigger
from core.stores import StoreState, StoreView
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import work
from dashboard.parts.actions import run_action
from dashboard.parts.work import Outcome, Progress
from dashboard.state import Viewer, messages
from dashboard.state.messages import Tone

_PLACE = "check"


def draw_check(viewer: Viewer, store: StoreView, now: datetime) -> bool:
    """Draw the check under way, or the last one, and the buttons; return whether one is under way."""
    latest = _latest_run(store)
    active = bool(latest and latest.active)
    if may(viewer.role, Action.SYNC):
        _draw_buttons(viewer, store, now, disabled=active or not _can_check(store))
    messages.show(_PLACE)
    if active:
        work.draw_progress(viewer, "check", lambda now: _read_progress(store))
    elif latest:
        work.draw_outcome(outcome_of(latest, store, now))
    return active


def draw_before_first(viewer: Viewer, store: StoreView) -> None:
    """Draw when the first check comes, in place of the days."""
    with st.container(border=True):
        st.subheader(":material/verified: No day has been checked yet", anchor=False)
        if store.complete_until is None:
            st.markdown("After the first sync, each day is compared with Shopify’s own count every night.")
            return
        offer = ""
        if store.state == StoreState.CONNECTED:
            who = "You" if may(viewer.role, Action.SYNC) else "An owner or analyst"
            offer = f" {who} can start a check now."
        st.markdown(
            "Every night, the days of the last weeks are compared with Shopify’s own count, and once a week every "
            f"day. Missing orders are fetched.{offer}"
        )


def _draw_buttons(viewer: Viewer, store: StoreView, now: datetime, disabled: bool) -> None:
    with st.container(horizontal=True):
        recent = f"Check the last {reconcile.recent_days(store, now)} days"
        if st.button(recent, key="check", icon=":material/verified:", type="primary", disabled=disabled):
            run_action(lambda: reconcile.request(viewer.actor, store.store_id, now), place=_PLACE)
        if st.button("Check every day", key="check-all", icon=":material/calendar_month:", disabled=disabled):
            run_action(lambda: reconcile.request(viewer.actor, store.store_id, now, True), place=_PLACE)


def _read_progress(store: StoreView) -> Progress | None:
    """The progress of the latest check; None once it has ended."""
    latest = _latest_run(store)
    if latest is None or not latest.active:
        return None
    return Progress(latest.days_done / latest.days, _progress_text(latest))


def _can_check(store: StoreView) -> bool:
    return store.state == StoreState.CONNECTED and store.complete_until is not None


def _latest_run(store: StoreView) -> RunView | None:
    return next(iter(runs.recent(store.key, limit=1)), None)


def _progress_text(run: RunView) -> str:
    if run.error:
        return plain(run.error)
    return f"Checking: {formats.count(run.days_done)} of {formats.count(run.days)} days"


def outcome_of(run: RunView, store: StoreView, now: datetime) -> Outcome:
    """How a check ended, when, and how many days it compared, or why it failed."""
    ended = formats.clock(run.finished_at, store.time_zone, now)
    if run.state == RunState.FAILED:
        return Outcome(Tone.ERROR, f"**Check failed {ended}.** {plain(run.error or '')}")
    is_news = run.trigger == Trigger.BUTTON and work.is_news(run.finished_at, now)
    return Outcome(Tone.SUCCESS, f"Check finished {ended}: {formats.counted(run.days, 'day')} compared.", is_news)
