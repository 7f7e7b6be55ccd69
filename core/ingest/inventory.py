"""Stock at locations: the newest version for each inventory item and location, by `core.ingest.ranks`. Locations have
the API's names.

The quantity on a variant stays what its product says: it changes with the product's own version, and of two writers
with two clocks the older news could win.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from core.database.models import InventoryLevel, Location
from core.domain import InventoryLevel as LevelRecord
from core.domain import Source
from core.ingest.copying import Rows, incoming
from core.ingest.ranks import FINAL_AFTER, rank
from core.ingest.target import KEY, Target, upsert

_PRIMARY = (*KEY, "inventory_item_id", "location_id")
_COLUMNS = (*_PRIMARY, "available", "on_hand", "updated_at", "read_at", "source")


def write(session: Session, target: Target, records: Iterable[LevelRecord]) -> int:
    """Write the versions that are newer than what is stored; returns how many."""
    versions = sorted(records, key=lambda level: rank(level, target.reading))
    if not versions:
        return 0
    names = {level.location_id: level.location_name for level in versions if level.location_name is not None}
    named = [(*target.key_values, location_id, names[location_id]) for location_id in sorted(names)]
    upsert(session, target, Location, Rows((*KEY, "location_id", "name"), named))
    newest = {(level.inventory_item_id, level.location_id): level for level in versions}
    return _merge(session, target, [_row(target, newest[key]) for key in sorted(newest)])


def _row(target: Target, level: LevelRecord) -> tuple[Any, ...]:
    read_at = target.reading.read_at_of(level)
    counted = (level.available, level.on_hand, level.updated_at, read_at, str(level.source))
    return (*target.key_values, level.inventory_item_id, level.location_id, *counted)


def _merge(session: Session, target: Target, rows: list[tuple[Any, ...]]) -> int:
    table: Table = InventoryLevel.__table__  # type: ignore[assignment]
    statement = insert(table)
    if len(rows) < target.copy_from:
        versions = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        return _written(session, table, statement.values(versions))
    with incoming(session, table, Rows(_COLUMNS, rows)) as copied:
        return _written(session, table, statement.from_select(list(_COLUMNS), select(*copied.columns)))


def _written(session: Session, table: Table, statement: Insert) -> int:
    excluded = statement.excluded
    replaced = {name: excluded[name] for name in _COLUMNS if name not in _PRIMARY}
    merged = statement.on_conflict_do_update(index_elements=_PRIMARY, set_=replaced, where=_newer(table, excluded))
    return len(session.scalars(merged.returning(table.c.location_id)).all())


def _newer(table: Table, excluded: Any) -> ColumnElement[bool]:
    later = func.least(excluded["read_at"], excluded["updated_at"] + FINAL_AFTER) > table.c.read_at
    above = and_(
        excluded["source"] == Source.API, or_(table.c.source != Source.API, table.c.read_at.is_(None), later)
    )
    same = and_(table.c.updated_at == excluded["updated_at"], above)
    return or_(table.c.updated_at < excluded["updated_at"], same)
