"""Many rows at once: COPY into a temporary table beside the real one, from where they are merged as a set.

COPY straight into a table under row-level security is refused; a statement that reads the copy is not, and passes
through the policy like any other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from sqlalchemy import Table as RealTable
from sqlalchemy import TableClause, Text, column, table, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

Row = dict[str, Any]

_CHUNK = 500
"""Rows that are put into one message to the server."""
_NULL = "\\N"
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


@contextmanager
def incoming(session: Session, target: RealTable, rows: Sequence[Row]) -> Iterator[TableClause]:
    """A temporary table with the columns that `rows` have (all the same ones), holding them."""
    names = list(rows[0])
    copied = table(f"incoming_{target.name}", *(column(name, target.c[name].type) for name in names))
    columns = ", ".join(f'"{name}"' for name in names)
    # The names are the model's own.
    session.execute(
        text(
            f"CREATE TEMPORARY TABLE {copied.name} ON COMMIT DROP AS SELECT {columns} FROM {target.name} LIMIT 0"  # noqa: S608
        )
    )
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {copied.name} ({columns}) FROM STDIN") as stream:
        for lines in _chunks(rows, names, target):
            stream.write(lines)
    yield copied
    session.execute(text(f"DROP TABLE {copied.name}"))


def _chunks(rows: Sequence[Row], names: list[str], target: RealTable) -> Iterator[bytes]:
    """The rows in COPY's text format; half a surrogate pair, which no encoding has, becomes a question mark."""
    writers = [_writer(target.c[name].type) for name in names]
    values = itemgetter(*names)
    for start in range(0, len(rows), _CHUNK):
        lines = (
            "\t".join(
                [_NULL if value is None else write(value) for write, value in zip(writers, values(row), strict=True)]
            )
            for row in rows[start : start + _CHUNK]
        )
        yield ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _writer(kind: Any) -> Callable[[Any], str]:
    """How a value of this type is written; amounts and instants as PostgreSQL reads them anyway."""
    if isinstance(kind, JSONB):
        return _json
    if isinstance(kind, ARRAY):
        return _array
    return _text if isinstance(kind, Text) else str


def _text(value: str) -> str:
    plain = value.isprintable() and "\\" not in value
    return value if plain else value.translate(_ESCAPED)


def _json(value: Any) -> str:
    if value == []:
        return "[]"
    written = json.dumps(value, ensure_ascii=False)
    # PostgreSQL keeps no NUL, not even one that is spelled out.
    return _text(written if "\\u0000" not in written else json.dumps(_without_nul(value), ensure_ascii=False))


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    return {name: _without_nul(each) for name, each in value.items()} if isinstance(value, dict) else value


def _array(values: Sequence[str]) -> str:
    if not values:
        return "{}"
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return _text("{" + ",".join(quoted) + "}")
