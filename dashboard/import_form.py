"""On a store's card: import Shopify's own orders CSV, watch it, and see what came of it and what it cannot tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from core import imports
from core.accounts import Action, may
from core.imports import ImportView
from core.stores import StoreView
from dashboard import formats, state, uploads
from dashboard.state import Viewer
from dashboard.words import plain

_OUTCOMES = {"queued": "Waiting", "running": "Running", "succeeded": "Done", "failed": "Failed"}
_SHOWN = 100
_NEWS = timedelta(minutes=15)


def draw(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the section: the import under way, what imported orders cannot tell, the form, and past imports."""
    history = imports.recent(viewer.tenant_id, store.store_id, limit=_SHOWN)
    if history and history[0].active and not history[0].stalled(now):
        _progress(viewer, store)
    elif history:
        _outcome(history[0], now)
    _undated(viewer, store)
    if not (history or may(viewer.role, Action.SYNC)):
        return
    with st.expander("Import orders from a CSV", icon=":material/upload_file:"):
        if may(viewer.role, Action.SYNC):
            _form(store)
        if history:
            _history(store, history, now)


@st.fragment(run_every=1.0)
def _progress(viewer: Viewer, store: StoreView) -> None:
    """The import under way, drawn anew each second; the whole page, when it has ended or the viewer has left."""
    now = datetime.now(UTC)
    if not state.still_here(viewer, now):
        st.rerun()
    latest = imports.recent(viewer.tenant_id, store.store_id, limit=1)
    if not latest or not latest[0].active or latest[0].stalled(now):
        st.rerun()
    st.progress(latest[0].share, text=progress_text(latest[0]))


def progress_text(view: ImportView) -> str:
    """How far an import is."""
    if view.state == "queued":
        return "Import: waiting for its turn…"
    if view.orders_total is None:
        return f"Import: checking {_files(view)}"
    return f"Import: {view.orders_done:,} of {view.orders_total:,} orders"


def _outcome(view: ImportView, now: datetime) -> None:
    """What came of the latest import: a failure until the next one, a success for as long as it is news."""
    if view.stalled(now):
        st.error(f"The import of {_files(view)} was interrupted; import it again.", icon=":material/error:")
    elif view.state == "failed":
        st.error(plain(f"The import failed. {view.error}"), icon=":material/error:")
    elif view.finished_at and now - view.finished_at < _NEWS:
        st.success(f"{formats.count(view.orders_done)} orders of {_files(view)} are in.", icon=":material/check:")


def _undated(viewer: Viewer, store: StoreView) -> None:
    for undated in imports.undated(viewer.tenant_id, store.store_id):
        amount, orders = formats.money(undated.amount, undated.currency), formats.count(undated.orders)
        named = "1 imported order has" if undated.orders == 1 else f"{orders} imported orders have"
        st.info(
            f"{named} refunds without a date, {plain(amount)} in all: a CSV does not tell when money went back. "
            "They are not in the returns of any day until Shopify itself tells of these orders.",
            icon=":material/event_busy:",
        )


def _form(store: StoreView) -> None:
    st.markdown(
        "For orders that the app may not read, such as those older than 60 days: in Shopify, choose "
        "**Orders → Export → All orders** as a plain CSV, and import the file, or all files, that Shopify sends. "
        "What Shopify's API tells of an order always wins over the file, and importing twice does no harm."
    )
    # The browser's own form, for the files go to a route (see `dashboard.uploads`), in the page's font and colour.
    st.html(
        f'<form action="{uploads.ADDRESS}" method="post" enctype="multipart/form-data">'
        f'<input type="hidden" name="store" value="{store.store_id}">'
        '<input type="file" name="files" multiple required accept=".csv,text/csv" aria-label="Orders CSV files" '
        'style="font: inherit; max-width: 100%; margin: 0 0.75rem 0.5rem 0">'
        '<button type="submit" style="font: inherit; color: inherit; background: transparent; cursor: pointer; '
        'border: 1px solid currentColor; border-radius: 0.5rem; padding: 0.4rem 0.9rem">Import orders</button></form>'
    )


def _history(store: StoreView, history: tuple[ImportView, ...], now: datetime) -> None:
    st.dataframe(
        history_table(store, history, now),
        hide_index=True,
        column_config={
            "Asked for": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Orders": st.column_config.NumberColumn(format="localized"),
            "Known from Shopify": st.column_config.NumberColumn(
                format="localized", help="Orders that Shopify itself had told of: they are unchanged."
            ),
            "Not adding up": st.column_config.NumberColumn(
                format="localized", help="Orders whose lines, shipping and taxes do not make their total in the file."
            ),
        },
    )


def history_table(store: StoreView, history: tuple[ImportView, ...], now: datetime) -> pd.DataFrame:
    """The imports as shown, newest first, with times on the store's clock."""
    return pd.DataFrame(
        {
            "Asked for": [view.requested_at.astimezone(store.time_zone).replace(tzinfo=None) for view in history],
            "Files": [", ".join(view.file_names) for view in history],
            "Outcome": ["Interrupted" if view.stalled(now) else _OUTCOMES[view.state] for view in history],
            "Orders": [view.orders_done for view in history],
            "Known from Shopify": [view.orders_kept for view in history],
            "Not adding up": [view.orders_uneven for view in history],
            "Remark": [view.error or "" for view in history],
        }
    )


def _files(view: ImportView) -> str:
    names = view.file_names
    return plain(names[0]) if len(names) == 1 else f"{len(names)} files"
