"""The one writer of rows: inserts them, or replaces the stored rows of the same key; few rows and many alike.

Few rows travel as one parameter of the statement; many are copied beside the table first. The statement that merges
them is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.engine import Row
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.database.ids import among
from core.ingest.copy import copied
from core.ingest.rows import Rows
from core.ingest.target import Target


def upsert(
    session: Session,
    target: Target,
    rows: Rows,
    keep_if_none: Collection[str] = (),
    keep_where: Mapping[str, ColumnElement[bool]] = MappingProxyType({}),
    only_where: ColumnElement[bool] | None = None,
    returning: Sequence[InstrumentedAttribute[Any]] = (),
) -> Sequence[Row[Any]]:
    """Insert the rows; where a row of the same key is stored, replace its other columns.

    A None does not replace a stored value in the columns `keep_if_none`. A column of `keep_where` keeps its stored
    value where its condition holds. A stored row is replaced only where `only_where` holds. Conditions are about the
    stored row and `incoming_column`.

    Returns the columns `returning` of each row that was inserted or replaced.
    """
    if not rows.lines:
        return ()
    keys = [column.name for column in rows.table.primary_key]
    statement = insert(rows.table)
    replaced: dict[str, Any] = {name: statement.excluded[name] for name in rows.columns if name not in keys}
    for name in keep_if_none:
        replaced[name] = func.coalesce(replaced[name], rows.table.c[name])
    for name, condition in keep_where.items():
        replaced[name] = case((condition, rows.table.c[name]), else_=replaced[name])
    with incoming(session, target, rows) as (source, parameters):
        merged = statement.from_select(list(rows.columns), source)
        merged = merged.on_conflict_do_update(index_elements=keys, set_=replaced, where=only_where)
        if returning:
            return session.execute(merged.returning(*returning), parameters).all()
        session.execute(merged, parameters)
    return ()


def incoming_column(name: str) -> ColumnElement[Any]:
    """Return a column of the row that an `upsert` brings."""
    return literal_column(f"excluded.{name}")


def replace_children(
    session: Session, target: Target, parent: InstrumentedAttribute[int], parents: Collection[int], rows: Rows
) -> None:
    """Delete the child rows of these parents, which are all that may have stored children, and insert `rows`."""
    if parents:
        stored = delete(parent.class_).where(target.owns(parent.class_), among(parent, parents))
        # Without the session's bookkeeping, which would read every deleted row first.
        session.execute(stored.execution_options(synchronize_session=False))
    write_new(session, target, rows)


def write_new(session: Session, target: Target, rows: Rows) -> None:
    """Insert rows that are not stored yet."""
    if rows.lines:
        with incoming(session, target, rows) as (source, parameters):
            session.execute(insert(rows.table).from_select(list(rows.columns), source), parameters)


@contextmanager
def incoming(session: Session, target: Target, rows: Rows) -> Iterator[tuple[Select[Any], dict[str, str]]]:
    """Bring the rows to the server; yields the query that reads them there, and its parameters."""
    if rows.source is not None:
        yield rows.source, {}
    elif len(rows.lines) < target.copy_from:
        lines = b"[[" + b"],[".join(rows.lines) + b"]]"
        yield from_parameter(rows.table, rows.columns), {"rows": lines.decode()}
    else:
        with copied(session, rows) as temporary:
            yield select(*temporary.columns), {}


@lru_cache(maxsize=64)
def from_parameter(table: Table, columns: tuple[str, ...]) -> Select[Any]:
    """Return the query that reads rows out of the parameter `rows`."""
    row = func.jsonb_array_elements(cast(bindparam("rows", type_=Text()), JSONB)).column_valued("line")
    values = [_typed(row.op("->>")(literal_column(str(at))), table.c[name].type) for at, name in enumerate(columns)]
    return select(*(value.label(name) for value, name in zip(values, columns, strict=True)))


def _typed(value: ColumnElement[Any], kind: Any) -> ColumnElement[Any]:
    # A cast to a text of limited length would cut a value that is too long; without, the INSERT refuses it.
    return value if isinstance(kind, String) else cast(value, kind)
