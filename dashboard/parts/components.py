"""What pages are made of: the head with its freshness, the row of figures, cards of charts and tables, empty states.

What people typed reaches Streamlit through `words.plain` wherever it would be read as Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core import stores
from core.metrics.changes import Change, change
from core.metrics.definitions import DEFINITIONS
from core.metrics.overview import Point
from core.stores import StoreState, StoreView
from dashboard import reads, state
from dashboard.drawing import formats, frames
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.state import Viewer

ROW_HEIGHT = 35
MOST_ROWS = 50
STORES_PAGE = "app_pages/stores.py"


class Kind(Enum):
    """What a column of a table holds, and so how it is shown."""

    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    INSTANT = "instant"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, what it holds, and a sentence about it; `pinned` stays in sight when scrolled."""

    header: str
    kind: Kind = Kind.TEXT
    help: str | None = None
    pinned: bool = False


def metric_column(metric: str, kind: Kind = Kind.MONEY) -> Column:
    """A column of a defined metric: its name, and its definition beside it."""
    return Column(DEFINITIONS[metric].label, kind, DEFINITIONS[metric].meaning)


def head(title: str, viewer: Viewer, filters: Filters) -> None:
    """The page's title, which store and days it shows, and how fresh they are; from now on, live."""
    st.title(title, anchor=False)
    compared = f", {filters.versus} ({formats.period(filters.compared)})" if filters.compared else ""
    currency = f" · in {filters.currency}" if filters.narrowed else ""
    st.markdown(f"**{plain(filters.store.name)}** · {formats.period(filters.period)}{compared}{currency}")
    st.caption(freshness(filters.store, filters.now))
    live(viewer, filters.store)


def show_left_out(filters: Filters, cure: str = "To see their figures, choose the currency in the sidebar.") -> int:
    """Name the period's orders that its figures leave out, as they are in another currency; returns how many."""
    if len(filters.store.currencies) == 1:
        return 0
    found = reads.left_out(*filters.key, filters.period)
    orders = sum(each.orders for each in found)
    if found:
        st.info(f"{formats.orders_left_out(found)} {cure}", icon=":material/currency_exchange:")
    return orders


def freshness(store: StoreView, now: datetime) -> str:
    """Up to when everything is in, and whether new orders arrive by themselves."""
    if store.state != StoreState.CONNECTED:
        return f":material/link_off: {plain(store.state_reason or 'Not connected.')}"
    if store.complete_until is None:
        return ":material/sync: The first sync has not finished: figures are not complete yet."
    until = f"Complete up to {formats.clock(store.complete_until, store.time_zone, now)} by the last sync"
    if not store.is_live:
        return f":material/schedule: {until} · newer orders come with the next sync"
    return f":material/bolt: {until} · newer orders come in live"


# Seconds. An order is to be here within two, most of which the page itself takes to be drawn anew.
@st.fragment(run_every=0.5)
def live(viewer: Viewer, store: StoreView) -> None:
    """Runs the page again as soon as there is news of the store, or the viewer may no longer look."""
    here = state.is_current(viewer, datetime.now(UTC))
    if not here or stores.find(viewer.tenant_id, store.store_id) != store:
        state.rerun_for_news()


def figures(
    names: Sequence[str],
    now: Any,
    before: Any | None,
    filters: Filters,
    points: Sequence[Point] = (),
) -> None:
    """A row of figures, each with its definition, its change, and its course where `points` are given.

    `now` and `before` have the metrics `names` as attributes; `before` is None where nothing is compared.
    """
    with st.grid(4 if len(names) == 4 else 3, min_column_width=150, gap="small"):
        for name in names:
            _figure(name, getattr(now, name), getattr(before, name) if before else None, filters, points)


def chart(title: str, figure: go.Figure, alt: str, csv: str, help: str | None = None) -> None:
    """A card with a chart and the download of all its rows."""
    with st.container(border=True, height="stretch"):
        _card_head(title, csv, help)
        st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


def table(
    title: str, frame: pd.DataFrame, columns: Mapping[str, Column], filters: Filters, csv: str, empty: str
) -> None:
    """A card with a table and the download of all its rows, also of those that are not on the page."""
    with st.container(border=True, height="stretch"):
        _card_head(title, csv)
        if frame.empty:
            st.caption(empty)
            return
        # A pattern would write the amounts of all rows in one currency, and the minus behind its sign: €-3.00.
        pattern = None if _needs_text(frame, columns, filters) else formats.money_pattern(filters.currency)
        config = {name: _column_config(column, filters, pattern) for name, column in columns.items()}
        # Only what is shown is sent, and all of it: no scrolling inside a page that scrolls.
        height = ROW_HEIGHT * (min(len(frame), MOST_ROWS) + 1) + 3
        st.dataframe(
            _written(frame, columns, filters),
            height=height,
            hide_index=True,
            column_config=config,
            row_height=ROW_HEIGHT,
            placeholder=formats.NOTHING,
            alt=title,
        )


