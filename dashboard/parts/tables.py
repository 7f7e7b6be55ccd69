"""Lists that the server sorts and pages, in a table of our own (`dashboard/components/table`).

Sort and page are in the address, so that a list can be shared and stays after a reload. Nothing from the address or
the browser is trusted: another sort than those of the list is its own one, and a page beyond the last is the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

import streamlit as st

from core.metrics.changes import Change
from core.metrics.sorting import Sort
from core.stores import StoreView
from dashboard.components import Component, leave_to_run
from dashboard.drawing import formats, tiles
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.card_head import draw_head
from dashboard.parts.columns import Column, Kind
from dashboard.state import lists

ROWS = 50
SORT, PAGE = "sort", "page"
TONES = {
    **dict.fromkeys(("paid", "fulfilled", "applied", "done", "completed", "recovered"), "good"),
    **dict.fromkeys(("pending", "authorized", "partially_paid", "unfulfilled", "partial", "on_hold"), "waiting"),
    **dict.fromkeys(("waiting", "running", "unconfirmed"), "waiting"),
    **dict.fromkeys(
        ("cancelled", "refunded", "partially_refunded", "voided", "expired", "failed", "interrupted", "abandoned"),
        "bad",
    ),
}
"""The colours of Shopify's statuses and of webhooks' states; each is also a word."""
_BADGES = {"good": "green", "waiting": "orange", "bad": "red", "": "gray"}
_TABLE = Component("table")


@dataclass(frozen=True, slots=True)
class ListPage:
    """The part of a sorted list that a page of the dashboard shows; `number` counts from 1."""

    sort: Sort[Any]
    own_sort: Sort[Any]
    number: int
    count: int

    @property
    def sort_parameter(self) -> str:
        """The parameter of a download's address; empty for the list's own sort."""
        return "" if self.sort == self.own_sort else str(self.sort)

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, -(-self.count // ROWS))

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.number - 1) * ROWS


def list_page(own_sort: Sort[Any], count: int, *query: Any) -> ListPage:
    """Read sort and page from the address. Another `query` (period, search, status) begins on the first page."""
    typed = st.query_params.get(PAGE, "")
    name = _name(own_sort)
    if lists.is_new_question(name, query, typed):
        st.query_params.pop(PAGE, None)
        typed = ""
    lists.save_question(name, query, typed)
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 1
    first = ListPage(own_sort.named(st.query_params.get(SORT, "")), own_sort, 1, count)
    return replace(first, number=min(max(1, number), first.last))


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
) -> None:
    """Draw a page of a list; `csv` is the address of all its rows, `empty` the sentence in place of no rows."""
    with st.container(border=True, height="stretch"):
        draw_head(title, csv)
        if not records:
            st.caption(empty)
            return
        key = _name(page.sort)
        data = payload(title, records, columns, page, filters)
        _open(
            _TABLE.mount(key, data, on_turn_change=lambda: _turn(key, page.sort), on_open_change=leave_to_run), data
        )


def draw_records(
    title: str,
    records: Sequence[Record],
    columns: Mapping[str, Column],
    store: StoreView,
    csv: str = "",
    empty: str = "",
    currency: str = "",
) -> None:
    """Draw a table that is whole, such as the lines of an order.

    Amounts are in the `currency` of each row, else in that given, else in the store's. `csv` is the address of all
    rows where there are more, `empty` the sentence in place of no rows.
    """
    with st.container(border=True, height="stretch"):
        if csv:
            draw_head(title, csv)
        else:
            st.subheader(title, anchor=False)
        if not records and empty:
            st.caption(empty)
            return
        draw_rows(title, records, columns, store.time_zone, currency or store.currency)


def draw_rows(
    title: str, records: Sequence[Record], columns: Mapping[str, Column], zone: ZoneInfo, currency: str
) -> None:
    """Draw a table without a card; `title` names it for screen readers. Amounts are in the `currency` of their row,
    else in `currency`. A column without a value in any row is left out, but the first. A long table has pages."""
    columns = {
        name: column
        for number, (name, column) in enumerate(columns.items())
        if not number or any(record[name] not in (None, "") for record in records)
    }
    key = f"table of {title}"
    last = max(1, -(-len(records) // ROWS))
    number = lists.shown_page(key, last)
    shown = records[(number - 1) * ROWS : number * ROWS]
    data = {
        "caption": title,
        "sort": "",
        "columns": [_header(name, column, None) for name, column in columns.items()],
        "orders": [],
        "rows": _rows(shown, columns, zone, currency),
        "new": _new(shown),
        "pager": {"number": number, "last": last, "text": _place(number, len(records)) if last > 1 else ""},
    }
    drawn = _TABLE.mount(key, data, on_turn_change=lambda: lists.turn_page(key), on_open_change=leave_to_run)
    _open(drawn, data)


def payload(
    title: str, records: Sequence[Record], columns: Mapping[str, Column], page: ListPage, filters: Filters
) -> dict[str, Any]:
    """The data of the component: every value as text, with the sort that each header requests next."""
    return {
        "caption": title,
        "sort": str(page.sort),
        "columns": [_header(name, column, page.sort) for name, column in columns.items()],
        "orders": [order for column in columns.values() for order in _orders(column)],
        "rows": _rows(records, columns, filters.store.time_zone, filters.currency),
        "new": _new(records),
        "pager": {
            "number": page.number,
            "last": page.last,
            "text": _place(page.number, page.count),
        },
    }


def draw_badges(statuses: Iterable[str]) -> None:
    """Draw statuses as coloured words."""
    badges = [f":{_BADGES[TONES.get(status, '')]}-badge[{plain(formats.status_text(status))}]" for status in statuses]
    st.markdown(" ".join(badges))


def _place(number: int, count: int) -> str:
    """51–100 of 365, for the second page."""
    first, last = (number - 1) * ROWS + 1, min(number * ROWS, count)
    return f"{formats.count(first)}–{formats.count(last)} of {formats.count(count)}"


def _open(result: Any, data: dict[str, Any]) -> None:
    links.open_clicked_link(result.open, (cell.get("href") for row in data["rows"] for cell in row))


def _turn(key: str, own_sort: Sort[Any]) -> None:
    """Write the requested sort and page to the address; the run that follows reads them."""
    turn = lists.last_turn(key)
    if not turn:
        return
    st.query_params[SORT] = str(own_sort.named(str(turn.get("sort", ""))))
    number = turn.get("page")
    st.query_params[PAGE] = str(number if isinstance(number, int) else 1)


def _name(sort: Sort[Any]) -> str:
    return f"list by {type(sort.key).__name__}"


def _header(name: str, column: Column, sort: Sort[Any] | None) -> dict[str, Any]:
    header = {"name": name, "label": column.header, "kind": column.kind.alignment, "help": column.help}
    if column.sort is None or sort is None:
        return header | {"next": None, "direction": None}
    if column.sort != sort.key:
        return header | {"next": str(Sort(column.sort, column.kind.is_largest_first)), "direction": "none"}
    direction = "descending" if sort.is_descending else "ascending"
    return header | {"next": str(Sort(column.sort, not sort.is_descending)), "direction": direction}


def _orders(column: Column) -> list[dict[str, str]]:
    """Both directions of a column, for the choice that replaces the headers on a phone."""
    if column.sort is None:
        return []
    return [
        {"name": str(Sort(column.sort, down)), "label": f"{column.header} {'↓' if down else '↑'}"}
        for down in (column.kind.is_largest_first, not column.kind.is_largest_first)
    ]


def _rows(
    records: Sequence[Record], columns: Mapping[str, Column], zone: ZoneInfo, currency: str
) -> list[list[dict[str, Any]]]:
    return [[_cell(record, name, column, zone, currency) for name, column in columns.items()] for record in records]


def _new(records: Sequence[Record]) -> list[int]:
    """The numbers of the rows that are highlighted because they have just come in."""
    return [number for number, record in enumerate(records) if record.get("just_came_in")]


def _cell(record: Record, name: str, column: Column, zone: ZoneInfo, currency: str) -> dict[str, Any]:
    value = record[name]
    if value is None or value in ("", Change()):
        return {"text": "", "tone": ""}
    href = column.link(record) if column.link else None
    tone = TONES.get(value, "") if column.kind is Kind.STATUS else ""
    cell = {"text": _text(value, column.kind, zone, record.get("currency", currency)), "tone": tone}
    note = record[column.note] if column.note else None
    if column.kind is Kind.TREND:
        return cell | {"values": [float(point) for point in value.points]}
    return cell | ({"href": href} if href else {}) | ({"note": note} if note else {})


def _text(value: Any, kind: Kind, zone: ZoneInfo, currency: str) -> str:
    match kind:
        case Kind.MONEY:
            return formats.money(value, currency)
        case Kind.COUNT:
            return formats.count(value)
        case Kind.SHARE:
            return formats.percent(value)
        case Kind.RATIO:
            return formats.ratio(value)
        case Kind.CHANGE:
            return f"{tiles.ARROWS[value.direction]} {formats.change(value)}".strip()
        case Kind.TREND:
            return str(value.text)
        case Kind.PRECISE_INSTANT:
            return formats.precise_instant(value, zone)
        case Kind.INSTANT:
            return formats.instant(value, zone)
        case Kind.DAY:
            return formats.day(value.astimezone(zone))
        case Kind.FLAG:
            return "Yes" if value else ""
        case Kind.STATUS:
            return formats.status_text(value)
        case Kind.TEXT:
            return str(value)
