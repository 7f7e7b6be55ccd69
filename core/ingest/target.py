"""Whose rows are written, and the steps that every kind of record shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, any_, case, delete, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.types import UserDefinedType

from core.database.models import Deletion
from core.domain import Kind, Source
from core.domain.periods import local_day
from core.ingest.copying import Draft, Lines, Rows, incoming, storable
from core.ingest.ranks import Reading, columns, rank, rank_of_row


class Versioned(Protocol):
    """A record that knows when it was last changed, and who told."""

    @property
    def updated_at(self) -> datetime: ...
    @property
    def source(self) -> Source: ...


V = TypeVar("V", bound=Versioned)
COPY_FROM = 200
KEY = ("tenant_id", "store_id")


@dataclass(frozen=True, slots=True)
class Target:
    """The store that is written to, with what rows need of it."""

    tenant_id: int
    store_id: int
    zone: ZoneInfo
    currency: str
    reading: Reading
    """How the API's records of the batch were read."""
    copy_from: int = COPY_FROM
    """So many rows of one table at once, or more, are written by COPY and merged as a set."""
    connected_at: datetime | None = None
    """Since when Shopify tells the store's changes by webhooks."""
    drafts: dict[int, Draft] = field(default_factory=dict)
    """Of orders, by id, that are written as lines of COPY."""

    @property
    def key(self) -> dict[str, int]:
        """The columns that every row of the store begins with."""
        return {"tenant_id": self.tenant_id, "store_id": self.store_id}

    @property
    def key_values(self) -> tuple[int, int]:
        """The values of those columns, which are `KEY`."""
        return self.tenant_id, self.store_id

    def day(self, instant: datetime) -> date:
        """The store's day that an instant falls on."""
        return local_day(instant, self.zone)

    def owns(self, model: Any) -> tuple[ColumnElement[bool], ...]:
        """The condition that a statement on `model` always says, beside the policy that says it too."""
        columns = model.__table__.c
        return columns.tenant_id == self.tenant_id, columns.store_id == self.store_id


class Newer(NamedTuple, Generic[V]):
    """Records to be written, by id. `replaced` are the ids that have a stored row; `with_ledger` are the ids of
    orders whose stored row has Shopify's ledger."""

    records: dict[int, V]
    replaced: set[int]
    with_ledger: set[int]


def newest(target: Target, records: Iterable[V], identity: Callable[[V], int]) -> dict[int, V]:
    """The version of each with the highest rank, by id."""
    found: dict[int, V] = {}
    for record in records:
        known = found.get(identity(record))
        if known is None or rank(record, target.reading).supersedes(rank(known, target.reading)):
            found[identity(record)] = record
    return found


def not_stale(
    session: Session, target: Target, versions: Mapping[int, V], kind: Kind, key: InstrumentedAttribute[int]
) -> Newer[V]:
    """Those that are neither deleted nor as old as what is stored under `key`."""
    if not versions:
        return Newer({}, set(), set())
    model = key.class_
    gone = set(
        session.scalars(
            select(Deletion.shopify_id).where(
                *target.owns(Deletion), Deletion.kind == kind, among(Deletion.shopify_id, versions)
            )
        )
    )
    stored = session.execute(select(key, *columns(model)).where(*target.owns(model), among(key, versions))).all()
    ranks = {row[0]: rank_of_row(row) for row in stored}

    def is_newer(shopify_id: int, record: V) -> bool:
        known, reading = ranks.get(shopify_id), target.reading
        return known is None or rank(record, reading).supersedes(known, reading.repairs)

    accepted = {each: record for each, record in versions.items() if each not in gone and is_newer(each, record)}
    replaced = accepted.keys() & ranks.keys()
    return Newer(accepted, replaced, {each for each in replaced if ranks[each].has_ledger})


def upsert(
    session: Session,
    target: Target,
    model: type[DeclarativeBase],
    rows: Rows | Lines,
    keep_if_none: Collection[str] = (),
    keep_where: Mapping[str, ColumnElement[bool]] = MappingProxyType({}),
) -> None:
    """Insert, or replace every other column of the same key.

    A None does not replace those of `keep_if_none`. Those of `keep_where` stay where its condition holds; it is about
    the stored row and `incoming_column`.
    """
    if not _any(rows):
        return
    table: Table = model.__table__  # type: ignore[assignment]
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    replaced = {
        name: _coalesce(statement, table, name) if name in keep_if_none else statement.excluded[name]
        for name in rows.names
        if name not in keys
    }
    for name, condition in keep_where.items():
        replaced[name] = case((condition, table.c[name]), else_=statement.excluded[name])
    if isinstance(rows, Rows) and len(rows.values) < target.copy_from:
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=replaced), _as_parameters(rows))
        return
    with incoming(session, table, _once(rows, keys)) as copied:
        merged = statement.from_select(list(rows.names), select(*copied.columns))
        session.execute(merged.on_conflict_do_update(index_elements=keys, set_=replaced))


def incoming_column(name: str) -> ColumnElement[Any]:
    """A column of the row that an `upsert` brings."""
    return literal_column(f"excluded.{name}")


def replace_children(
    session: Session,
    target: Target,
    parent: InstrumentedAttribute[int],
    parents: Collection[int],
    rows: Rows | Lines,
) -> None:
    """Delete the children of these parents, those of them that may have any, and insert `rows` in their place."""
    if parents:
        gone = delete(parent.class_).where(*target.owns(parent.class_), among(parent, parents))
        # Which rows these were is not asked: whoever reads some in this session reads them anew.
        session.execute(gone.execution_options(synchronize_session=False))
    table: Table = parent.class_.__table__
    if not _any(rows):
        return
    if isinstance(rows, Lines) or len(rows.values) >= target.copy_from:
        with incoming(session, table, rows) as copied:
            session.execute(insert(table).from_select(list(rows.names), select(*copied.columns)))
    else:
        session.execute(insert(table), _as_parameters(rows))


def among(column: InstrumentedAttribute[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether the column is one of many ids: one parameter, however many there are."""
    return column == any_(literal("{" + ",".join(map(str, ids)) + "}", _Ids()))


class _Ids(UserDefinedType[str]):
    """An array of ids, written as PostgreSQL reads it: the driver takes far longer to write a list."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: object) -> str:
        return "BIGINT[]"


def _any(rows: Rows | Lines) -> bool:
    return bool(rows.lines if isinstance(rows, Lines) else rows.values)


def _once(rows: Rows | Lines, keys: Sequence[str]) -> Rows | Lines:
    """Of rows with the same key the last one."""
    if isinstance(rows, Lines):
        return rows
    identity = itemgetter(*rows.places(keys))
    return Rows(rows.names, list({identity(row): row for row in rows.values}.values()))


def _as_parameters(rows: Rows) -> list[dict[str, Any]]:
    return [dict(zip(rows.names, map(storable, row), strict=True)) for row in rows.values]


def _coalesce(statement: Any, table: Table, name: str) -> Any:
    return func.coalesce(statement.excluded[name], table.c[name])
