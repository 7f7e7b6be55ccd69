"""Cards with a chart or a table, each with the download of all its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.card_head import draw_head
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_rows

CONFIG = {"displayModeBar": False}
"""Of plotly: no toolbar over the chart."""
_ROW_HEIGHT = 35
_MOST_ROWS = 50


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
    clicked = [point.get("point_index") for point in event["selection"]["points"]]
    # A browser may send any number.
    if clicked and isinstance(clicked[0], int) and 0 <= clicked[0] < len(addresses):
        address = addresses[clicked[0]]
        if address:
            links.open_address(address)


def draw_table(
    title: str, frame: pd.DataFrame, columns: Mapping[str, Column], filters: Filters, csv: str, empty: str
) -> None:
    """Draw a table; `csv` is the address of all its rows, `empty` the sentence in place of no rows."""
    with st.container(border=True, height="stretch"):
        draw_head(title, csv)
        if frame.empty:
            st.caption(empty)
            return
        # A pattern would write all amounts in one currency, and the minus behind its sign: €-3.00.
        pattern = None if _needs_text(frame, columns, filters) else formats.money_pattern(filters.currency)
        config = {name: column.config(filters.store.time_zone, pattern) for name, column in columns.items()}
        # As high as its rows: a table that scrolls inside a page that scrolls is hard to use on a phone.
        height = _ROW_HEIGHT * (min(len(frame), _MOST_ROWS) + 1) + 3
        st.dataframe(
            _styled(frame, columns, filters),
            height=height,
            hide_index=True,
            column_config=config,
            row_height=_ROW_HEIGHT,
            placeholder=formats.NOTHING,
            alt=title,
        )


def _needs_text(frame: pd.DataFrame, columns: Mapping[str, Column], filters: Filters) -> bool:
    """Whether one pattern cannot write all amounts: they are in several currencies, or some are negative."""
    is_mixed = "currency" in frame and bool((frame["currency"] != filters.currency).any())
    return is_mixed or bool((frame[_money_columns(columns)].astype(float) < 0).any(axis=None))


def _styled(frame: pd.DataFrame, columns: Mapping[str, Column], filters: Filters) -> Any:
    """The shown columns; if one pattern cannot write the amounts, each as text in its own currency."""
    shown = frame[list(columns)]
    if not _needs_text(frame, columns, filters):
        return shown
    styler = shown.style
    currencies = frame["currency"] if "currency" in frame else pd.Series(filters.currency, index=frame.index)
    for currency in currencies.unique():
        rows = frame.index[currencies == currency]
        styler.format(partial(_amount, currency=currency), subset=(rows, _money_columns(columns)))
    return styler


def _money_columns(columns: Mapping[str, Column]) -> list[str]:
    return [name for name, column in columns.items() if column.kind is Kind.MONEY]


def _amount(value: float, currency: str) -> str:
    return formats.money(formats.exact(value), currency)
