"""One store on the Stores page: its state, how fresh its data is, what is missing, its syncs, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from core import stores
from core.accounts import Action, may
from core.connections import connect
from core.errors import XenoError
from core.stores import StoreState, StoreView
from core.sync import refetch, remap, runs
from core.sync.refetch import Settled
from core.sync.remap import Progress
from core.sync.runs import RunState, RunView, Trigger
from dashboard import state
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import import_form, store_access
from dashboard.state import Viewer, messages

_BADGES = {
    StoreState.CONNECTED: ("Connected", ":material/check_circle:", "green"),
    StoreState.RECONNECT: ("Reconnect it", ":material/warning:", "orange"),
    StoreState.DISCONNECTED: ("Disconnected", ":material/link_off:", "gray"),
}
_OUTCOMES = {
    RunState.QUEUED: "Waiting",
    RunState.RUNNING: "Running",
    RunState.SUCCEEDED: "Done",
    RunState.FAILED: "Failed",
    RunState.CANCELED: "Canceled",
}
_TRIGGERS = {
    Trigger.CONNECT: "Connecting",
    Trigger.BUTTON: "By hand",
    Trigger.SCHEDULE: "On schedule",
    Trigger.COMMAND: "By command",
}
_RUNS_SHOWN = 500


def draw(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the card."""
    history = runs.recent(store.key, limit=_RUNS_SHOWN)
    # Only after its runs: what the last one did to the store is seen together with its end.
    store = stores.find(viewer.tenant_id, store.store_id)
    with st.container(border=True):
        _head(store, now)
        _settled(viewer, store, now)
        store_access.draw(viewer, store, now)
        if remap.progress(store.key):
            _improving(viewer, store)
        active = [run for run in history if run.active]
        if active:
            _progress(viewer, store, active[-1].run_id)
        elif history:
            _ended_early(history[0])
        _buttons(viewer, store, active, now=now)
        if history:
            with st.expander("Past syncs", icon=":material/history:"):
                draw_history(store, history)
        import_form.draw(viewer, store, now)


def _head(store: StoreView, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(store.name), anchor=False, width="content")
        label, icon, color = _BADGES[store.state]
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]  # one of Streamlit's literals
    since = formats.day(store.connected_at.astimezone(store.time_zone))
    st.caption(f"{plain(store.shop_domain)} · {store.currency} · {plain(store.time_zone.key)} · connected {since}")
    st.markdown(f":material/update: {_freshness(store, now)}")


def _freshness(store: StoreView, now: datetime) -> str:
    if store.complete_until is None and store.state == StoreState.DISCONNECTED:
        return "Nothing was synced."
    if store.complete_until is None:
        return "The first sync has not ended yet: figures are not complete."
    until = formats.clock(store.complete_until, store.time_zone, now)
    newer = "newer orders come in live" if store.is_live else "newer orders come with the next sync"
    if store.last_ingest_at is None or store.last_ingest_at <= store.complete_until:
        return f"Complete up to {until} by the last sync; {newer}."
    return (
        f"Complete up to {until} by the last sync; {newer}, the last change {formats.ago(store.last_ingest_at, now)}."
    )


def _settled(viewer: Viewer, store: StoreView, now: datetime) -> None:
    text = settled_text(refetch.settled(store, now))
    if text:
        st.markdown(f":material/done_all: {text}")


def settled_text(settled: Settled) -> str | None:
    """How many of the recent orders are as Shopify's own ledger has them; None where there are no orders."""
    if settled.share is None:
        return None
    if not settled.waiting:
        return "100% settled: Shopify's own ledger was read of every recent order."
    # Never rounded up to all of them.
    percent = min(99, int(settled.share * 100))
    return f"{percent}% settled: {settled.waiting:,} of {settled.orders:,} recent orders are yet to be read back."


@st.fragment(run_every=5.0)
def _improving(viewer: Viewer, store: StoreView) -> None:
    """Draw the progress of improving past figures, every five seconds; rerun the page at its end."""
    if not state.is_current(viewer, datetime.now(UTC)):
        st.rerun()
    progress = remap.progress(store.key)
    if progress is None:
        st.rerun()
    st.progress(progress.share, text=improving_text(progress))


def improving_text(progress: Progress) -> str:
    """The progress of improving past figures, with the reason of a wait."""
    text = f"Improving past figures: {progress.done:,} of {progress.total:,} orders"
    return f"{text}. It waits and goes on by itself: {plain(progress.error)}" if progress.error else text


@st.fragment(run_every=1.0)
def _progress(viewer: Viewer, store: StoreView, run_id: int) -> None:
    """The run that the page was drawn with, redrawn each second; the whole page, when it has ended or the viewer
    has left."""
    now = datetime.now(UTC)
    if not state.is_current(viewer, now):
        st.rerun()
    active = [run for run in runs.recent(store.key) if run.active]
    if not active or active[-1].run_id != run_id:
        st.rerun()
    run, *follow_ups = reversed(active)
    st.progress(run.share or 0.0, text=progress_text(run, now))
    rate = run.rate(now)
    if rate and run.state == RunState.RUNNING:
        st.caption(f"{rate:,.0f} records a second so far" if rate >= 1 else "Less than a record a second so far")
    if follow_ups:
        st.caption(
            ":material/schedule: Another sync follows this one. It was asked for while this one was running, and "
            "reads what has changed since."
        )


