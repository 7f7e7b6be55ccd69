"""Cards with a chart or a table, each with the download of all its rows."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components import Component, leave_to_run
from dashboard.drawing import bar_list
from dashboard.drawing.bar_list import Bar
from dashboard.drawing.plot import Plot
from dashboard.drawing.words import plain
from dashboard.parts import links
from dashboard.parts.card_grid import Card, ChartRows, draw_cards
from dashboard.parts.tables import draw_rows

_PLOT, _BARS = Component("chart"), Component("bars")


def draw_figure(plot: Plot, alt: str, unit: str = "", rows: ChartRows | None = None) -> None:
    """Draw a chart in the card that is open, below the head of the card; `alt` says what it shows."""
    if unit:
        st.caption(plain(unit))
    _PLOT.mount(f"chart of {rows.caption if rows else alt}", plot.payload(alt))
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
    bars: Sequence[Bar],
    csv: str,
    all_: str = "",
    all_label: str = "Open the list",
    unit: str = "",
    rows: ChartRows | None = None,
    empty: str = "",
) -> None:
    """Draw amounts by name as bars in their card; the arguments are those of `bars_card`."""
    draw_cards(title, [bars_card(title, bars, csv, all_, all_label, unit, rows, empty)])


def bars_card(
    title: str,
    bars: Sequence[Bar],
    csv: str,
    all_: str = "",
    all_label: str = "Open the list",
    unit: str = "",
    rows: ChartRows | None = None,
    empty: str = "",
) -> Card:
    """The card of amounts by name as bars; each name with an address opens its page.

    `csv` is the address of all rows, `all_` that of the page with the list, `empty` the sentence in place of no bars.
    """
    kind = "bars" if bars or not empty else ""
    content = bar_list.payload(title, bars)
    return Card(
        title, csv, kind, content, unit=unit, empty=empty, rows=rows, more=all_ if kind else "", more_label=all_label
    )


def figure_card(title: str, csv: str, plot: Plot, alt: str, unit: str, rows: ChartRows) -> Card:
    """The card of a chart; `alt` says what it shows, `unit` stands below the title."""
    return Card(title, csv, "chart", plot.payload(alt), unit=unit, rows=rows)


def draw_bar_list(label: str, bars: Sequence[Bar]) -> None:
    """Draw bars in the card that is open; `label` names them for screen readers."""
    result = _BARS.mount(f"bars of {label}", bar_list.payload(label, bars), on_open_change=leave_to_run)
    links.open_clicked_link(result.open, (bar.href for bar in bars))
