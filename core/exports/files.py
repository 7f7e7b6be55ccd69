"""What a file is: the statement of its rows, and how each of its columns is written, added up and named.

One description serves every format. CSV is written by PostgreSQL itself; a workbook gets the values as texts and
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from core.accounts import Action
from core.domain.money import MINOR_DIGITS
from core.domain.periods import Grain
from core.metrics.sorting import Sort

_OWN_DIGITS = f"CASE currency {' '.join(f'WHEN {code!r} THEN {n}' for code, n in MINOR_DIGITS.items())} ELSE 2 END"

# Signs without a width or an ink, which a spreadsheet may skip before a formula.
_UNSEEN = (
    r"\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0"
)
# Spreadsheets also run formulas that begin with full-width signs, or with a sign behind spaces or a line end.
_RUNS = rf"^[\s{_UNSEEN}]*[=+\-@＝＋－＠]|^[\t\r\n{_UNSEEN}]"
_NAMES = "(SELECT string_agg(o ->> 'name', ' ' ORDER BY o ->> 'name') FROM jsonb_array_elements({0}) o)"
_RECORD = "(split_part(topic, '/', 1) || '/' || {0})"
_FLAG = "CASE WHEN {0} THEN 'yes' ELSE 'no' END"
_LONGEST = 32_000
"""Excel holds 32,767 units of UTF-16 in a cell."""


def _guarded(text: str) -> str:
    return f"CASE WHEN {text} ~ '{_RUNS}' THEN chr(39) || {text} ELSE {text} END"


def _cut(text: str) -> str:
    return f'"left"({text}, {_LONGEST})'


class Style(Enum):
    """How a workbook shows a column. A SERIAL day or time is the number of days since 1899-12-30."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    OWN_MONEY = "money in the currency of its row"
    SHARE = "share"
    RATIO = "ratio"
    TIME = "time"
    DAY = "day"


class Kind(Enum):
    """How a column is written in CSV and in a workbook, with which style, and whether it may be added up.

    `{0}` is the column and `{1}` the kind of record that an id is of. OWN_… is in the currency of its row. A SHARE is
    a fraction: 0.25 is a quarter. AMOUNT and COUNT are added up; a LEVEL is an amount and a NUMBER a count that must
    not be: a price, a running sum, or customers, who come on several days.
    """

    TEXT = (_guarded("{0}"), _cut("{0}"), Style.TEXT)
    # Spreadsheets round long numbers. As Shopify's own global id, it stays a text.
    ID = ("'gid://shopify/{1}/' || {0}", "CAST({0} AS text)", Style.TEXT)
    RECORD = (_guarded(_RECORD), _cut(_RECORD), Style.TEXT)
    NAMED = (_guarded(_NAMES), _cut(_NAMES), Style.TEXT)
    COUNT = ("{0}", "{0}", Style.NUMBER, True)
    NUMBER = ("{0}", "{0}", Style.NUMBER)
    DAYS = ("round({0}, 1)", "round({0}, 1)", Style.NUMBER)
    SHARE = ("round({0}, 4)", "round({0}, 4)", Style.SHARE)
    RATIO = ("round({0}, 4)", "round({0}, 4)", Style.RATIO)
    AMOUNT = ("round({0}, :digits)", "round({0}, :digits)", Style.MONEY, True)
    LEVEL = ("round({0}, :digits)", "round({0}, :digits)", Style.MONEY)
    OWN_AMOUNT = (f"round({{0}}, {_OWN_DIGITS})", f"round({{0}}, {_OWN_DIGITS})", Style.OWN_MONEY, True)
    OWN_LEVEL = (f"round({{0}}, {_OWN_DIGITS})", f"round({{0}}, {_OWN_DIGITS})", Style.OWN_MONEY)
    TIME = (
        "to_char({0} AT TIME ZONE :zone, 'YYYY-MM-DD HH24:MI:SS')",
        "round(extract(epoch FROM date_trunc('second', {0} AT TIME ZONE :zone) - timestamp '1899-12-30') / 86400, 9)",
        Style.TIME,
    )
    TEXT_OF_DAY = ("to_char({0}, 'YYYY-MM-DD')", "CAST({0} AS date) - date '1899-12-30'", Style.DAY)
    FLAG = (_FLAG, _FLAG, Style.TEXT)
    CURRENCY = ("CAST(:currency AS text)", "CAST(:currency AS text)", Style.TEXT)
    ZONE = ("CAST(:zone AS text)", "CAST(:zone AS text)", Style.TEXT)

    def __init__(self, csv: str, cell: str, style: Style, is_added: bool = False) -> None:
        self.csv, self.cell, self.style, self.is_added = csv, cell, style, is_added


_RECORDS = {
    "order_id": "Order",
    "product_id": "Product",
    "other_id": "Product",
    "variant_id": "ProductVariant",
    "location_id": "Location",
    "checkout_id": "AbandonedCheckout",
    "customer_id": "Customer",
}
"""The kind of record of each id, as in Shopify's global ids."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file by its name in the statement."""

    name: str
    kind: Kind

    @property
    def csv(self) -> str:
        """The SQL of its values in CSV."""
        return self._sql(self.kind.csv)

    @property
    def cell(self) -> str:
        """The SQL of its values in a workbook, and of those that are added up."""
        return self._sql(self.kind.cell)

    def _sql(self, template: str) -> str:
        # Names and templates are ours.
        return template.replace("{0}", f'"{self.name}"').replace("{1}", _RECORDS.get(self.name, ""))


@dataclass(frozen=True, slots=True)
class Export:
    """A file: the statement of its rows, and its columns, each as "name=kind".

    A list has a function that makes its statement of a sort, and the sort that it has without another one. `title`
    names the file, and `row` says of what each row is. `meanings` names the definition of a column where that of its
    name is another one (see `core.exports.definitions`). `action` is what a user's role must allow.
    """

    statement: str | Callable[[Sort[Any]], str]
    columns: str
    sort: Sort[Any] | None = None
    grain: Grain | None = None
    """The width of the points of a file that always has the same; else the page chooses it."""
    title: str = ""
    row: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    action: Action = Action.DOWNLOAD

    @property
    def parsed(self) -> tuple[Column, ...]:
        """The columns in their order."""
        pairs = (column.split("=") for column in self.columns.split())
        return tuple(Column(name, Kind[kind.upper()]) for name, kind in pairs)

    def sorted_by(self, sort: str) -> str:
        """The statement, in the order that `sort` names (see `core.metrics.sorting`), else in that of the list."""
        if isinstance(self.statement, str) or self.sort is None:
            return str(self.statement)
        return self.statement(self.sort.named(sort))
