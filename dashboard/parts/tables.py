"""Lists that the server sorts and pages, in a table of our own (`dashboard/components/table`).

Sort and page are in the address, so that a list can be shared and stays after a reload. Nothing from the address or
the browser is trusted: another sort than those of the list is its own one, and a page beyond the last is the last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import streamlit as st

from core.metrics.paging import Columns, Cursor, Page, read_cursor
from core.metrics.sorting import Sort
from core.stores import StoreView
from dashboard.addresses import HIDDEN
from dashboard.components import Component, leave_to_run
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.card_grid import Card, draw_cards, table_key
from dashboard.parts.columns import Column
from dashboard.parts.rows import (
    AFTER,
    BEFORE,
    ROWS,
    TONES,
    ListPage,
    addresses_of,
    last_page,
    list_payload,
    table_payload,
)
from dashboard.state import lists

SORT, PAGE = "sort", "page"
_LONGEST = 3_000
_FEW = 5
"""Columns of a list that has no choice of them."""
_BADGES = {"good": "green", "waiting": "orange", "bad": "red", "": "gray"}
_TABLE = Component("table")
_NO_COLUMNS: Mapping[Any, Columns] = MappingProxyType({})
RowT = TypeVar("RowT")
__all__ = [
    "ROWS",
    "ListPage",
    "draw_badges",
    "draw_list",
    "draw_records",
    "draw_rows",
    "draw_search",
    "hidden_columns",
    "list_page",
    "read_rows",
    "records_card",
]


def list_page(
    own_sort: Sort[Any],
    count: int,
    *query: Any,
    most: int | None = None,
    sorts: Collection[Any] | None = None,
    columns: Mapping[Any, Columns] = _NO_COLUMNS,
) -> ListPage:
    """Read sort and page from the address. Another `query` (period, search, status) begins on the first page.

    Rows are counted up to `most` and one more: such a list has pages up to `most` rows. `sorts` are the keys that
    a list of so many rows offers, by default all; `columns` are those of sorts with cursors.
    """
    typed = st.query_params.get(PAGE, "")
    name = _name(own_sort)
    if lists.is_new_question(name, query, typed):
        st.query_params.pop(PAGE, None)
        typed = ""
    lists.save_question(name, query, typed)
    place, _, beside = typed.partition(".")
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 10 else 1
    sort = own_sort.named(st.query_params.get(SORT, ""))
    is_offered = sorts is None or sort.key in sorts
    first = ListPage(sort if is_offered else own_sort, own_sort, 1, count, sorts=sorts)
    if most is not None and count > most:
        first = replace(first, count=most, is_capped=True)
    page = replace(first, number=min(max(1, number), first.last))
    side, _, written = beside.partition(".")
    if page.number != number or side not in (BEFORE, AFTER) or page.sort.key not in columns:
        return page
    return replace(page, cursor=read_cursor(written, columns[page.sort.key], side == BEFORE))


def read_rows(page: ListPage, read: Callable[[int, Cursor | None], Page[RowT]]) -> tuple[tuple[RowT, ...], ListPage]:
    """Read the rows of a page by its cursor, else by its offset; returns them, and the page with its cursors.

    Rows may have left since the cursor was written: a page that lost some is read by its offset.
    """
    found = read(page.offset, page.cursor)
    is_last = page.number == page.last and not (page.cursor and page.cursor.is_before)
    if page.cursor and len(found.rows) < (1 if is_last else ROWS):
        found = read(page.offset, None)
    return found.rows, page.beside(found)


def draw_search(key: str, placeholder: str, width: int | Literal["stretch"] = "stretch") -> str:
    """Draw the search of a list. `key` names its parameter in the address, so each page has its own."""
    entry = st.text_input(
        "Search", placeholder=placeholder, key=key, bind="query-params", type="search", max_chars=100, width=width
    )
    return entry or ""


def draw_list(
    title: str,
    records: Sequence[Record],
    columns: Mapping[str, Column],
    page: ListPage,
    filters: Filters,
    csv: str,
    empty: str,
    others: Mapping[str, str] | None = None,
    has_choice: bool = True,
) -> None:
    """Draw a page of a list; `csv` is the address of all its rows, `empty` the sentence in place of no rows.

    `others` are the addresses of further files by their names. With `has_choice`, the reader chooses among columns,
    if they are more than a few.
    """
    has_choice = has_choice and len(columns) > _FEW
    hidden = hidden_columns(page.sort, columns) if has_choice else frozenset()
    data = list_payload(title, records, columns, page, filters.store.time_zone, filters.currency, hidden)
    if has_choice:
        data["choice"] = _choice(page.sort, columns, hidden)
    draw_cards(
        _name(page.sort),
        [Card(title, csv, "table" if records else "", data, empty=empty, others=others)],
        turn=lambda turn: _turn(turn, page.sort),
    )


def hidden_columns(own_sort: Sort[Any], columns: Mapping[str, Column]) -> frozenset[str]:
    """The columns that the address hides in this list, else those that its reader hid before, else the extra ones.

    The first column always shows. The address names the list before its hidden columns: order.total.items. It has
    them after the page was left too, so that it can be shared.
    """
    name = _list(own_sort)
    typed = st.query_params.get(HIDDEN, "")
    if typed.partition(".")[0] == name:
        lists.save_hidden_columns(name, typed)
    elif typed := lists.hidden_columns(name):
        st.query_params[HIDDEN] = typed[:_LONGEST]
    usual = frozenset(each for each, column in columns.items() if column.is_extra)
    chosen = frozenset(typed.split(".")[1:]) if typed.partition(".")[0] == name else usual
    return chosen & {*list(columns)[1:]}


def draw_records(
    title: str,
    records: Sequence[Record],
    columns: Mapping[str, Column],
    store: StoreView,
    csv: str = "",
    empty: str = "",
    currency: str = "",
    unit: str = "",
) -> None:
    """Draw a table that is whole, such as the lines of an order, in its card; the arguments are `records_card`'s."""
    draw_cards(title, [records_card(title, records, columns, store, csv, empty, currency, unit)])


