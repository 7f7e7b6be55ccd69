"""Go from page to page of a sorted list by the key of a row, so that a far page costs as much as the first.

OFFSET reads all rows before the page. A cursor has the values by which the last row of a page is sorted, and the next
page begins behind them in an index. Rows that come or leave meanwhile move no other row to another page.

All columns of a sort have its direction, and only leakproof types compare in an index under row-level security: an
amount is sorted by its thousandths, an integer that PostgreSQL derives.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

RowT = TypeVar("RowT")
Value = str | int | date | datetime | None
_LARGEST = 2**63 - 1
_LONGEST = 2_000
"""Characters of a cursor in an address."""


class Kind(StrEnum):
    """The type of a column that sorts, as PostgreSQL calls it."""

    INTEGER = "bigint"
    TEXT = "text"
    DAY = "date"
    INSTANT = "timestamptz"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that sorts a list, in SQL. Only the first one of a sort may lack a value.

    The first one `is_state` if it has few values: then rows of the cursor's value are read apart from the others,
    because PostgreSQL expects as many rows behind a cursor as its first column alone lets through.
    """

    sql: str
    kind: Kind
    is_nullable: bool = False
    is_state: bool = False


Columns = tuple[Column, ...]
"""What a list is sorted by, all in one direction; the last column is unique."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of a row in a sorted list, by the values of its columns: a page ends before it or begins behind."""

    values: tuple[Value, ...]
    is_before: bool = False

    def __str__(self) -> str:
        """As in an address."""
        values = [value.isoformat() if isinstance(value, date) else value for value in self.values]
        packed = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """The rows of a page, with the cursors of the pages around it; None without a row."""

    rows: tuple[RowT, ...]
    before: Cursor | None = None
    after: Cursor | None = None


def read_cursor(written: str, columns: Columns, is_before: bool) -> Cursor | None:
    """Read a cursor from an address; None for every text that is none of this sort."""
    try:
        packed = base64.urlsafe_b64decode(written[:_LONGEST] + "=" * (-len(written) % 4))
        values = json.loads(packed)
        if not isinstance(values, list) or len(values) != len(columns):
            return None
        return Cursor(tuple(map(_parsed, columns, values)), is_before)
    except (ValueError, TypeError, RecursionError):
        return None


def order_of(columns: Columns, is_descending: bool) -> str:
    """The ORDER BY of a whole list: rows without a value come last in either direction."""
    direction = _direction(is_descending)
    return "ORDER BY " + ", ".join(
        f"{column.sql} {direction}{' NULLS LAST' if column.is_nullable else ''}" for column in columns
    )


def keys_of(columns: Columns) -> str:
    """The columns by which `page_of` finds the cursors, for the SELECT of a page."""
    return ", ".join(f"{column.sql} AS key_{number}" for number, column in enumerate(columns))


