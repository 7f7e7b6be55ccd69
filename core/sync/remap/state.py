"""The improvement of a store's past figures as a row: queued, under way, and deleted at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs, tenant_session
from core.database.models import Improvement, Store, StoreState
from core.domain import MAPPING_VERSION
from core.ingest import outdated

FORGOTTEN = timedelta(minutes=20)
"""Longer than any wait: one that no job touched for so long has lost its job."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, in orders; `error` says why it waits, None where it does not."""

    done: int
    total: int
    error: str | None

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0


def ask_due(key: StoreKey, now: datetime) -> bool:
    """Queue the job for a store whose orders an older mapping made, unless it is under way; whether it was queued.

    A store that is being read from the start has its turn after that: most of its orders come right by it.
    """
    with tenant_session(key.tenant_id) as session:
        store = session.get(Store, (key.tenant_id, key.store_id))
        if store is None or store.mapping_version >= MAPPING_VERSION:
            return False
        if store.state != StoreState.CONNECTED or store.complete_until is None or not _begin(session, store, now):
            return False
        jobs.enqueue_once(session, jobs.Task.IMPROVE_ORDERS, key)
        return True


def progress(key: StoreKey) -> Progress | None:
    """How far the store is; None where nothing is to be improved."""
    with tenant_session(key.tenant_id) as session:
        row = session.get(Improvement, (key.tenant_id, key.store_id))
        if row is None:
            return None
        return Progress(row.orders_total - row.orders_left, row.orders_total, row.error)


def claim(session: Session, key: StoreKey, now: datetime) -> Improvement | None:
    """The row, for the job that works on it now; None once it has ended. No trouble is forgotten by it."""
    return session.scalar(_update(key).values(worked_at=now).returning(Improvement))


def note(session: Session, key: StoreKey, now: datetime, **values: Any) -> None:
    """Note how far it is, with how many orders are left: trouble is over."""
    left = outdated.count(session, key)
    done = {"orders_left": left, "worked_at": now, "attempts": 0, "error": None}
    session.execute(_update(key).values(done | values))


def note_trouble(key: StoreKey, sentence: str, now: datetime) -> int:
    """Note why it waits; returns how often it has waited since it got on last, 0 once it has ended."""
    waits = {"error": sentence, "attempts": Improvement.attempts + 1, "worked_at": now}
    with tenant_session(key.tenant_id) as session:
        return session.scalar(_update(key).values(waits).returning(Improvement.attempts)) or 0


def finish(session: Session, key: StoreKey) -> None:
    """All orders are improved, as far as that is possible."""
    session.execute(delete(Improvement).where(key.owns(Improvement)))
    outdated.finish(session, key)


def _begin(session: Session, store: Store, now: datetime) -> bool:
    """Make the row, or take up one that lost its job; False where a job is at it, or where nothing is to be done."""
    known = session.get(Improvement, (store.tenant_id, store.store_id))
    if known is not None and known.version == MAPPING_VERSION:
        return now - (known.worked_at or known.requested_at) > FORGOTTEN
    total = outdated.count(session, StoreKey(store.tenant_id, store.store_id))
    if not total:
        finish(session, StoreKey(store.tenant_id, store.store_id))
        return False
    fresh = {"version": MAPPING_VERSION, "requested_at": now, "orders_total": total, "orders_left": total}
    begins = fresh | dict.fromkeys(("worked_at", "error", "before", "operation_id", "since", "started_at"))
    statement = insert(Improvement).values(tenant_id=store.tenant_id, store_id=store.store_id, **begins)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "store_id"], set_=begins))
    return True


def _update(key: StoreKey) -> Any:
    return update(Improvement).where(key.owns(Improvement), Improvement.version == MAPPING_VERSION)
