"""Selects the versions of records to be written: the newest of each that is newer than the stored one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.database.ids import among
from core.database.models import Deletion
from core.domain import Kind, Refusal, Source
from core.ingest.ranks import columns, rank, rank_of_row
from core.ingest.target import Target


class Versioned(Protocol):
    """A record with the time of its last change, and its source."""

    @property
    def updated_at(self) -> datetime: ...
    @property
    def source(self) -> Source: ...


V = TypeVar("V", bound=Versioned)


class Refused(NamedTuple):
    """A record that was not written, with its id and the reason."""

    record: Any
    shopify_id: Any
    refusal: Refusal


@dataclass(slots=True)
class Selected(Generic[V]):
    """The versions to be written, by id, and the versions that are not."""

    records: dict[int, V] = field(default_factory=dict)
    replaced: set[int] = field(default_factory=set)
    """The ids that have a stored row."""
    with_ledger: set[int] = field(default_factory=set)
    """The ids of orders whose stored row has Shopify's ledger."""
    partly_written: set[int] = field(default_factory=set)
    """The ids of records that another version than the newest completed."""
    refused: list[Refused] = field(default_factory=list)

    def left_out(self, versions: Iterable[V]) -> list[V]:
        """Return the versions that are not written, in their order."""
        written = {id(record) for record in self.records.values()}
        return [version for version in versions if id(version) not in written]

    @property
    def ids(self) -> set[int]:
        """The ids of the records of which anything was written."""
        return self.records.keys() | self.partly_written

    def mark_partly_written(self, shopify_ids: Iterable[int]) -> None:
        """Note that parts of these records were written although their version was stale: they count as written."""
        self.partly_written.update(shopify_ids)
        if self.partly_written:
            self.refused = [refused for refused in self.refused if refused.shopify_id not in self.partly_written]


def select_newer(
    session: Session, target: Target, versions: Iterable[V], kind: Kind, key: InstrumentedAttribute[int]
) -> Selected[V]:
    """Select the newest version of each record, unless it was deleted, or what is stored under `key` is as new."""
    selected: Selected[V] = Selected()
    newest = _newest(target, versions, key.key, selected.refused)
    if not newest:
        return selected
    deleted = _deleted(session, target, kind, newest)
    stored = select(key, *columns(key.class_)).where(target.owns(key.class_), among(key, newest))
    ranks = {row[0]: rank_of_row(row) for row in session.execute(stored)}
    for shopify_id, record in newest.items():
        known, reading = ranks.get(shopify_id), target.reading
        if shopify_id in deleted:
            selected.refused.append(Refused(record, shopify_id, Refusal.DELETED_BEFORE))
        elif known is not None and not rank(record, reading).supersedes(known, reading.repairs):
            selected.refused.append(Refused(record, shopify_id, Refusal.STALE))
        else:
            selected.records[shopify_id] = record
    selected.replaced = selected.records.keys() & ranks.keys()
    selected.with_ledger = {order_id for order_id in selected.replaced if ranks[order_id].has_ledger}
    return selected


def _newest(target: Target, versions: Iterable[V], key: str, refused: list[Refused]) -> dict[int, V]:
    """Return the version of each record with the highest rank; the others are added to `refused`."""
    newest: dict[int, V] = {}
    for record in versions:
        shopify_id = getattr(record, key)
        known = newest.get(shopify_id)
        if known is None:
            newest[shopify_id] = record
        elif rank(record, target.reading).supersedes(rank(known, target.reading)):
            newest[shopify_id] = record
            refused.append(Refused(known, shopify_id, Refusal.STALE))
        else:
            refused.append(Refused(record, shopify_id, Refusal.STALE))
    return newest


def _deleted(session: Session, target: Target, kind: Kind, ids: Mapping[int, Any]) -> set[int]:
    deletions = (target.owns(Deletion), Deletion.kind == kind, among(Deletion.shopify_id, ids))
    return set(session.scalars(select(Deletion.shopify_id).where(*deletions)))
