"""Keeps fields that Shopify withholds from a later reading, and fills in fields it withheld from an earlier one.

For each group of fields (`core.domain.withheld`) the newest version that included it wins, whatever the order of
arrival. A reading with fewer rights blanks nothing; one with more rights completes the stored version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.domain import Source
from core.ingest.encoding import withheld_from, withheld_json
from core.ingest.target import Newer, Target, among

R = TypeVar("R")
_NO_MORE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Children:
    """A group of fields in the parts of a record: the record's attribute, the parts' key, and the group's columns."""

    group: str
    attribute: str
    key: str
    parent: InstrumentedAttribute[int]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of record: its table by its key, and its groups by their columns."""

    key: InstrumentedAttribute[int]
    groups: Mapping[str, tuple[str, ...]]
    children: Children | None = None
    null_says_nothing: bool = False
    """Whether a version as old as the stored one fills in a group of nulls that Shopify did not mark as withheld. Not
    for rows that are redacted for a customer: a late version must not undo the redaction."""
    derived: Callable[[Any], dict[str, Any]] = field(default=lambda _: {})
    """Computes further columns from those of the groups."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the groups, except the parts' own."""
        return tuple(column for columns in self.groups.values() for column in columns)


def keep(
    session: Session, target: Target, kind: Kept, versions: Sequence[R], newer: Newer[Any]
) -> tuple[list[R], list[R]]:
    """Copy the stored groups of fields into versions to be written from which Shopify withheld them.

    Returns the versions, completed, and the versions that are not written.
    """
    written = {id(record) for record in newer.records.values()}
    left_out = [version for version in versions if id(version) not in written]
    blind = {each for each in newer.replaced if newer.records[each].withheld}
    if not blind:
        return list(versions), left_out
    stored, parts = _stored(session, target, kind, blind), _parts(session, target, kind, blind)
    completed = {}
    for each in blind & stored.keys():
        record = newer.records[each]
        newer.records[each] = completed[id(record)] = _completed(kind, record, stored[each], parts[each])
    return [completed.get(id(version), version) for version in versions], left_out


def fill(session: Session, target: Target, kind: Kept, left_out: Iterable[Any]) -> set[int]:
    """Fill withheld groups of the stored rows from versions that are not written themselves; returns the ids of the
    completed rows."""
    by_id: dict[int, list[Any]] = defaultdict(list)
    for version in sorted(left_out, key=lambda version: version.updated_at):
        if version.source != Source.CSV:
            by_id[getattr(version, kind.key.key)].append(version)
    rows, parts = [], []
    for shopify_id, row in (_stored(session, target, kind, by_id.keys()) if by_id else {}).items():
        filled = _Filled(kind, row)
        for version in by_id[shopify_id]:
            filled.take(version)
        if filled.changed:
            rows.append(filled.parameters(shopify_id))
            parts += filled.parts(shopify_id)
    _update(session, target, kind, rows, parts)
    return {row["key"] for row in rows}


