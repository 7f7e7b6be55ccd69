"""Whose rows are written, and the steps that every kind of record shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from core.models import Deletion
from core.periods import local_day
from core.records import Kind, Source


class Versioned(Protocol):
    """A record that knows when it was last changed, and who told."""

    @property
    def updated_at(self) -> datetime: ...
    @property
    def source(self) -> Source: ...


V = TypeVar("V", bound=Versioned)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """The store that is written to, with what rows need of it."""

    tenant_id: int
    store_id: int
    zone: ZoneInfo
    currency: str

    @property
    def key(self) -> Row:
        """The columns that every row of the store begins with."""
        return {"tenant_id": self.tenant_id, "store_id": self.store_id}

    def day(self, instant: datetime) -> date:
        """The store's day that an instant falls on."""
        return local_day(instant, self.zone)

    def owns(self, model: Any) -> tuple[ColumnElement[bool], ...]:
        """The condition that a statement on `model` always says, beside the policy that says it too."""
        columns = model.__table__.c
        return columns.tenant_id == self.tenant_id, columns.store_id == self.store_id


def rank(record: Versioned) -> tuple[datetime, bool]:
    """What makes one version newer than another: when it was changed, then that the API told, which is whole."""
    return record.updated_at, record.source == Source.API


def newest(records: Iterable[V], identity: Callable[[V], int]) -> dict[int, V]:
    """The version of each with the highest rank, by id."""
    found: dict[int, V] = {}
    for record in records:
        known = found.get(identity(record))
        if known is None or rank(record) > rank(known):
            found[identity(record)] = record
    return found


def not_stale(
    session: Session, target: Target, versions: Mapping[int, V], kind: Kind, key: InstrumentedAttribute[int]
) -> dict[int, V]:
    """Those that are neither deleted nor as old as what is stored under `key`."""
    if not versions:
        return {}
    model = key.class_
    gone = set(
        session.scalars(
            select(Deletion.shopify_id).where(
                *target.owns(Deletion), Deletion.kind == kind, Deletion.shopify_id.in_(versions)
            )
        )
    )
    stored = session.execute(
        select(key, model.updated_at, model.source).where(*target.owns(model), key.in_(versions))
    ).all()
    ranks = {row[0]: (row.updated_at, row.source == Source.API) for row in stored}
    return {
        shopify_id: record
        for shopify_id, record in versions.items()
        if shopify_id not in gone and (shopify_id not in ranks or rank(record) > ranks[shopify_id])
    }


def upsert(
    session: Session, model: type[DeclarativeBase], rows: Sequence[Row], keep_if_none: Collection[str] = ()
) -> None:
    """Insert, or replace every other column of the same key; a None does not replace those of `keep_if_none`."""
    if not rows:
        return
    table: Table = model.__table__  # type: ignore[assignment]
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    replaced = {
        name: _coalesce(statement, table, name) if name in keep_if_none else statement.excluded[name]
        for name in rows[0]
        if name not in keys
    }
    statement = statement.on_conflict_do_update(index_elements=keys, set_=replaced)
    session.execute(statement, [_storable(row) for row in rows])


def replace_children(
    session: Session,
    target: Target,
    parent: InstrumentedAttribute[int],
    parents: Collection[int],
    rows: Sequence[Row],
) -> None:
    """Delete the children of these parents and insert `rows` in their place."""
    if parents:
        session.execute(delete(parent.class_).where(*target.owns(parent.class_), parent.in_(parents)))
    if rows:
        session.execute(insert(parent.class_), [_storable(row) for row in rows])


def _storable(value: Any) -> Any:
    """The value, without what PostgreSQL cannot hold in a text: one NUL in a name must not keep a sale out."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {name: _storable(each) for name, each in value.items()}
    return value


def _coalesce(statement: Any, table: Table, name: str) -> Any:
    return func.coalesce(statement.excluded[name], table.c[name])