def pages(count: int, size: int, *asked: Any) -> int:
    """The switch between the pages of a list, where it has several; returns how many rows come before this page.

    `asked` is all that the list depends on: with another question, it begins anew on the first page.
    """
    last = max(1, -(-count // size))
    if last == 1:
        return 0
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        page = min(max(1, st.pagination(last, key=f"page of {asked}", max_visible_pages=5)), last)
        first = (page - 1) * size
        st.caption(f"{formats.count(first + 1)}–{formats.count(min(first + size, count))} of {formats.count(count)}")
    return first


def no_store(viewer: Viewer) -> None:
    """Nothing is connected yet: what to do about it."""
    with st.container(border=True):
        st.subheader(":material/storefront: Connect your first store", anchor=False)
        st.markdown(
            f"**{plain(viewer.tenant_name)}** has no Shopify store here yet. Connect one, and its orders, customers "
            "and products are read; the first figures appear while that goes on."
        )
        st.page_link(STORES_PAGE, label="Go to Stores", icon=":material/arrow_forward:")


def no_orders(filters: Filters) -> None:
    """The period has no orders: why that may be, and what to do."""
    with st.container(border=True):
        if filters.store.complete_until is None:
            st.subheader(":material/sync: Your store has not been read yet", anchor=False)
            st.markdown(
                "Orders appear here by themselves as they come in. The Stores page shows how far the sync is."
            )
            st.page_link(STORES_PAGE, label="See the progress", icon=":material/arrow_forward:")
        else:
            st.subheader(":material/event_busy: No orders in this period", anchor=False)
            st.markdown("Choose a longer period in the sidebar. A new order appears here within seconds.")


def _is_mixed(frame: pd.DataFrame, filters: Filters) -> bool:
    """Whether a row's amounts are in another currency than the figures."""
    return "currency" in frame and bool((frame["currency"] != filters.currency).any())


def _needs_text(frame: pd.DataFrame, columns: Mapping[str, Column], filters: Filters) -> bool:
    """Whether one pattern cannot write all amounts: they are in several currencies, or some are negative."""
    return _is_mixed(frame, filters) or bool((frame[_money(columns)].astype(float) < 0).any(axis=None))


def _written(frame: pd.DataFrame, columns: Mapping[str, Column], filters: Filters) -> Any:
    """The columns that are shown; where one pattern cannot write the amounts, each as text in its own currency."""
    shown = frame[list(columns)]
    if not _needs_text(frame, columns, filters):
        return shown
    styler = shown.style
    currencies = frame["currency"] if "currency" in frame else pd.Series(filters.currency, index=frame.index)
    for currency in currencies.unique():
        rows = frame.index[currencies == currency]
        styler.format(partial(_amount, currency=currency), subset=(rows, _money(columns)))
    return styler


def _money(columns: Mapping[str, Column]) -> list[str]:
    return [name for name, column in columns.items() if column.kind is Kind.MONEY]


def _amount(value: float, currency: str) -> str:
    return formats.money(formats.exact(value), currency)


def _figure(name: str, value: Any, before: Any, filters: Filters, points: Sequence[Point]) -> None:
    definition = DEFINITIONS[name]
    difference = change(value, before)
    good = difference.direction * (1 if definition.more_is_better else -1)
    st.metric(
        definition.label,
        formats.metric(name, value, filters.currency),
        delta=None if difference == Change() else formats.change(difference),
        delta_color={1: "green", 0: "off", -1: "red"}[good],  # type: ignore[arg-type]
        delta_arrow={1: "up", 0: "off", -1: "down"}[difference.direction],  # type: ignore[arg-type]
        help=definition.meaning,
        border=True,
        height="stretch",
        chart_data=frames.spark(points, name, filters.now) if points else None,
    )


def _card_head(title: str, csv: str, help: str | None = None) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(title, anchor=False, help=help)
        st.link_button("Download CSV", csv, icon=":material/download:", type="tertiary")


def _column_config(column: Column, filters: Filters, money_pattern: str | None) -> Any:
    common: dict[str, Any] = {"help": column.help, "pinned": column.pinned or None}
    match column.kind:
        case Kind.TEXT:
            return st.column_config.TextColumn(column.header, **common)
        case Kind.COUNT:
            return st.column_config.NumberColumn(column.header, format="%,d", **common)
        case Kind.MONEY:
            return st.column_config.NumberColumn(column.header, format=money_pattern, **common)
        case Kind.INSTANT:
            zone = filters.store.time_zone.key
            return st.column_config.DatetimeColumn(column.header, format="D MMM YYYY, HH:mm", timezone=zone, **common)
        case Kind.FLAG:
            return st.column_config.CheckboxColumn(column.header, **common)
