"""Completes records that Shopify withheld fields from, and stored rows that lack fields which another version has.

For each group of fields (`core.domain.withheld`) the newest version that included it wins, whatever the order of
arrival. A reading with fewer rights blanks nothing; one with more rights completes the stored version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.database.ids import among
from core.domain import Source
from core.ingest.encoding import withheld_from, withheld_json
from core.ingest.target import Target
from core.ingest.versions import Selected

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Parts:
    """A group of fields in the parts of a record: the record's attribute, the parts' key, and the group's columns."""

    group: str
    attribute: str
    key: str
    parent: InstrumentedAttribute[int]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of fields of a kind of record: its table by its key, and the columns of each group."""

    key: InstrumentedAttribute[int]
    columns_by_group: Mapping[str, tuple[str, ...]]
    parts: Parts | None = None
    fills_nulls: bool = False
    """Whether a version as old as the stored one fills in a group of nulls that Shopify did not mark as withheld. Not
    for rows that are redacted for a customer: a late version must not undo the redaction."""
    derived: Callable[[Any], dict[str, Any]] = field(default=lambda _: {})
    """Computes further columns from those of the groups."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the groups, except the parts' own."""
        return tuple(column for columns in self.columns_by_group.values() for column in columns)


def complete_records(
    session: Session, target: Target, groups: Groups, versions: Sequence[R], selected: Selected[Any]
) -> list[R]:
    """Copy the stored groups of fields into versions to be written from which Shopify withheld them.

    The versions in `selected` are replaced by the completed ones. Returns all versions, completed.
    """
    incomplete = {shopify_id for shopify_id in selected.replaced if selected.records[shopify_id].withheld}
    if not incomplete:
        return list(versions)
    rows = _stored_rows(session, target, groups, incomplete)
    parts = _stored_parts(session, target, groups, incomplete)
    completed = {}
    for shopify_id in incomplete & rows.keys():
        record = selected.records[shopify_id]
        complete = _completed(groups, record, rows[shopify_id], parts[shopify_id])
        selected.records[shopify_id] = completed[id(record)] = complete
    return [completed.get(id(version), version) for version in versions]


def complete_rows(session: Session, target: Target, groups: Groups, left_out: Iterable[Any]) -> set[int]:
    """Fill withheld groups of the stored rows from versions that are not written themselves.

    Returns the ids of the completed rows.
    """
    by_id: dict[int, list[Any]] = defaultdict(list)
    for version in sorted(left_out, key=lambda version: version.updated_at):
        if version.source != Source.CSV:
            by_id[getattr(version, groups.key.key)].append(version)
    rows, parts = [], []
    for shopify_id, row in (_stored_rows(session, target, groups, by_id.keys()) if by_id else {}).items():
        completion = _Completion(groups, row)
        for version in by_id[shopify_id]:
            completion.take_groups(version)
        if completion.changed:
            rows.append(completion.parameters(shopify_id))
            parts += completion.part_parameters(shopify_id)
    _update_rows(session, target, groups, rows)
    _update_parts(session, target, groups.parts, parts)
    return {row["key"] for row in rows}


