"""Many rows at once: COPY into a temporary table beside the real one, from where they are merged as a set.

COPY straight into a table under row-level security is refused; a statement that reads the copy is not, and passes
through the policy like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from msgspec.json import Encoder
from sqlalchemy import FromClause, TableClause, column, table, text
from sqlalchemy import Table as RealTable
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from core.domain import Order

_CHUNK = 500
"""Rows that are put into one message to the server."""
_FORMAT = r"FORMAT csv, ESCAPE '\', NULL 'null'"
"""What COPY reads: CSV that escapes quotes and backslashes by a backslash is what JSON writes of a flat list, in C.
JSON's other escapes mean nothing in CSV; rows that have some are written by ourselves."""
_other_escape = re.compile(rb'\\[^"\\]').search
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
    lines: list[bytes]


@dataclass(frozen=True, slots=True)
class Draft:
    """What becomes of one record of an order, as lines of COPY: its row, and those of its parts and of its ledger as
    far as the record itself tells it."""

    record: Order
    order: bytes
    lines: list[bytes]
    shipping: list[bytes]
    sales: list[bytes]


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
    with driver.cursor() as cursor, cursor.copy(f"COPY {copied.name} ({columns}) FROM STDIN ({_FORMAT})") as stream:
        for chunk in _chunks(_lines(rows, target)):
            stream.write(chunk)
    yield copied
    session.execute(text(f"DROP TABLE {copied.name}"))


def line_writer(target: FromClause, names: Sequence[str]) -> Callable[[Sequence[Any]], bytes]:
    """What writes a row of these columns as a line of `_FORMAT`, without its end."""
    lists = [(place, writer) for place, name in enumerate(names) if (writer := _writer(target.c[name].type))]

    def write(row: Sequence[Any]) -> bytes:
        values = list(row)
        for place, writer in lists:
            if values[place] is not None:
                values[place] = writer(values[place])
        try:
            line = _encode_json(values)[1:-1]
        except UnicodeEncodeError:
            return _patiently(values)
        return _patiently(values) if _other_escape(line) else line

    return write


def _lines(rows: Rows | Lines, target: FromClause) -> Iterator[bytes]:
    if isinstance(rows, Lines):
        return iter(rows.lines)
    return map(line_writer(target, rows.names), rows.values)


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Messages to the server."""
    while some := list(islice(lines, _CHUNK)):
        yield b"\n".join(some) + b"\n"


def _patiently(values: Iterable[Any]) -> bytes:
    """A line of texts that JSON writes with escapes which are not CSV's, or not at all."""
    return ",".join(["null" if value is None else _quoted(storable(str(value))) for value in values]).encode()


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _writer(kind: Any) -> Callable[[Any], str] | None:
    """How a list or JSON is written as a text; None of a type whose values are written as they are."""
    if isinstance(kind, JSONB):
        return _json
    return _array if isinstance(kind, ARRAY) else None


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
    return written.decode()


def _array(values: Sequence[Any]) -> str:
    return "{" + ",".join([_quoted(str(value)) for value in values]) + "}"


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
