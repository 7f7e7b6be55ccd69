"""On a store's card: the import of Shopify's orders CSV, with progress, outcome, and data missing in the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from core import imports
from core.accounts import Action, may
from core.imports.views import ImportView, RunState, Uneven
from core.stores import StoreView
from dashboard import addresses
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import live
from dashboard.state import Viewer

_OUTCOMES = {
    RunState.QUEUED: "Waiting",
    RunState.RUNNING: "Running",
    RunState.SUCCEEDED: "Done",
    RunState.FAILED: "Failed",
}
_SHOWN = 100
OTHER_CURRENCIES = "Also take orders in other currencies"
_SHOW_SUCCESS = timedelta(minutes=15)
"""Later, a success is in the table only: on the card it would look like news."""


def draw_imports(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the import under way or the last outcome, undated refunds, the form, and past imports."""
    history = imports.recent(store.key, limit=_SHOWN)
    if history and history[0].active and not history[0].is_stalled(now):
        _draw_progress(viewer, store)
    elif history:
        _draw_outcome(history[0], now)
    _draw_undated(viewer, store)
    if not (history or may(viewer.role, Action.SYNC)):
        return
    with st.expander("Import orders from a CSV", icon=":material/upload_file:"):
        if may(viewer.role, Action.SYNC):
            _draw_form(store)
        if history:
            _draw_history(store, history, now)


@st.fragment
def _draw_progress(viewer: Viewer, store: StoreView) -> None:
    """Draw the import under way as it makes progress; rerun the page when it has ended or the viewer has left."""
    live.follow_work(viewer, f"import-{store.store_id}")
    now = datetime.now(UTC)
    latest = imports.recent(store.key, limit=1)
    if not latest or not latest[0].active or latest[0].is_stalled(now):
        live.rerun_page()
    st.progress(latest[0].share, text=progress_text(latest[0]))


def progress_text(view: ImportView) -> str:
    """The progress of an import."""
    if view.state == RunState.QUEUED:
        return "Import: waiting for its turn…"
    if view.orders_total is None:
        return f"Import: checking {_files(view)}"
    return f"Import: {view.orders_done:,} of {view.orders_total:,} orders"


def _draw_outcome(view: ImportView, now: datetime) -> None:
    """Draw the outcome of the latest import: a failure until the next import, a success for `_SHOW_SUCCESS`."""
    if view.is_stalled(now):
        st.error(f"The import of {_files(view)} was interrupted. Import it again.", icon=":material/error:")
    elif view.state == RunState.FAILED:
        st.error(plain(f"The import failed. {view.error}"), icon=":material/error:")
    elif view.finished_at and now - view.finished_at < _SHOW_SUCCESS:
        orders = formats.counted(view.orders_done, "order")
        st.success(f"{orders} of {_files(view)} {_are(view.orders_done)} in.", icon=":material/check:")
        for note in notes(view):
            st.warning(plain(note), icon=":material/warning:")


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


def _draw_undated(viewer: Viewer, store: StoreView) -> None:
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
        "This is for orders that the app may not read, such as those older than 60 days. In Shopify, choose "
        "**Orders → Export → All orders** as a plain CSV, and import every file that Shopify sends. Orders of "
        "Shopify's API win over those of a file, and a second import does no harm. Do not save the file with a "
        "spreadsheet program first: that changes its times and ids."
    )
    # An HTML form, because the files go to a route: Streamlit's upload widget keeps whole files in memory.
    st.html(
        f'<form action="{addresses.IMPORTS}" method="post" enctype="multipart/form-data">'
        f'<input type="hidden" name="store" value="{store.store_id}">'
        '<input type="file" name="files" multiple required accept=".csv,text/csv" aria-label="Orders CSV files" '
        'style="font: inherit; max-width: 100%; margin: 0 0.75rem 0.5rem 0">'
        '<label style="display: block; margin-bottom: 0.5rem">'
        f'<input type="checkbox" name="currencies" value="all"> {OTHER_CURRENCIES}</label>'
        '<button type="submit" style="font: inherit; color: inherit; background: transparent; cursor: pointer; '
        'border: 1px solid currentColor; border-radius: 0.5rem; padding: 0.4rem 0.9rem">Import orders</button></form>'
    )


def _draw_history(store: StoreView, history: tuple[ImportView, ...], now: datetime) -> None:
    st.dataframe(
        history_table(store, history, now),
        hide_index=True,
        column_config={
            "Requested": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Orders": st.column_config.NumberColumn(format="%,d"),
            "Known from Shopify": st.column_config.NumberColumn(
                format="%,d", help="Orders that Shopify itself had sent before. They are unchanged."
            ),
            "Not adding up": st.column_config.NumberColumn(
                format="%,d",
                help="Orders whose lines, shipping, taxes and duties do not make their total in the file.",
            ),
            "Skipped": st.column_config.NumberColumn(
                format="%,d", help="Orders in a currency that the store has no orders in."
            ),
        },
    )


def history_table(store: StoreView, history: tuple[ImportView, ...], now: datetime) -> pd.DataFrame:
    """The imports, newest first, with times on the store's clock."""
    return pd.DataFrame(
        {
            "Requested": [view.requested_at.astimezone(store.time_zone).replace(tzinfo=None) for view in history],
            "Files": [", ".join(view.file_names) for view in history],
            "Outcome": ["Interrupted" if view.is_stalled(now) else _OUTCOMES[view.state] for view in history],
            "Orders": [view.orders_done for view in history],
            "Known from Shopify": [view.orders_kept for view in history],
            "Not adding up": [view.orders_uneven for view in history],
            "Skipped": [view.orders_skipped for view in history],
            "Remark": [view.error or " ".join(notes(view)) for view in history],
        }
    )


def _files(view: ImportView) -> str:
    names = view.file_names
    return plain(names[0]) if len(names) == 1 else f"{len(names)} files"
