"""The rows of a table as texts, for the component `dashboard/components/table`. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from core.metrics.changes import Change
from core.metrics.paging import Cursor, Page
from core.metrics.sorting import MOST_SORTED, Sort
from dashboard.drawing import formats, tiles
from dashboard.drawing.records import Record
from dashboard.parts.columns import Column, Kind

BEFORE, AFTER = "before", "after"
"""On which side of a cursor the page is, in its address: 7.after.…"""
ROWS = 50
"""Of a page of a table."""
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


@dataclass(frozen=True, slots=True)
class ListPage:
    """The part of a sorted list that a page of the dashboard shows; `number` counts from 1.

    `is_capped` is whether there are more rows than the `count` that can be paged. Where a `cursor` led here, the page
    begins or ends beside it. `previous` and `next` are the pages around, as addresses have them.
    """

    sort: Sort[Any]
    own_sort: Sort[Any]
    number: int
    count: int
    is_capped: bool = False
    cursor: Cursor | None = None
    previous: str = ""
    next: str = ""
    sorts: Collection[Any] | None = None
    """The keys that can sort a list of so many rows; None for all of its columns."""

    def beside(self, found: Page[Any]) -> ListPage:
        """This page with those around it, by cursors of the rows that it shows. The first page needs none."""
        before = f".{BEFORE}.{found.before}" if found.before and self.number > 2 else ""
        after = f".{AFTER}.{found.after}" if found.after else ""
        return replace(self, previous=f"{self.number - 1}{before}", next=f"{self.number + 1}{after}")

    @property
    def sort_parameter(self) -> str:
        """The parameter of a download's address; empty for the list's own sort."""
        return "" if self.sort == self.own_sort else str(self.sort)

    def title(self, one: str) -> str:
        """1 order · 1,234 orders · More than 10,000 orders."""
        return f"{'More than ' if self.is_capped else ''}{formats.counted(self.count, one)}"

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return last_page(self.count)

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.number - 1) * ROWS


def list_payload(
    title: str,
    records: Sequence[Record],
    columns: Mapping[str, Column],
    page: ListPage,
    zone: ZoneInfo,
    currency: str,
    hidden: Collection[str] = (),
) -> dict[str, Any]:
    """The data of the component: every value as text, with the sort that each header requests next.

    A list can be sorted by `hidden` columns too.
    """
    offered = {name: _offered(column, page) for name, column in columns.items()}
    columns = {name: column for name, column in offered.items() if name not in hidden}
    return {
        "caption": title,
        "sort": str(page.sort),
        "columns": [_header(name, column, page.sort) for name, column in columns.items()],
        "orders": [order for column in offered.values() for order in _orders(column)],
        "rows": _rows(records, columns, zone, currency),
        "new": _new(records),
        "pager": {
            "number": page.number,
            "last": page.last,
            "text": _place(page.number, page.count, page.is_capped),
            "previous": page.previous or page.number - 1,
            "next": page.next or page.number + 1,
        },
    }


def table_payload(
    title: str,
    records: Sequence[Record],
    columns: Mapping[str, Column],
    zone: ZoneInfo,
    currency: str,
    number: int = 1,
) -> dict[str, Any]:
    """The data of a table that is whole: its page of this `number`.

    Amounts are in the `currency` of their row, else in `currency`. A column without a value in any row is left out,
    but the first.
    """
    columns = {
        name: column
        for position, (name, column) in enumerate(columns.items())
        if not position or any(record[name] not in (None, "") for record in records)
    }
    last = last_page(len(records))
    shown = records[(number - 1) * ROWS : number * ROWS]
    return {
        "caption": title,
        "sort": "",
        "columns": [_header(name, column, None) for name, column in columns.items()],
        "orders": [],
        "rows": _rows(shown, columns, zone, currency),
        "new": _new(shown),
        "pager": {
            **{"number": number, "last": last, "previous": number - 1, "next": number + 1},
            "text": _place(number, len(records)) if last > 1 else "",
        },
    }


def last_page(count: int) -> int:
    """The number of the last page; a table without rows has one page."""
    return max(1, -(-count // ROWS))


def addresses_of(data: Mapping[str, Any]) -> Iterator[str]:
    """The addresses that the cells of a table open."""
    return (cell["href"] for row in data["rows"] for cell in row if cell.get("href"))


def _place(number: int, count: int, is_capped: bool = False) -> str:
    """51–100 of 365, for the second page; of more than 10,000."""
    first, last = (number - 1) * ROWS + 1, min(number * ROWS, count)
    return (
        f"{formats.count(first)}–{formats.count(last)} of {'more than ' if is_capped else ''}{formats.count(count)}"
    )


def _offered(column: Column, page: ListPage) -> Column:
    """The column as a list of so many rows has it: without a sort that would take seconds, and with the reason."""
    if column.sort is None or page.sorts is None or column.sort in page.sorts:
        return column
    reason = f"Sorts up to {formats.count(MOST_SORTED)} rows: choose a shorter period, or search."
    return replace(column, sort=None, help=f"{column.help} {reason}" if column.help else reason)


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
    own_currency = column.currency or record.get("currency", currency)
    cell = {"text": _text(value, column.kind, zone, own_currency), "tone": tone}
    note = record[column.note] if column.note else None
    if column.kind is Kind.TREND:
        return cell | {"values": [float(point) for point in value.points]}
    return cell | ({"href": href} if href else {}) | ({"note": note} if note else {})


def _text(value: Any, kind: Kind, zone: ZoneInfo, currency: str) -> str:
    match kind:
        case Kind.MONEY:
            return formats.money(value, currency)
        case Kind.AMOUNT:
            return formats.plain_amount(value, currency)
        case Kind.POINTS:
            return formats.points(value)
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
        case Kind.TEXT | Kind.CODE:
            return str(value)