class _Filled:
    """A stored row, and the values that other versions add to it."""

    def __init__(self, kind: Kept, row: Any) -> None:
        self._kind, self._row = kind, row
        self._hidden = dict(withheld_from(row.withheld))
        self._values = {column: getattr(row, column) for column in kind.columns}
        self._parts: tuple[Any, ...] = ()
        self.changed = False

    def take(self, version: Any) -> None:
        """Take the groups that the row lacks and this version has."""
        hidden = {group for group, _ in version.withheld}
        for group, columns in self._kind.groups.items():
            values = {column: getattr(version, column) for column in columns}
            if group not in hidden and self._lacks(group, version, values):
                self._values |= values
                self._note(group, version)
        children = self._kind.children
        if children and children.group not in hidden and self._lacks(children.group, version, {}):
            self._parts = getattr(version, children.attribute)
            self._note(children.group, version)

    def parameters(self, shopify_id: int) -> dict[str, Any]:
        """The row's new values, with its key."""
        derived = self._kind.derived(SimpleNamespace(**{self._kind.key.key: shopify_id}, **self._values))
        hidden = withheld_json(tuple(self._hidden.items()))
        return {"key": shopify_id, "hidden": hidden} | {f"new_{k}": v for k, v in (self._values | derived).items()}

    def parts(self, shopify_id: int) -> list[dict[str, Any]]:
        """The parts' new values, with their keys."""
        children = self._kind.children
        if children is None:
            return []
        return [
            {"parent": shopify_id, "key": getattr(part, children.key)}
            | {f"new_{column}": getattr(part, column) for column in children.columns}
            for part in self._parts
        ]

    def _lacks(self, group: str, version: Any, values: Mapping[str, Any]) -> bool:
        if group in self._hidden:
            seen_at = self._hidden[group]
            return seen_at is None or seen_at < version.updated_at
        if not self._kind.null_says_nothing:
            return False
        nothing = all(self._values[column] is None for column in values)
        return version.updated_at == self._row.updated_at and nothing and any(v is not None for v in values.values())

    def _note(self, group: str, version: Any) -> None:
        self.changed = True
        if version.updated_at >= self._row.updated_at:
            self._hidden.pop(group, None)
        else:
            self._hidden[group] = version.updated_at


def _completed(kind: Kept, record: Any, row: Any, parts: Mapping[int, Any]) -> Any:
    """The record with its withheld groups as stored, each with the `updated_at` of the version that included it."""
    before = dict(withheld_from(row.withheld))
    hidden: dict[str, datetime | None] = {group: before.get(group, row.updated_at) for group, _ in record.withheld}
    values = {column: getattr(row, column) for group in hidden for column in kind.groups.get(group, ())}
    children = kind.children
    if children and children.group in hidden:
        values[children.attribute] = tuple(
            replace(part, **parts.get(getattr(part, children.key), {}))
            for part in getattr(record, children.attribute)
        )
    return replace(record, **values, withheld=tuple(hidden.items()))


def _stored(session: Session, target: Target, kind: Kept, ids: Collection[int]) -> dict[int, Any]:
    model: Any = kind.key.class_
    columns = [getattr(model, column) for column in kind.columns]
    query = select(kind.key.label("key"), model.updated_at, model.withheld, *columns)
    own_rows = (*target.owns(model), among(kind.key, ids), model.deleted_at.is_(None))
    return {row.key: row for row in session.execute(query.where(*own_rows))}


def _parts(
    session: Session, target: Target, kind: Kept, ids: Collection[int]
) -> dict[int, dict[int, dict[str, Any]]]:
    """The group's columns of the stored parts, by the record and the part."""
    found: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    children = kind.children
    if children is not None:
        model: Any = children.parent.class_
        columns = [getattr(model, column) for column in children.columns]
        query = select(children.parent.label("parent"), getattr(model, children.key).label("key"), *columns)
        for row in session.execute(query.where(*target.owns(model), among(children.parent, ids))):
            found[row.parent][row.key] = {column: getattr(row, column) for column in children.columns}
    return found


def _update(
    session: Session, target: Target, kind: Kept, rows: list[dict[str, Any]], parts: list[dict[str, Any]]
) -> None:
    options = {"synchronize_session": False}
    values: dict[str, Any]
    if rows:
        model: Any = kind.key.class_
        values = {name.removeprefix("new_"): bindparam(name) for name in rows[0] if name.startswith("new_")}
        statement = update(model.__table__).where(*target.owns(model), kind.key == bindparam("key"))
        session.execute(statement.values(**values, withheld=bindparam("hidden")), rows, execution_options=options)
    if parts and kind.children:
        model = kind.children.parent.class_
        values = {column: bindparam(f"new_{column}") for column in kind.children.columns}
        this = (kind.children.parent == bindparam("parent"), getattr(model, kind.children.key) == bindparam("key"))
        statement = update(model.__table__).where(*target.owns(model), *this).values(**values)
        session.execute(statement, parts, execution_options=options)
