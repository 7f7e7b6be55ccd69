"""Cards with a chart or a table each, drawn by one component: its cost for the browser is that of one element.

A card has its title, the download of all its rows, and the data of its chart as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.components import Component, leave_to_run
from dashboard.drawing import download_menu
from dashboard.drawing.records import Record
from dashboard.parts import links
from dashboard.parts.columns import Column
from dashboard.parts.rows import addresses_of, last_page, table_payload
from dashboard.state import lists

_CARDS = Component("cards")
_FORMATS = [format_._asdict() for format_ in download_menu.FORMATS]


@dataclass(frozen=True, slots=True)
class ChartRows:
    """The data of a chart as a table: the same numbers, for readers who see no chart."""

    caption: str
    columns: Mapping[str, Column]
    records: Sequence[Record]
    zone: ZoneInfo
    currency: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card: `kind` is the folder of the component that draws its `content`; without one, `empty` stands there.

    `csv` is the address of all its rows, `unit` the line below the title, `more` the address of the page with the
    list. A wide card takes the whole row. All texts are plain, none is Markdown.
    """

    title: str
    csv: str = ""
    kind: str = ""
    content: Mapping[str, Any] | None = None
    help: str | None = None
    unit: str = ""
    empty: str = ""
    rows: ChartRows | None = None
    more: str = ""
    more_label: str = "Open the list"
    is_wide: bool = False
    others: Mapping[str, str] | None = None
    """The addresses of further files by their names."""


def draw_cards(
    label: str, cards: Sequence[Card], columns: int = 1, turn: Callable[[Mapping[str, object]], None] | None = None
) -> None:
    """Draw cards, in one or two columns where there is room; `label` names them, once on a page.

    `turn` answers a click on the header or the pager of a list; a table that is whole keeps its page by itself.
    """
    key = f"cards of {label}"
    data = {"columns": columns, "formats": _FORMATS, "cards": [_payload(card) for card in cards]}
    shown = [table["caption"] for table in _tables(data)]
    captions = [card.rows.caption for card in cards if card.rows]

    def turn_table() -> None:
        asked = lists.last_event(key, "turn")
        if turn:
            turn(asked)
        elif asked.get("table") in shown:
            lists.save_page(table_key(str(asked["table"])), asked.get("page"))

    result = _CARDS.mount(
        key,
        data,
        height="stretch" if len(cards) == 1 else "content",
        on_open_change=leave_to_run,
        on_turn_change=turn_table,
        on_rows_change=lambda: lists.open_rows(lists.last_event(key, "rows"), captions),
    )
    links.open_clicked_link(result.open, _addresses(data))


def table_key(caption: str) -> str:
    """The name under which a tab keeps the page of a table."""
    return f"table of {caption}"


def _payload(card: Card) -> dict[str, Any]:
    return {
        "title": card.title,
        "csv": card.csv,
        "others": dict(card.others or {}),
        "help": card.help or "",
        "unit": card.unit,
        "empty": "" if card.kind else card.empty,
        "kind": card.kind,
        "content": dict(card.content) if card.kind and card.content else {},
        "rows": _rows(card.rows) if card.rows and card.kind else None,
        "more": {"href": card.more, "label": card.more_label} if card.more else None,
        "is_wide": card.is_wide,
    }


def _rows(rows: ChartRows) -> dict[str, Any]:
    """The table of a chart, which is sent only while it is open."""
    if not lists.are_rows_open(rows.caption):
        return {"caption": rows.caption, "table": None}
    number = lists.shown_page(table_key(rows.caption), last_page(len(rows.records)))
    table = table_payload(rows.caption, rows.records, rows.columns, rows.zone, rows.currency, number)
    return {"caption": rows.caption, "table": table}


def _tables(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for card in data["cards"]:
        if card["kind"] == "table":
            yield card["content"]
        if card["rows"] and card["rows"]["table"]:
            yield card["rows"]["table"]


def _addresses(data: Mapping[str, Any]) -> Iterator[str]:
    for table in _tables(data):
        yield from addresses_of(table)
    for card in data["cards"]:
        if card["more"]:
            yield card["more"]["href"]
        content = card["content"]
        for bar in content.get("list", content).get("bars", ()):
            if bar["href"]:
                yield bar["href"]
