"""Cards with a chart or a table, each with the download of all its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import streamlit as st

from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.parts import links
from dashboard.parts.card_head import draw_head
from dashboard.parts.columns import Column
from dashboard.parts.tables import draw_rows

CONFIG = {"displayModeBar": False}
"""Of plotly: no toolbar over the chart."""


@dataclass(frozen=True, slots=True)
class ChartRows:
    """The data of a chart as a table: the same numbers, for readers who see no chart."""

    caption: str
    columns: Mapping[str, Column]
    records: Sequence[Record]
    zone: ZoneInfo
    currency: str


def draw_chart(
    title: str,
    figure: go.Figure,
    alt: str,
    csv: str,
    help: str | None = None,
    unit: str = "",
    rows: ChartRows | None = None,
) -> None:
    """Draw a chart with its `unit` below the title; `csv` is the address of its rows."""
    with st.container(border=True, height="stretch"):
        draw_head(title, csv, help)
        draw_figure(figure, alt, unit, rows)


def draw_figure(figure: go.Figure, alt: str, unit: str = "", rows: ChartRows | None = None) -> None:
    """Draw a chart in the card that is open, below the head of the card."""
    if unit:
        st.caption(plain(unit))
    st.plotly_chart(figure, config=CONFIG, alt=alt)
    if rows:
        draw_chart_rows(rows)


def draw_chart_rows(rows: ChartRows) -> None:
    """Draw the table of a chart, closed at first. It is sent to the browser only while it is open."""
    key = f"rows of {rows.caption}"
    expander = st.expander("Show as table", type="compact", icon=":material/table_rows:", key=key, on_change="rerun")
    if expander.open:
        with expander:
            draw_rows(rows.caption, rows.records, rows.columns, rows.zone, rows.currency)


def draw_bars(
    title: str,
    figure: go.Figure,
    alt: str,
    csv: str,
    addresses: Sequence[str | None],
    all_: str = "",
    unit: str = "",
    rows: ChartRows | None = None,
) -> None:
    """Draw bars. A click on a bar opens the page at its address; a bar without an address opens none.

    A keyboard reaches no bar, so a link leads to `all_`, the address of the list with the same links.
    """
    with st.container(border=True, height="stretch"):
        draw_head(title, csv)
        if unit:
            st.caption(plain(unit))
        event: Any = st.plotly_chart(figure, config=CONFIG, alt=alt, key=f"bars of {title}", on_select="rerun")
        if rows:
            draw_chart_rows(rows)
        if all_:
            links.draw_page_link(all_, "Open the list", ":material/arrow_forward:")
    open_clicked(event, addresses)


def open_clicked(event: Any, addresses: Sequence[str | None]) -> None:
    """Open the page of the clicked point of a chart; `event` is what `st.plotly_chart` returned."""
    clicked = [point.get("point_index") for point in event["selection"]["points"]]
    # A browser may send any number.
    if clicked and isinstance(clicked[0], int) and 0 <= clicked[0] < len(addresses):
        address = addresses[clicked[0]]
        if address:
            links.open_address(address)