class _Completion:
    """A stored row, and the values that other versions add to it."""

    def __init__(self, groups: Groups, row: Any) -> None:
        self._groups, self._row = groups, row
        self._withheld = dict(withheld_from(row.withheld))
        self._values = {column: getattr(row, column) for column in groups.columns}
        self._parts: tuple[Any, ...] = ()
        self.changed = False

    def take_groups(self, version: Any) -> None:
        """Take the groups that the row lacks and this version has."""
        withheld = {group for group, _ in version.withheld}
        for group, columns in self._groups.columns_by_group.items():
            values = {column: getattr(version, column) for column in columns}
            if group not in withheld and self._lacks(group, version, values):
                self._values |= values
                self._note_group(group, version)
        parts = self._groups.parts
        if parts and parts.group not in withheld and self._lacks(parts.group, version, {}):
            self._parts = getattr(version, parts.attribute)
            self._note_group(parts.group, version)

    def parameters(self, shopify_id: int) -> dict[str, Any]:
        """Return the row's new values, with its key."""
        derived = self._groups.derived(SimpleNamespace(**{self._groups.key.key: shopify_id}, **self._values))
        withheld = withheld_json(tuple(self._withheld.items()))
        values = {f"new_{column}": value for column, value in (self._values | derived).items()}
        return {"key": shopify_id, "hidden": withheld} | values

    def part_parameters(self, shopify_id: int) -> list[dict[str, Any]]:
        """Return the parts' new values, with their keys."""
        parts = self._groups.parts
        if parts is None:
            return []
        return [
            {"parent": shopify_id, "key": getattr(part, parts.key)}
            | {f"new_{column}": getattr(part, column) for column in parts.columns}
            for part in self._parts
        ]

    def _lacks(self, group: str, version: Any, values: Mapping[str, Any]) -> bool:
        if group in self._withheld:
            included_at = self._withheld[group]
            return included_at is None or included_at < version.updated_at
        if not self._groups.fills_nulls:
            return False
        is_empty = all(self._values[column] is None for column in values)
        has_values = any(value is not None for value in values.values())
        return version.updated_at == self._row.updated_at and is_empty and has_values

    def _note_group(self, group: str, version: Any) -> None:
        self.changed = True
        if version.updated_at >= self._row.updated_at:
            self._withheld.pop(group, None)
        else:
            self._withheld[group] = version.updated_at


def _completed(groups: Groups, record: Any, row: Any, stored_parts: Mapping[int, Any]) -> Any:
    """Return the record with its withheld groups as stored, each with the `updated_at` that last included it."""
    before = dict(withheld_from(row.withheld))
    withheld: dict[str, datetime | None] = {group: before.get(group, row.updated_at) for group, _ in record.withheld}
    values = {column: getattr(row, column) for group in withheld for column in groups.columns_by_group.get(group, ())}
    parts = groups.parts
    if parts and parts.group in withheld:
        values[parts.attribute] = tuple(
            replace(part, **stored_parts.get(getattr(part, parts.key), {}))
            for part in getattr(record, parts.attribute)
        )
    return replace(record, **values, withheld=tuple(withheld.items()))


def _stored_rows(session: Session, target: Target, groups: Groups, ids: Collection[int]) -> dict[int, Any]:
    model: Any = groups.key.class_
    columns = [getattr(model, column) for column in groups.columns]
    query = select(groups.key.label("key"), model.updated_at, model.withheld, *columns)
    live_rows = (target.owns(model), among(groups.key, ids), model.deleted_at.is_(None))
    return {row.key: row for row in session.execute(query.where(*live_rows))}


def _stored_parts(
    session: Session, target: Target, groups: Groups, ids: Collection[int]
) -> dict[int, dict[int, dict[str, Any]]]:
    """Return the group's columns of the stored parts, by the record and the part."""
    stored: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    parts = groups.parts
    if parts is not None:
        model: Any = parts.parent.class_
        columns = [getattr(model, column) for column in parts.columns]
        query = select(parts.parent.label("parent"), getattr(model, parts.key).label("key"), *columns)
        for row in session.execute(query.where(target.owns(model), among(parts.parent, ids))):
            stored[row.parent][row.key] = {column: getattr(row, column) for column in parts.columns}
    return stored


def _update_rows(session: Session, target: Target, groups: Groups, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    model: Any = groups.key.class_
    values: dict[str, Any] = {
        name.removeprefix("new_"): bindparam(name) for name in rows[0] if name.startswith("new_")
    }
    statement = update(model.__table__).where(target.owns(model), groups.key == bindparam("key"))
    statement = statement.values(**values, withheld=bindparam("hidden"))
    session.execute(statement, rows, execution_options={"synchronize_session": False})


def _update_parts(session: Session, target: Target, parts: Parts | None, rows: list[dict[str, Any]]) -> None:
    if not rows or parts is None:
        return
    model: Any = parts.parent.class_
    values: dict[str, Any] = {column: bindparam(f"new_{column}") for column in parts.columns}
    keys = (parts.parent == bindparam("parent"), getattr(model, parts.key) == bindparam("key"))
    statement = update(model.__table__).where(target.owns(model), *keys).values(**values)
    session.execute(statement, rows, execution_options={"synchronize_session": False})
