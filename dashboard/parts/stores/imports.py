"""On a store's card: the import of Shopify's orders CSV, with progress, outcome, and data missing in the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core import imports
from core.accounts import Action, may
from core.imports.views import ImportView, RunState, Uneven
from core.stores import StoreView
from dashboard import addresses
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.parts import tables, work
from dashboard.parts.card_head import draw_download
from dashboard.parts.columns import Column, Kind
from dashboard.parts.upload_form import draw_upload_form
from dashboard.parts.work import Outcome, Progress
from dashboard.state import Viewer, forms
from dashboard.state.messages import Tone

_OUTCOMES = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "running",
    RunState.SUCCEEDED: "done",
    RunState.FAILED: "failed",
}
_SHOWN = 20
_COLUMNS = {
    "requested": Column("Requested", Kind.INSTANT),
    "files": Column("Files"),
    "outcome": Column("Outcome", Kind.STATUS),
    "orders": Column("Orders", Kind.COUNT),
    "known": Column("Known", Kind.COUNT, "Orders that Shopify itself had sent before. They are unchanged."),
    "uneven": Column(
        "Not adding up",
        Kind.COUNT,
        "Orders whose lines, shipping, taxes and duties do not make their total in the file.",
    ),
    "skipped": Column("Skipped", Kind.COUNT, "Orders in a currency that the store has no orders in."),
    "remark": Column("Remark"),
}
OTHER_CURRENCIES = "Also take orders in other currencies"


def draw_import(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the progress of the active import, or the news of the last one, and refunds without a date."""
    latest = _latest(store)
    if latest and latest.active and not latest.is_stalled(now):
        work.draw_progress(viewer, f"import-{store.store_id}", lambda now: _read_progress(store, now))
    elif latest:
        _draw_outcome(latest, store, now)
    _draw_undated(store)