def records_card(
    title: str,
    records: Sequence[Record],
    columns: Mapping[str, Column],
    store: StoreView,
    csv: str = "",
    empty: str = "",
    currency: str = "",
    unit: str = "",
) -> Card:
    """The card of a table that is whole.

    Amounts are in the `currency` of each row, else in that given, else in the store's. `csv` is the address of all
    rows where there are more, `empty` the sentence in place of no rows, `unit` the line below the title.
    """
    number = lists.shown_page(table_key(title), last_page(len(records)))
    data = table_payload(title, records, columns, store.time_zone, currency or store.currency, number)
    return Card(title, csv, "table" if records or not empty else "", data, unit=unit, empty=empty)


def draw_rows(
    title: str, records: Sequence[Record], columns: Mapping[str, Column], zone: ZoneInfo, currency: str
) -> None:
    """Draw a table without a card; `title` names it for screen readers. Amounts are in the `currency` of their row,
    else in `currency`. A column without a value in any row is left out, but the first. A long table has pages."""
    key = table_key(title)
    number = lists.shown_page(key, last_page(len(records)))
    data = table_payload(title, records, columns, zone, currency, number)
    drawn = _TABLE.mount(key, data, on_turn_change=lambda: lists.turn_page(key), on_open_change=leave_to_run)
    links.open_clicked_link(drawn.open, addresses_of(data))


def draw_badges(statuses: Iterable[str]) -> None:
    """Draw statuses as coloured words."""
    badges = [f":{_BADGES[TONES.get(status, '')]}-badge[{plain(formats.status_text(status))}]" for status in statuses]
    st.markdown(" ".join(badges))


def _turn(turn: Mapping[str, object], own_sort: Sort[Any]) -> None:
    """Write the requested sort and page, or the columns, to the address; the run that follows reads them."""
    if isinstance(hidden := turn.get("hidden"), str):
        lists.save_hidden_columns(_list(own_sort), hidden[:_LONGEST])
        st.query_params.pop(HIDDEN, None)
        if hidden:
            st.query_params[HIDDEN] = hidden[:_LONGEST]
        return
    st.query_params[SORT] = str(own_sort.named(str(turn.get("sort", ""))))
    number = turn.get("page")
    st.query_params[PAGE] = str(number)[:_LONGEST] if isinstance(number, int | str) else "1"


def _name(sort: Sort[Any]) -> str:
    return f"list by {type(sort.key).__name__}"


def _list(sort: Sort[Any]) -> str:
    """The name of a list in addresses and cookies, such as "order"."""
    return type(sort.key).__name__.removesuffix("Key").lower()


def _choice(sort: Sort[Any], columns: Mapping[str, Column], hidden: Collection[str]) -> dict[str, Any]:
    """The menu of the list's columns. The first one names the rows, so it cannot be hidden."""
    name = _list(sort)
    return {
        "list": name,
        "cookie": lists.columns_cookie(name),
        "columns": [
            {"name": each, "label": column.header, "is_shown": each not in hidden, "is_usual": not column.is_extra}
            for each, column in list(columns.items())[1:]
        ],
    }