def progress_text(run: RunView, now: datetime) -> str:
    """How far a run is: records so far, the total where it is known, and the time left where it can be said."""
    if run.error:
        return f"Waiting: {plain(run.error)}"
    if run.state == RunState.QUEUED:
        return "Waiting for its turn…"
    if run.records_total is None:
        return f"Syncing: {run.records_done:,} records so far"
    text = f"Syncing: {run.records_done:,} of {run.records_total:,} records"
    left = run.eta(now)
    return f"{text}, about {span(left)} left" if left else text


def _ended_early(run: RunView) -> None:
    """Why the last run did not reach its end; nothing where it did."""
    if run.state == RunState.CANCELED:
        st.info(
            "The last sync was canceled. What it brought in stays; “Sync now” goes on from there.",
            icon=":material/cancel:",
        )
    elif run.error:
        st.warning(f"The last sync failed. {plain(run.error)}", icon=":material/sync_problem:")


def _buttons(viewer: Viewer, store: StoreView, active: Sequence[RunView], now: datetime) -> None:
    may_sync, may_connect = may(viewer.role, Action.SYNC), may(viewer.role, Action.CONNECT)
    if store.state == StoreState.DISCONNECTED or not (may_sync or may_connect):
        return
    with st.container(horizontal=True):
        if may_sync and st.button(
            "Sync now",
            key=f"sync-{store.store_id}",
            icon=":material/sync:",
            type="primary",
            # One that is queued begins after every click, so another click would ask for nothing.
            disabled=store.state != StoreState.CONNECTED or any(run.state == RunState.QUEUED for run in active),
        ):
            _sync(viewer, store, now)
        if (
            may_sync
            and active
            and st.button("Cancel the sync", key=f"cancel-{store.store_id}", icon=":material/cancel:")
        ):
            _cancel(viewer, store, now)
        if may_connect and st.button("Disconnect…", key=f"disconnect-{store.store_id}", icon=":material/link_off:"):
            _confirm_disconnect(viewer, store, now)


def _sync(viewer: Viewer, store: StoreView, now: datetime) -> None:
    try:
        runs.request_sync(viewer.actor, store.store_id, now)
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()


def _cancel(viewer: Viewer, store: StoreView, now: datetime) -> None:
    try:
        if runs.cancel(viewer.actor, store.store_id, now):
            messages.leave_success("The sync was canceled.")
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()


@st.dialog("Disconnect this store?")
def _confirm_disconnect(viewer: Viewer, store: StoreView, now: datetime) -> None:
    st.write(
        f"No new orders of {plain(store.name)} will arrive, and its credentials are deleted. "
        "Everything that was synced stays, and so does the secret that proves that privacy requests about it come "
        "from Shopify. You can connect it again at any time."
    )
    with st.container(horizontal=True):
        if st.button("Disconnect", type="primary", key="really-disconnect"):
            try:
                connect.disconnect(viewer.actor, store.store_id, now)
                messages.leave_success(f"{plain(store.name)} is disconnected; its data is still here.")
            except XenoError as error:
                messages.leave_error(error)
            st.rerun()
        if st.button("Keep it connected", key="keep-connected"):
            st.rerun()


def draw_history(store: StoreView, history: tuple[RunView, ...]) -> None:
    """The runs as a table, with its download."""
    table = history_table(store, history)
    times = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= 10 else 390,
        column_config={"Asked for": times, "Records": st.column_config.NumberColumn(format="localized")},
    )
    st.download_button(
        "Download CSV",
        data=lambda: table.to_csv(index=False),
        file_name=f"{store.shop_domain.partition('.')[0]}-syncs.csv",
        mime="text/csv",
        key=f"runs-csv-{store.store_id}",
        icon=":material/download:",
        on_click="ignore",
    )


def history_table(store: StoreView, history: tuple[RunView, ...]) -> pd.DataFrame:
    """The runs as shown, newest first, with times on the store's clock."""
    return pd.DataFrame(
        {
            "Asked for": [run.requested_at.astimezone(store.time_zone).replace(tzinfo=None) for run in history],
            "How": [_TRIGGERS[run.trigger] for run in history],
            "Outcome": [_OUTCOMES[run.state] for run in history],
            "Records": [run.records_done for run in history],
            "Took": [_took(run) for run in history],
            "Remark": [run.error or "" for run in history],
        }
    )


def _took(run: RunView) -> str:
    if run.started_at is None or run.finished_at is None:
        return "–"
    return span(run.finished_at - run.started_at)


def span(length: timedelta) -> str:
    """How long something takes, in the largest unit that fits: 12 s, 3 min, 2 h 5 min."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