def draw_section(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the form and the past imports behind an expander."""
    history = imports.recent(store.key, limit=_SHOWN)
    if not (history or may(viewer.role, Action.SYNC)):
        return
    with st.expander(
        "Import orders from a CSV",
        icon=":material/upload_file:",
        type="compact",
        key=_section(store.store_id),
        on_change="rerun",
    ):
        if may(viewer.role, Action.SYNC):
            _draw_form(store)
        if history:
            title = f"Past imports of {store.shop_domain}"
            tables.draw_rows(title, records_of(history, now), _COLUMNS, store.time_zone, store.currency)
            draw_download(title, addresses.undated_csv_address("imports", store, now))


def last_finished_at(store: StoreView) -> datetime | None:
    """When the latest import ended; None while one is active, and without any."""
    latest = _latest(store)
    return latest.finished_at if latest else None


def open_section(store: StoreView) -> None:
    """Open the expander with the form. A callback."""
    forms.open_expander(_section(store.store_id))


def _latest(store: StoreView) -> ImportView | None:
    return next(iter(imports.recent(store.key, limit=1)), None)


def _read_progress(store: StoreView, now: datetime) -> Progress | None:
    """The progress of the latest import; None once it has ended or was interrupted."""
    latest = _latest(store)
    if latest is None or not latest.active or latest.is_stalled(now):
        return None
    return Progress(latest.share, progress_text(latest))


def progress_text(view: ImportView) -> str:
    """The progress of an import."""
    if view.state == RunState.QUEUED:
        return "Import: waiting for its turn…"
    if view.orders_total is None:
        return f"Import: checking {_files(view)}"
    return f"Import: {formats.count(view.orders_done)} of {formats.count(view.orders_total)} orders"


def _draw_outcome(view: ImportView, store: StoreView, now: datetime) -> None:
    """Draw the outcome of the latest import: a failure until the next import, a success while it is news."""
    if view.state == RunState.SUCCEEDED and not work.is_news(view.finished_at, now):
        return
    work.draw_outcome(outcome_of(view, store, now))
    if view.state == RunState.SUCCEEDED:
        for note in notes(view):
            st.warning(plain(note), icon=":material/warning:")


def outcome_of(view: ImportView, store: StoreView, now: datetime) -> Outcome:
    """How an import ended, when, and what it brought or what to do."""
    if view.is_stalled(now):
        return Outcome(Tone.ERROR, f"**The import of {_files(view)} was interrupted.** Import it again.")
    ended = formats.clock(view.finished_at, store.time_zone, now)
    if view.state == RunState.FAILED:
        return Outcome(Tone.ERROR, f"**Import failed {ended}.** {plain(view.error or '')}")
    orders = formats.counted(view.orders_done, "order")
    return Outcome(Tone.SUCCESS, f"Import finished {ended}: {orders} of {_files(view)}.", is_news=True)


def notes(view: ImportView) -> list[str]:
    """The warnings about an import that succeeded; each names ten orders at most."""
    warnings = []
    if view.orders_skipped:
        names = _named([f"{order.name} ({order.currency})" for order in view.skipped], view.orders_skipped)
        orders = formats.counted(view.orders_skipped, "order")
        warnings.append(
            f"{orders} in another currency than the store’s {_was(view.orders_skipped)} skipped: {names}. "
            f"To take {_them(view.orders_skipped)}, import the files again with “{OTHER_CURRENCIES}” ticked."
        )
    if view.orders_uneven:
        names = _named([_uneven(order) for order in view.uneven], view.orders_uneven)
        orders = formats.counted(view.orders_uneven, "order")
        verb = "does" if view.orders_uneven == 1 else "do"
        warnings.append(
            f"{orders} {verb} not add up in the file, and {_are(view.orders_uneven)} counted by the lines: {names}."
        )
    return warnings


def _uneven(order: Uneven) -> str:
    stated, summed = formats.money(order.total, order.currency), formats.money(order.worth, order.currency)
    return f"{order.name} ({stated} in the file, {summed} by its lines)"


def _named(names: list[str], total: int) -> str:
    others = [f"{formats.count(total - len(names))} more"] if total > len(names) else []
    return formats.listed([*names, *others])


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _draw_undated(store: StoreView) -> None:
    for undated in imports.undated(store.key):
        amount, orders = formats.money(undated.amount, undated.currency), formats.count(undated.orders)
        who = "1 imported order has" if undated.orders == 1 else f"{orders} imported orders have"
        st.info(
            f"{who} refunds without a date, {plain(amount)} in all: a CSV has no dates of refunds. "
            "Returns do not include these refunds until Xeno gets these orders from Shopify.",
            icon=":material/event_busy:",
        )


def _draw_form(store: StoreView) -> None:
    st.markdown(
        "For orders that Shopify does not show to the app, such as those older than 60 days.\n"
        "1. In Shopify, choose **Orders → Export → All orders**, as a plain CSV.\n"
        "2. Import every file that Shopify mails you, unchanged: a spreadsheet changes times and ids.\n\n"
        "Orders that Shopify sent itself stay as they are. A second import of a file does no harm."
    )
    draw_upload_form(
        addresses.IMPORTS,
        "Orders CSV files",
        "Import orders",
        {"store": store.store_id},
        ".csv,text/csv",
        is_multiple=True,
        checkbox=("currencies", "all", OTHER_CURRENCIES),
    )


def records_of(history: Sequence[ImportView], now: datetime) -> list[Record]:
    """The imports as rows of the table."""
    return [
        {
            "requested": view.requested_at,
            "files": ", ".join(view.file_names),
            "outcome": "interrupted" if view.is_stalled(now) else _OUTCOMES[view.state],
            "orders": view.orders_done,
            "known": view.orders_kept,
            "uneven": view.orders_uneven,
            "skipped": view.orders_skipped,
            "remark": view.error or " ".join(notes(view)),
        }
        for view in history
    ]


def _section(store_id: int) -> str:
    return f"imports-{store_id}"


def _files(view: ImportView) -> str:
    names = view.file_names
    return plain(names[0]) if len(names) == 1 else f"{len(names)} files"
