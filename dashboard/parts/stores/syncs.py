"""Syncs on a store's card: the progress of the active one, the outcome of the last one, and a table of past ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.stores import StoreView
from core.sync import runs
from core.sync.runs import RunState, RunView, Trigger
from dashboard.addresses import undated_csv_address
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.parts import tables, work
from dashboard.parts.card_head import draw_download
from dashboard.parts.columns import Column, Kind
from dashboard.parts.work import Outcome, Progress
from dashboard.state import Viewer
from dashboard.state.messages import Tone

SHOWN = 20
"""The rows of the table. The files have all."""
_OUTCOMES = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "running",
    RunState.SUCCEEDED: "done",
    RunState.FAILED: "failed",
    RunState.CANCELED: "canceled",
}
_TRIGGERS = {
    Trigger.CONNECT: "Connecting",
    Trigger.BUTTON: "By hand",
    Trigger.SCHEDULE: "On schedule",
    Trigger.COMMAND: "By command",
}
_COLUMNS = {
    "requested": Column("Requested", Kind.INSTANT),
    "outcome": Column("Outcome", Kind.STATUS),
    "records": Column("Records", Kind.COUNT),
    "duration": Column("Duration"),
    "how": Column("Started"),
    "remark": Column("Remark"),
}


def draw_sync(viewer: Viewer, store: StoreView, history: Sequence[RunView], now: datetime) -> None:
    """Draw the progress of the active sync, or the outcome of the last one; `history` is newest first."""
    active = [run for run in history if run.active]
    if active:
        run_id = active[-1].run_id
        work.draw_progress(viewer, f"sync-{store.store_id}", lambda now: _read_progress(store, run_id, now))
    elif history:
        work.draw_outcome(outcome_of(history[0], store, now))


def _read_progress(store: StoreView, run_id: int, now: datetime) -> Progress | None:
    """The progress of this run; None once it has ended, or another one is under way."""
    active = [run for run in runs.recent(store.key, limit=2) if run.active]
    if not active or active[-1].run_id != run_id:
        return None
    run = active[-1]
    rate = run.rate(now) if run.state == RunState.RUNNING else None
    notes = []
    if rate:
        notes.append(f"{formats.count(round(rate))} records a second" if rate >= 1 else "Less than a record a second")
    if len(active) > 1:
        notes.append(":material/schedule: One more sync follows, for changes since this one began.")
    return Progress(run.share or 0.0, progress_text(run, now), tuple(notes))


def progress_text(run: RunView, now: datetime) -> str:
    """The records of a run so far, with the total and the time left once they are known."""
    if run.error:
        return f"Waiting: {plain(run.error)}"
    if run.state == RunState.QUEUED:
        return "Waiting for its turn…"
    if run.records_total is None:
        return f"Syncing: {formats.count(run.records_done)} records so far"
    text = f"Syncing: {formats.count(run.records_done)} of {formats.count(run.records_total)} records"
    time_left = run.eta(now)
    return f"{text}, about {formats.span(time_left)} left" if time_left else text


def outcome_of(run: RunView, store: StoreView, now: datetime) -> Outcome:
    """How a run ended, when, and what it brought or how to go on."""
    ended = formats.clock(run.finished_at, store.time_zone, now)
    if run.state == RunState.FAILED:
        reason = plain((run.error or "").rstrip(".") + ".")
        return Outcome(Tone.ERROR, f"**Sync failed {ended}.** {reason} The next scheduled sync tries again.")
    if run.state == RunState.CANCELED:
        return Outcome(Tone.INFO, f"Sync canceled {ended}. Its orders stay; “Sync now” goes on from there.")
    name = "First sync" if run.is_first_load else "Sync"
    is_news = run.trigger != Trigger.SCHEDULE and work.is_news(run.finished_at, now)
    return Outcome(Tone.SUCCESS, f"{name} finished {ended}: {_brought(run)}.", is_news)


def _brought(run: RunView) -> str:
    """What a run brought: 12 orders, 3 new."""
    if not run.records_done:
        return "no changes"
    if run.orders_done is None:
        return formats.counted(run.records_done, "record")
    if not run.orders_done:
        return f"no orders, {formats.counted(run.records_done, 'other record')}"
    orders = formats.counted(run.orders_done, "order")
    return (
        orders
        if run.orders_new is None
        else f"{orders}, {formats.count(run.orders_new) if run.orders_new else 'none'} new"
    )


def draw_history(store: StoreView, history: Sequence[RunView], now: datetime) -> None:
    """Draw the latest runs as a table, with the files of all."""
    title = f"Past syncs of {store.shop_domain}"
    tables.draw_rows(title, records_of(history[:SHOWN]), _COLUMNS, store.time_zone, store.currency)
    draw_download(title, undated_csv_address("syncs", store, now))


def records_of(history: Sequence[RunView]) -> list[Record]:
    """The runs as rows of the table."""
    return [
        {
            "requested": run.requested_at,
            "outcome": _OUTCOMES[run.state],
            "records": run.records_done,
            "duration": _duration(run),
            "how": _TRIGGERS[run.trigger],
            "remark": run.error or "",
        }
        for run in history
    ]


def _duration(run: RunView) -> str:
    if run.started_at is None or run.finished_at is None:
        return ""
    return formats.span(run.finished_at - run.started_at)
