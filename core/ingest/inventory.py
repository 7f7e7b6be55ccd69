"""Writes stock at locations: the newest version for each inventory item and location, by `core.ingest.ranks`.

A variant's own quantity stays as its product has it: it changes with the product's version, and of two sources with
two clocks the older version could win.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import Session

from core.database.models import InventoryLevel, Location
from core.domain import InventoryLevel as LevelRecord
from core.domain import Refusal, Source
from core.ingest.ranks import FINAL_AFTER, rank
from core.ingest.rows import Layout
from core.ingest.target import Target
from core.ingest.upsert import incoming_column, upsert
from core.ingest.versions import Refused

_LEVELS = Layout(
    InventoryLevel, LevelRecord, {"read_at": lambda place, level: place.target.reading.read_at_of(level)}
)
_LOCATIONS = Layout(Location, LevelRecord, {"name": lambda _, level: level.location_name})
_key = attrgetter("inventory_item_id", "location_id")


def write(session: Session, target: Target, records: Iterable[LevelRecord]) -> tuple[int, list[Refused]]:
    """Write the versions that are newer than what is stored; returns how many, and those that are not."""
    versions = sorted(records, key=lambda level: rank(level, target.reading))
    _write_locations(session, target, {v.location_id: v for v in versions if v.location_name is not None})
    newest = {_key(level): level for level in versions}
    rows = _LEVELS.rows_of(target, [newest[key] for key in sorted(newest)])
    keys = [InventoryLevel.inventory_item_id, InventoryLevel.location_id]
    written = {tuple(row) for row in upsert(session, target, rows, only_where=_is_newer(), returning=keys)}
    stale = [level for level in versions if _key(level) not in written or newest[_key(level)] is not level]
    return len(written), [Refused(level, _key(level), Refusal.STALE) for level in stale]


def _write_locations(session: Session, target: Target, levels: Mapping[int, LevelRecord]) -> None:
    """Write the locations' names: only the API's versions have them."""
    upsert(session, target, _LOCATIONS.rows_of(target, [levels[location_id] for location_id in sorted(levels)]))


def _is_newer() -> ColumnElement[bool]:
    """Whether the incoming version is above the stored one: `core.ingest.ranks` in SQL."""
    updated_at, read_at = incoming_column("updated_at"), incoming_column("read_at")
    is_read_later = func.least(read_at, updated_at + FINAL_AFTER) > InventoryLevel.read_at
    is_above = and_(
        incoming_column("source") == Source.API,
        or_(InventoryLevel.source != Source.API, InventoryLevel.read_at.is_(None), is_read_later),
    )
    same_version = and_(InventoryLevel.updated_at == updated_at, is_above)
    return or_(InventoryLevel.updated_at < updated_at, same_version)
