"""Unit costs on the Profit page: what has none, the upload of a CSV, its preview, and past files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import streamlit as st

from core import costs
from core.accounts import Action, may
from core.costs import UnitCostFileView
from core.stores import StoreView
from dashboard import addresses, reads
from dashboard.addresses import csv_address, page_address
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.actions import run_action
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_records, draw_rows
from dashboard.parts.upload_form import draw_upload_form
from dashboard.state import Viewer, messages

_PLACE = "unit costs"
_SHOWN = 50
_CHANGES = {
    "title": Column("Variant"),
    "sku": Column("SKU", Kind.CODE),
    "unit_cost": Column("Unit cost", Kind.MONEY),
    "before": Column("Before", Kind.MONEY),
    "from": Column("From"),
    "line": Column("Line", Kind.COUNT, "The line of the file."),
}
_ERRORS = {"row": Column("Row"), "text": Column("What to do")}
_UNCOSTED = {
    "product": Column("Product"),
    "variant": Column("Variant"),
    "sku": Column("SKU", Kind.CODE),
    "net_sales": Column("Net sales without a cost", Kind.MONEY),
    "sales": Column("Lines", Kind.COUNT, "Lines of orders sold or returned without a known cost."),
}


def draw_unit_costs(viewer: Viewer, filters: Filters) -> None:
    """Draw the variants without a cost; an owner uploads their costs here."""
    store = filters.store
    messages.show(_PLACE)
    if may(viewer.role, Action.ENTER_COSTS):
        file = costs.pending_file(store.key)
        if file:
            _draw_preview(viewer, store, file, filters.now)
        _draw_upload(store, page_address("profit", st.query_params.to_dict(), section="Unit costs"))
    else:
        st.caption("Owners of the business upload unit costs here.")
    rows = reads.uncosted_variants(*filters.cache_key, filters.period, _SHOWN)
    draw_records(
        "Sold without a known cost",
        [asdict(row) for row in rows],
        _UNCOSTED,
        store,
        csv=csv_address("variants-without-cost", store.store_id, filters.period, **filters.currency_filter),
        empty="Every product sold in this period has a cost.",
    )
    _draw_files(store)


def _draw_preview(viewer: Viewer, store: StoreView, file: UnitCostFileView, now: datetime) -> None:
    """Draw what the file would change, and what is wrong with its other rows."""
    with st.container(border=True):
        st.subheader(f"Preview of {plain(file.name)}", anchor=False)
        st.markdown(plain(_summary(file)))
        if file.changes:
            _draw_part("Costs to save", _change_rows(file), _CHANGES, len(file.changes), store)
        if file.errors:
            errors = [{"row": f"Line {error.line}", "text": error.text} for error in file.errors[:_SHOWN]]
            _draw_part("Rows left out", errors, _ERRORS, len(file.errors), store)
        with st.container(horizontal=True):
            count = formats.counted(len(file.changes), "cost")
            if file.changes and st.button(f"Save {count}", type="primary"):
                run_action(
                    lambda: costs.apply_file(viewer.actor, store.store_id, file.file_id, now),
                    lambda saved: f"{formats.counted(saved, 'unit cost')} saved. All figures follow.",
                    _PLACE,
                )
            if st.button("Discard"):
                run_action(
                    lambda: costs.discard_file(viewer.actor, store.store_id, file.file_id), "File discarded.", _PLACE
                )


def _summary(file: UnitCostFileView) -> str:
    """12 costs to save, 3 unchanged, 1 without a cost, 2 rows left out."""
    parts = [f"{formats.counted(len(file.changes), 'cost')} to save"]
    parts += [f"{formats.count(file.unchanged)} saved before"] if file.unchanged else []
    parts += [f"{formats.counted(file.blank, 'row')} without a cost"] if file.blank else []
    parts += [f"{formats.counted(len(file.errors), 'row')} left out"] if file.errors else []
    return f"{formats.listed(parts)}. Nothing is saved yet."


def _change_rows(file: UnitCostFileView) -> list[Record]:
    return [
        asdict(change)
        | {
            "from": "the first order" if change.is_from_start else formats.day(change.valid_from),
            "currency": file.currency,
        }
        for change in file.changes[:_SHOWN]
    ]


def _draw_part(title: str, rows: Sequence[Record], columns: dict[str, Column], count: int, store: StoreView) -> None:
    st.markdown(f"**{title}**")
    draw_rows(title, rows[:_SHOWN], columns, store.time_zone, store.currency)
    if count > _SHOWN:
        st.caption(f"The first {_SHOWN} of {formats.count(count)}.")


def _draw_upload(store: StoreView, back: str) -> None:
    with st.container(border=True):
        st.subheader("Upload unit costs", anchor=False)
        st.markdown(
            "For variants to which Shopify has no cost. A CSV needs the columns **unit_cost** and "
            "**variant_id** or **sku**; **valid_from** (2026-11-21) is optional.\n"
            "1. Download the CSV below, of the variants sold without a cost.\n"
            "2. Fill in its column unit_cost, and upload it here. You see a preview before anything is saved.\n\n"
            f"Amounts are in {store.currency}. Shopify’s export of products works, too. "
            "The word “remove” takes an uploaded cost back."
        )
        # An HTML form, because the file goes to a route: Streamlit's upload widget keeps whole files in memory.
        draw_upload_form(
            addresses.UNIT_COSTS,
            "CSV of unit costs",
            "Show a preview",
            {"store": store.store_id, "back": back},
            ".csv,.txt,text/csv",
        )


def _draw_files(store: StoreView) -> None:
    files = costs.recent_files(store.key)
    if not files:
        return
    with st.expander("Uploaded files", type="compact", icon=":material/history:"):
        draw_rows(
            "Uploaded files",
            [asdict(file) | {"applied_by": file.applied_by or "A former user"} for file in files],
            {
                "name": Column("File"),
                "rows_changed": Column("Costs changed", Kind.COUNT),
                "applied_at": Column("Saved", Kind.INSTANT),
                "applied_by": Column("By"),
            },
            store.time_zone,
            store.currency,
        )