def selected(columns: Columns) -> Columns:
    """The columns as `keys_of` names them."""
    return tuple(Column(f"key_{number}", each.kind, each.is_nullable) for number, each in enumerate(columns))


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a page, for its statement: a condition, an ORDER BY with LIMIT and OFFSET, and their parameters.

    `order_of_keys` is the ORDER BY of the selected `keys_of` its rows.
    """

    condition: str
    order: str
    order_of_keys: str
    parameters: Mapping[str, object]


def read_slices(
    read: Callable[[Slice], Sequence[Any]],
    count: Callable[[str], int],
    columns: Columns,
    is_descending: bool,
    limit: int | None,
    offset: int = 0,
    cursor: Cursor | None = None,
    is_from_end: bool = False,
) -> list[Any]:
    """Read the rows of a page, in order: those beside a cursor, else from `offset` on, counted from either end.

    Rows with a value and rows without one are read apart, because an index has each in order, but not both together.
    `count` is asked for the number of rows of a condition, where the offset leads beyond them.
    """
    is_backwards = cursor.is_before if cursor else is_from_end
    offset = 0 if cursor else offset
    first = columns[0]
    conditions = [f"{first.sql} IS NOT NULL", f"{first.sql} IS NULL"] if first.is_nullable else ["true"]
    if is_backwards:
        conditions.reverse()
    if cursor and first.is_nullable and (cursor.values[0] is None) != conditions[0].endswith("IS NULL"):
        del conditions[0]
    rows: list[Any] = []
    if cursor and first.is_state and cursor.values[0] is not None:
        sign = "<" if is_descending != is_backwards else ">"
        value = f"CAST(:cursor_0 AS {first.kind})"
        conditions[:1] = [f"{first.sql} = {value}", f"{first.sql} {sign} {value}"]
        parameters_of_state: dict[str, object] = {"cursor_0": cursor.values[0]}
    else:
        parameters_of_state = {}
    for condition in conditions:
        rest = None if limit is None else limit - len(rows)
        if rest == 0:
            break
        direction = is_descending != is_backwards
        parameters: dict[str, object] = {"limit": rest, "offset": offset} | parameters_of_state
        narrowed = condition
        if cursor:
            beyond, values = _beyond(columns, cursor, direction)
            narrowed, parameters, cursor = f"{condition} AND {beyond}", parameters | values, None
        order = f"{_order(columns, direction)} LIMIT :limit OFFSET :offset"
        found = read(Slice(narrowed, order, _order(selected(columns), direction), parameters))
        if offset and condition != conditions[-1]:
            offset = 0 if found else max(0, offset - count(condition))
        rows.extend(found)
    return rows[::-1] if is_backwards else rows


def page_of(rows: Sequence[Mapping[str, Any]], columns: Columns, make: Callable[..., RowT]) -> Page[RowT]:
    """Make a page of rows that have the columns of `keys_of` beside the fields of a row."""
    if not rows:
        return Page(())
    keys = [f"key_{number}" for number in range(len(columns))]
    return Page(
        tuple(make(**{name: value for name, value in row.items() if name not in keys}) for row in rows),
        Cursor(tuple(rows[0][key] for key in keys), is_before=True),
        Cursor(tuple(rows[-1][key] for key in keys)),
    )


def _order(columns: Columns, is_descending: bool) -> str:
    # Without NULLS LAST: an index has empty values at the other end, and the slice has either none or only them.
    return "ORDER BY " + ", ".join(f"{column.sql} {_direction(is_descending)}" for column in columns)


def _beyond(columns: Columns, cursor: Cursor, is_descending: bool) -> tuple[str, dict[str, object]]:
    """The condition of rows behind the cursor, in the direction of reading, and its parameters."""
    is_left_out = columns[0].is_state or cursor.values[0] is None
    compared = [(column, number) for number, column in enumerate(columns) if number or not is_left_out]
    row = ", ".join(column.sql for column, _ in compared)
    values = ", ".join(f"CAST(:cursor_{number} AS {column.kind})" for column, number in compared)
    parameters: dict[str, object] = {f"cursor_{number}": cursor.values[number] for _, number in compared}
    return f"ROW({row}) {'<' if is_descending else '>'} ROW({values})", parameters


def _direction(is_descending: bool) -> str:
    return "DESC" if is_descending else "ASC"


def _parsed(column: Column, value: object) -> Value:
    """Check a value of an address.

    Raises:
        ValueError: the column has no such value.
    """
    if value is None and column.is_nullable:
        return None
    match column.kind:
        case Kind.INTEGER if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
            return value
        case Kind.TEXT if isinstance(value, str) and "\0" not in value:
            value.encode()
            return value
        case Kind.DAY if isinstance(value, str):
            return date.fromisoformat(value)
        case Kind.INSTANT if isinstance(value, str) and (instant := datetime.fromisoformat(value)).tzinfo:
            return instant
    raise ValueError("This column has no such value.")
