"""What a file is: the statement of its rows, and how each of its columns is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from core.domain.money import MINOR_DIGITS
from core.domain.periods import Grain
from core.metrics.sorting import Sort

_OWN_DIGITS = f"CASE currency {' '.join(f'WHEN {code!r} THEN {n}' for code, n in MINOR_DIGITS.items())} ELSE 2 END"


class Kind(Enum):
    """The SQL that writes a column; `{0}` is the column. An OWN_AMOUNT is in the currency of its row.

    A SHARE is a fraction: 0.25 is a quarter.
    """

    # Spreadsheets also run formulas that begin with full-width signs, or with a sign behind spaces or a line end.
    TEXT = r"CASE WHEN {0} ~ '^\s*[=+\-@＝＋－＠]|^[\t\r\n]' THEN chr(39) || {0} ELSE {0} END"
    COUNT = "{0}"
    DAYS = "round({0}, 1)"
    SHARE = "round({0}, 4)"
    AMOUNT = "round({0}, :digits)"
    OWN_AMOUNT = f"round({{0}}, {_OWN_DIGITS})"
    TIME = "to_char({0} AT TIME ZONE :zone, 'YYYY-MM-DD HH24:MI:SS')"
    TEXT_OF_DAY = "to_char({0}, 'YYYY-MM-DD')"
    NAMED = TEXT.replace(
        "{0}", "(SELECT string_agg(o ->> 'name', ' ' ORDER BY o ->> 'name') FROM jsonb_array_elements({0}) o)"
    )
    FLAG = "CASE WHEN {0} THEN 'yes' ELSE 'no' END"
    CURRENCY = "CAST(:currency AS text)"
    ZONE = "CAST(:zone AS text)"


@dataclass(frozen=True, slots=True)
class Export:
    """A file: the statement of its rows, and its columns, each as "name=kind".

    A list has a function that makes its statement of a sort, and the sort that it has without another one.
    """

    statement: str | Callable[[Sort[Any]], str]
    columns: str
    sort: Sort[Any] | None = None
    grain: Grain | None = None
    """The width of the points of a file that always has the same; else the page chooses it."""

    @property
    def parsed(self) -> tuple[tuple[str, Kind], ...]:
        """The columns, by name."""
        pairs = (column.split("=") for column in self.columns.split())
        return tuple((name, Kind[kind.upper()]) for name, kind in pairs)

    def sorted_by(self, sort: str) -> str:
        """The statement, in the order that `sort` names (see `core.metrics.sorting`), else in that of the list."""
        if isinstance(self.statement, str) or self.sort is None:
            return str(self.statement)
        return self.statement(self.sort.named(sort))
