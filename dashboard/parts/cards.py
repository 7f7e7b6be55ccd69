"""Cards with a chart or a table, each with the download of all its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.drawing import formats
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.columns import Column, Kind

_ROW_HEIGHT = 35
_MOST_ROWS = 50


def draw_chart(title: str, figure: go.Figure, alt: str, csv: str, help: str | None = None) -> None:
    """Draw a chart; `csv` is the address of its rows."""
    with st.container(border=True, height="stretch"):
        draw_head(title, csv, help)
        st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


def draw_bars(title: str, figure: go.Figure, alt: str, csv: str, addresses: Sequence[str | None], all_: str) -> None:
    """Draw bars. A click on a bar opens the page at its address; a bar without an address opens none.

    A keyboard reaches no bar, so a link leads to `all_`, the address of the list with the same links.
    """
    with st.container(border=True, height="stretch"):
        draw_head(title, csv)
        event: Any = st.plotly_chart(
            figure, config={"displayModeBar": False}, alt=alt, key=f"bars of {title}", on_select="rerun"
        )
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


def draw_head(title: str, csv: str, help: str | None = None) -> None:
    """Draw the head of a card: its title, and the download of all its rows."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(title, anchor=False, help=help)
        st.link_button("Download CSV", csv, icon=":material/download:", type="tertiary")


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
