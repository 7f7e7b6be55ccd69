"""Sends many rows to PostgreSQL at once: by COPY into a temporary table beside the real one.

PostgreSQL refuses a COPY straight into a table under row-level security. A statement that reads the temporary table
is allowed, and passes through the policy like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from msgspec.json import Decoder
from sqlalchemy import TableClause, column, table, text
from sqlalchemy.orm import Session

from core.ingest.rows import Rows, quoted

_ROWS_PER_MESSAGE = 500
_FORMAT = r"FORMAT csv, ESCAPE '\', NULL 'null'"
"""CSV with this escape character is the JSON of a flat list, which is encoded in C. JSON's other escapes mean nothing
in CSV; a row that has some is written by `_as_csv`."""
_other_escape = re.compile(rb'\\[^"\\]').search
_decode_json = Decoder().decode


@contextmanager
def copied(session: Session, rows: Rows) -> Iterator[TableClause]:
    """Copy the rows into a temporary table, and drop it afterwards."""
    temporary = copy_rows(session, rows, "incoming")
    yield temporary
    session.execute(text(f"DROP TABLE {temporary.name}"))


def copy_rows(session: Session, rows: Rows, prefix: str) -> TableClause:
    """Copy the rows into a new temporary table, which is dropped with the transaction."""
    name = rows.table.name
    temporary = table(
        f"{prefix}_{name}", *(column(column_name, rows.table.c[column_name].type) for column_name in rows.columns)
    )
    columns = ", ".join(f'"{column_name}"' for column_name in rows.columns)
    # The names are the model's own.
    session.execute(
        text(f"CREATE TEMPORARY TABLE {temporary.name} ON COMMIT DROP AS SELECT {columns} FROM {name} LIMIT 0")  # noqa: S608
    )
    statement = f"COPY {temporary.name} ({columns}) FROM STDIN ({_FORMAT})"
    driver: Any = session.connection().connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(statement) as stream,
    ):
        for message in _messages(iter(rows.lines)):
            stream.write(message)
    return temporary


def _messages(lines: Iterator[bytes]) -> Iterator[bytes]:
    while batch := list(islice(lines, _ROWS_PER_MESSAGE)):
        message = b"\n".join(batch)
        if _other_escape(message):
            message = b"\n".join([_as_csv(line) for line in batch])
        yield message + b"\n"


def _as_csv(line: bytes) -> bytes:
    if not _other_escape(line):
        return line
    values = _decode_json(b"[" + line + b"]")
    return ",".join(["null" if value is None else quoted(str(value)) for value in values]).encode()
