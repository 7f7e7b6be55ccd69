"""Syncs on a store's card: the one under way, how the last one ended, and a table of past ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.stores import StoreView
from core.sync import runs
from core.sync.runs import RunState, RunView, Trigger
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import live
from dashboard.state import Viewer

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


@st.fragment
def draw_progress(viewer: Viewer, store: StoreView, run_id: int) -> None:
    """Draw this run as it makes progress; rerun the page when it has ended or the viewer has left."""
    live.follow_work(viewer, f"sync-{store.store_id}")
    now = datetime.now(UTC)
    active = [run for run in runs.recent(store.key) if run.active]
    if not active or active[-1].run_id != run_id:
        live.rerun_page()
    run, *followers = reversed(active)
    st.progress(run.share or 0.0, text=progress_text(run, now))
    rate = run.rate(now)
    if rate and run.state == RunState.RUNNING:
        st.caption(f"{rate:,.0f} records a second so far" if rate >= 1 else "Less than a record a second so far")
    if followers:
        st.caption(
            ":material/schedule: Another sync follows this one. It was requested during this one, and reads the "
            "changes since."
        )


def progress_text(run: RunView, now: datetime) -> str:
    """The records of a run so far, with the total and the time left once they are known."""
    if run.error:
        return f"Waiting: {plain(run.error)}"
    if run.state == RunState.QUEUED:
        return "Waiting for its turn…"
    if run.records_total is None:
        return f"Syncing: {run.records_done:,} records so far"
    text = f"Syncing: {run.records_done:,} of {run.records_total:,} records"
    time_left = run.eta(now)
    return f"{text}, about {formats.span(time_left)} left" if time_left else text


def draw_early_end(run: RunView) -> None:
    """Draw why the last run was canceled or failed."""
    if run.state == RunState.CANCELED:
        st.info(
            "The last sync was canceled. Its orders stay; “Sync now” goes on from there.",
            icon=":material/cancel:",
        )
    elif run.error:
        st.warning(f"The last sync failed. {plain(run.error)}", icon=":material/sync_problem:")


def draw_history(store: StoreView, history: tuple[RunView, ...]) -> None:
    """Draw the runs as a table, with its download."""
    table = history_table(store, history)
    times = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
    st.dataframe(
        table,
        hide_index=True,
        # Ten rows; without the limit, 500 runs would push the buttons off the card.
        height="content" if len(table) <= 10 else 390,
        column_config={"Requested": times, "Records": st.column_config.NumberColumn(format="%,d")},
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
    """The runs, newest first, with times on the store's clock."""
    return pd.DataFrame(
        {
            "Requested": [run.requested_at.astimezone(store.time_zone).replace(tzinfo=None) for run in history],
            "How": [_TRIGGERS[run.trigger] for run in history],
            "Outcome": [_OUTCOMES[run.state] for run in history],
            "Records": [run.records_done for run in history],
            "Duration": [_duration(run) for run in history],
            "Remark": [run.error or "" for run in history],
        }
    )


def _duration(run: RunView) -> str:
    if run.started_at is None or run.finished_at is None:
        return formats.NOTHING
    return formats.span(run.finished_at - run.started_at)
