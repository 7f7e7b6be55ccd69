"""Many rows at once: COPY into a temporary table beside the real one, from where they are merged as a set.

COPY straight into a table under row-level security is refused; a statement that reads the copy is not, and passes
through the policy like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from msgspec.json import Encoder
from sqlalchemy import Date, DateTime, FromClause, TableClause, Text, column, table, text
from sqlalchemy import Table as RealTable
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from core.records import Order

_CHUNK = 500
"""Rows that are put into one message to the server."""
_NULL = "\\N"
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_encode_json = Encoder().encode


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to be written: the names of their columns, and their values in that order."""

    names: tuple[str, ...]
    values: list[tuple[Any, ...]]

    def places(self, names: Sequence[str]) -> list[int]:
        """Where in a row these columns stand."""
        return [self.names.index(name) for name in names]


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows to be written as COPY reads them: the names of their columns, and a line for each, no key twice."""

    names: tuple[str, ...]
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """What becomes of one record of an order, as lines of COPY: its row, and those of its parts and of its ledger as
    far as the record itself tells it."""

    record: Order
    order: str
    lines: list[str]
    shipping: list[str]
    sales: list[str]


@contextmanager
def incoming(session: Session, target: RealTable, rows: Rows | Lines) -> Iterator[TableClause]:
    """A temporary table with the columns that `rows` have, holding them."""
    copied = table(f"incoming_{target.name}", *(column(name, target.c[name].type) for name in rows.names))
    columns = ", ".join(f'"{name}"' for name in rows.names)
    # The names are the model's own.
    session.execute(
        text(
            f"CREATE TEMPORARY TABLE {copied.name} ON COMMIT DROP AS SELECT {columns} FROM {target.name} LIMIT 0"  # noqa: S608
        )
    )
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {copied.name} ({columns}) FROM STDIN") as stream:
        for chunk in _chunks(_lines(rows, target)):
            stream.write(chunk)
    yield copied
    session.execute(text(f"DROP TABLE {copied.name}"))


def line_writer(target: FromClause, names: Sequence[str]) -> Callable[[Sequence[Any]], str]:
    """What writes a row of these columns as a line of COPY's text format, without its end. For one thread."""
    writers = [_writer(target.c[name].type) for name in names]

    def write(row: Sequence[Any]) -> str:
        return "\t".join(
            [_NULL if value is None else write(value) for write, value in zip(writers, row, strict=False)]
        )

    return write


def _lines(rows: Rows | Lines, target: FromClause) -> Iterator[str]:
    if isinstance(rows, Lines):
        return iter(rows.lines)
    return map(line_writer(target, rows.names), rows.values)


def _chunks(lines: Iterator[str]) -> Iterator[bytes]:
    """Messages to the server; half a surrogate pair, which no encoding has, becomes a question mark."""
    while some := list(islice(lines, _CHUNK)):
        yield ("\n".join(some) + "\n").encode("utf-8", "replace")


def _writer(kind: Any) -> Callable[[Any], str]:
    """How a value of this type is written; amounts as PostgreSQL reads them anyway."""
    if isinstance(kind, JSONB):
        return _json
    if isinstance(kind, ARRAY):
        return _array
    if isinstance(kind, Text):
        return _text
    return _remembering() if isinstance(kind, Date | DateTime) else str


def _text(value: str) -> str:
    plain = value.isprintable() and "\\" not in value
    return value if plain else value.translate(_ESCAPED)


def _remembering() -> Callable[[Any], str]:
    """Writes times and days, of which the rows of one order have the same again and again."""
    last, written = None, ""

    def write(value: Any) -> str:
        nonlocal last, written
        if value is not last:
            last, written = value, str(value)
        return written

    return write


def _json(value: Any) -> str:
    if value == []:
        return "[]"
    try:
        written = _encode_json(value)
    except UnicodeEncodeError:
        written = _encode_json(storable(value))
    if b"\\u0000" in written:
        # PostgreSQL keeps no NUL, not even one that is spelled out.
        written = _encode_json(storable(value))
    return _text(written.decode())


def _array(values: Sequence[str]) -> str:
    if not values:
        return "{}"
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return _text("{" + ",".join(quoted) + "}")


def storable(value: Any) -> Any:
    """The value, without what PostgreSQL cannot hold in a text: one NUL in a name must not keep a sale out."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {name: storable(each) for name, each in value.items()}
    return value
