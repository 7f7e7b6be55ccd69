"""Columns of a table: what each holds, how it is sorted, and what its cells open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum

from core.metrics.definitions import DEFINITIONS
from dashboard.drawing.records import Record


class Kind(Enum):
    """The kind of value in a column."""

    TEXT = "text"
    MONEY = "money"
    AMOUNT = "amount"
    """Money whose currency stands above the table: many columns fit beside each other."""
    COUNT = "count"
    SHARE = "share"
    """A fraction, shown in percent."""
    RATIO = "ratio"
    POINTS = "points"
    """A difference of two fractions, shown in percentage points."""
    CHANGE = "change"
    """A `core.metrics.changes.Change`, with an arrow."""
    TREND = "trend"
    """A `dashboard.drawing.records.Trend`, drawn as a small line."""
    INSTANT = "instant"
    PRECISE_INSTANT = "precise instant"
    """With its seconds: where many happen within a minute."""
    DAY = "day"
    """An instant, shown as its day on the store's clock."""
    CODE = "code"
    """A text of one piece, such as an SKU: it never wraps, and its column is as narrow as it can be."""
    FLAG = "flag"
    STATUS = "status"

    @property
    def alignment(self) -> str:
        """The class of the column's cells: digits of a number stand below each other, and only text wraps."""
        if self in _NUMBERS:
            return "number"
        return "text" if self is Kind.TEXT else "short"

    @property
    def is_largest_first(self) -> bool:
        """Whether the first click on the header shows the largest or latest rows first."""
        return self in (_NUMBERS - {Kind.TREND}) | {Kind.INSTANT, Kind.PRECISE_INSTANT, Kind.DAY}


_NUMBERS = frozenset(
    {Kind.MONEY, Kind.AMOUNT, Kind.COUNT, Kind.SHARE, Kind.RATIO, Kind.POINTS, Kind.CHANGE, Kind.TREND}
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, its kind, and a sentence about it.

    `sort` is the key by which the server sorts the list when the header is clicked; None if it cannot. `link` makes
    the address of the page that a cell opens; None where it opens none. `note` is the name of a value of the record,
    drawn small below the cell's own. `currency` overrides the row's currency for the column's amounts. A list shows
    an `is_extra` column only after its reader chose it.
    """

    header: str
    kind: Kind = Kind.TEXT
    help: str | None = None
    sort: StrEnum | None = None
    link: Callable[[Record], str | None] | None = None
    note: str | None = None
    currency: str = ""
    is_extra: bool = False


def metric_column(
    metric: str, kind: Kind = Kind.MONEY, sort: StrEnum | None = None, is_extra: bool = False
) -> Column:
    """A column of a metric: its name, with its definition beside it."""
    return Column(DEFINITIONS[metric].label, kind, DEFINITIONS[metric].meaning, sort=sort, is_extra=is_extra)
