"""What a file is about, for its reader: rows, control totals, filters, and the definition of each column.

Control totals are computed by PostgreSQL apart from the file, over the same snapshot. The sum of a column of the file
is its total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from core.exports import explore
from core.exports.definitions import definition
from core.exports.files import Column, Kind, Style
from core.exports.selection import Selection
from core.exports.snapshot import Snapshot
from core.metrics.definition import Definition
from core.metrics.definitions import DEFINITIONS
from core.metrics.explore import Question

_FILTERS = {
    "search": ("Search", ("search", "contained")),
    "status": ("Status", ("status",)),
    "state": ("State", ("state",)),
    "topic": ("Topic", ("topic",)),
    "goods": ("Goods", ("goods",)),
    "product": ("Product id", ("product_id",)),
    "customer": ("Customer key", ("customer_key",)),
    "segment": ("Segment", ("segment",)),
    "term": ("Term", ("key",)),
    "location": ("Location id", ("location_id",)),
    "shown": ("Shown", ("shown",)),
    "lead": ("Days until a delivery", ("lead_days",)),
    "cover": ("Days to cover", ("cover_days",)),
    "fewest": ("Fewest orders", ("fewest",)),
}
"""By name in the address: the label, and the parameters that a statement reads it by."""
_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a column; of an amount, over the rows of one currency. `rows` have a value; None where none has."""

    column: Column
    currency: str
    amount: Decimal | None
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file is about; `rows` counts its rows."""

    selection: Selection
    rows: int
    totals: tuple[Total, ...]

    @property
    def title(self) -> str:
        """The name of the table or chart."""
        return self.selection.export.title

    @property
    def row(self) -> str:
        """Of what each row is, as a sentence."""
        return f"One row for each {self.selection.export.row.replace('{grain}', self.selection.grain)}."

    @property
    def facts(self) -> dict[str, str]:
        """Store, days, time zone, currency, filters and times, by their labels."""
        selection = self.selection
        stores = selection.together or (selection.store,)
        names = ", ".join(f"{store.name} ({store.shop_domain})" for store in stores)
        return {
            "Store" if len(stores) == 1 else "Stores": names,
            **_days(selection),
            "Time zone": ", ".join(dict.fromkeys(store.time_zone.key for store in stores)),
            "Currency": self._currency,
            **_filters(selection),
            "Complete until": _complete_until(selection),
            "Made": _clock(selection.now, selection),
            "Rows": str(self.rows),
        }

    @property
    def columns(self) -> Iterator[tuple[Column, Definition]]:
        """The columns in their order, each with its definition."""
        return ((column, definition(self.selection.export, column)) for column in self.selection.export.parsed)

    @property
    def notes(self) -> tuple[str, ...]:
        """How values are written."""
        return (
            "An empty cell is an unknown value, never zero. A sum leaves it out.",
            "Control totals were added up by the database apart from this file. A column without one must not be "
            "added up.",
            "Times and days follow the store's clock.",
        )

    @property
    def _currency(self) -> str:
        own = any(column.kind.style is Style.OWN_MONEY for column in self.selection.export.parsed)
        return "That of each row, in the column currency" if own else self.selection.currency


def manifest_of(selection: Selection, snapshot: Snapshot) -> Manifest:
    """Count the rows of a file and add up its columns."""
    added = [column for column in selection.export.parsed if column.kind.is_added]
    own = any(column.kind.style is Style.OWN_MONEY for column in added)
    currency = "coalesce(currency, '')" if own else "CAST(:currency AS text)"
    sums = "".join(f", sum({column.cell}), count({column.cell})" for column in added)
    grouped = "GROUP BY 1 ORDER BY 1" if own else ""
    groups = snapshot.rows(f"SELECT {currency}, count(*){sums} FROM ({selection.statement}) answer {grouped}")
    figures = str(selection.parameters["currency"])
    totals = tuple(
        total
        for at, column in zip(range(2, 2 + 2 * len(added), 2), added, strict=True)
        for total in _totals(column, [(group[0], group[at], group[at + 1]) for group in groups], figures)
    )
    return Manifest(selection, sum(int(group[1]) for group in groups), totals)


def _totals(column: Column, sums: Sequence[tuple[str, str | None, str]], figures: str) -> Iterator[Total]:
    """The totals of a column: an amount by the currency of its rows, all others over all rows.

    Amounts that are not in the currency of their row are in that of the `figures`.
    """
    if column.kind.style is not Style.OWN_MONEY:
        known = [Decimal(amount) for _, amount, _ in sums if amount is not None]
        currency = "" if column.kind is Kind.COUNT else figures
        count = sum(int(rows) for _, _, rows in sums)
        yield Total(column, currency, sum(known, Decimal(0)) if known else None, count)
        return
    for currency, amount, rows in sums:
        yield Total(column, currency, None if amount is None else Decimal(amount), int(rows))


def _days(selection: Selection) -> dict[str, str]:
    period, compared = selection.period, selection.compared
    reads = set(_PARAMETER.findall(selection.statement))
    if selection.together:
        ranges = selection.parameters
        first, last = (
            choose(cast(list[date], ranges[name])) for choose, name in ((min, "first_days"), (max, "last_days"))
        )
        return {"Period": f"{first.isoformat()} to {last.isoformat()}, on each store's calendar"}
    facts = (
        {"Period": f"{period.start.isoformat()} to {period.end.isoformat()}"} if reads & {"start", "points"} else {}
    )
    if compared is not None and reads & {"compared_start", "compared_points"}:
        facts["Compared with"] = f"{compared.start.isoformat()} to {compared.end.isoformat()}"
    return facts


def _filters(selection: Selection) -> dict[str, str]:
    """The filters that the statement reads, as they were given."""
    if selection.name == explore.NAME:
        return _question(explore.question_of(selection.filters["question"]))
    reads = set(_PARAMETER.findall(selection.statement))
    filters = {
        label: selection.filters[name]
        for name, (label, parameters) in _FILTERS.items()
        if selection.filters.get(name) and reads & set(parameters)
    }
    return filters or {"Filters": "None"}


def _question(question: Question) -> dict[str, str]:
    only = "; ".join(
        f"{chosen.dimension} {', '.join(value or 'without a value' for value in chosen.values)}"
        for chosen in question.filters
    )
    return {
        "Measures": ", ".join(DEFINITIONS[measure].label for measure in question.measures),
        "By": ", ".join(question.dimensions),
        "Filters": only or "None",
    }


def _complete_until(selection: Selection) -> str:
    stores = selection.together or (selection.store,)
    known = [store.complete_until for store in stores if store.complete_until]
    until = min(known) if len(known) == len(stores) else None
    return _clock(until, selection) if until else "The first sync has not finished: figures are not complete"


def _clock(moment: datetime, selection: Selection) -> str:
    return moment.astimezone(selection.store.time_zone).strftime("%Y-%m-%d %H:%M")
