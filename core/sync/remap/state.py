"""The re-fetch of a store's outdated orders as a row: queued, in progress, and deleted at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs, tenant_session
from core.database.models import Remap, Store, StoreState
from core.domain import MAPPING_VERSION
from core.errors import RunLost
from core.ingest import remapping

FORGOTTEN = timedelta(minutes=20)
"""Longer than any wait: a row that no job worked on for so long has lost its job."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress in orders; `error` says why it waits, None where it does not."""

    done: int
    total: int
    error: str | None

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0


def queue_if_due(key: StoreKey, now: datetime) -> bool:
    """Queue the job of a store with orders of an older mapping, unless a job works on it; returns whether it did.

    A first load comes before it, because that replaces most of the store's orders anyway.
    """
    with tenant_session(key.tenant_id) as session:
        store = session.get(Store, (key.tenant_id, key.store_id))
        if store is None or store.mapping_version >= MAPPING_VERSION:
            return False
        if store.state != StoreState.CONNECTED or store.complete_until is None or not _begin(session, store, now):
            return False
        jobs.enqueue_once(session, jobs.Task.REMAP_ORDERS, key)
        return True


def progress(key: StoreKey) -> Progress | None:
    """The store's progress; None where no order is outdated."""
    with tenant_session(key.tenant_id) as session:
        row = session.get(Remap, (key.tenant_id, key.store_id))
        if row is None:
            return None
        return Progress(row.orders_total - row.orders_left, row.orders_total, row.error)


def claim(session: Session, key: StoreKey, now: datetime) -> Remap:
    """Take up the row for one step. Its trouble stays until a step makes progress.

    Raises:
        RunLost: it has ended.
    """
    row = session.scalar(_update(key).values(worked_at=now).returning(Remap))
    if row is None:
        raise RunLost("Improving past figures has ended.")
    return row


def note(session: Session, key: StoreKey, now: datetime, **values: Any) -> None:
    """Note progress, and count the orders that are left. Past trouble no longer counts."""
    orders_left = remapping.count(session, key)
    done = {"orders_left": orders_left, "worked_at": now, "attempts": 0, "error": None}
    session.execute(_update(key).values(done | values))


def note_trouble(key: StoreKey, sentence: str, now: datetime) -> int:
    """Note why it waits; returns its waits since it last made progress.

    Raises:
        RunLost: it has ended.
    """
    waits = {"error": sentence, "attempts": Remap.attempts + 1, "worked_at": now}
    with tenant_session(key.tenant_id) as session:
        attempts = session.scalar(_update(key).values(waits).returning(Remap.attempts))
    if attempts is None:
        raise RunLost("Improving past figures has ended.")
    return attempts


def finish(session: Session, key: StoreKey) -> None:
    """Delete the row: all orders are re-fetched or recomputed, as far as possible."""
    session.execute(delete(Remap).where(key.owns(Remap)))
    remapping.finish(session, key)


def _begin(session: Session, store: Store, now: datetime) -> bool:
    """Insert the row, or take up a row that lost its job; returns False if a job works on it or no order is left."""
    row = session.get(Remap, (store.tenant_id, store.store_id))
    if row is not None and row.version == MAPPING_VERSION:
        return now - (row.worked_at or row.requested_at) > FORGOTTEN
    total = remapping.count(session, store.key)
    if not total:
        finish(session, store.key)
        return False
    new_row = {"version": MAPPING_VERSION, "requested_at": now, "orders_total": total, "orders_left": total}
    values = new_row | dict.fromkeys(("worked_at", "error", "before", "operation_id", "since", "started_at"))
    statement = insert(Remap).values(tenant_id=store.tenant_id, store_id=store.store_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "store_id"], set_=values))
    return True


def _update(key: StoreKey) -> Any:
    return update(Remap).where(key.owns(Remap), Remap.version == MAPPING_VERSION)
