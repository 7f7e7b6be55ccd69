"""The improvement of a store's past figures as a row: queued, under way, and deleted at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database import jobs, tenant_session
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


def ask_due(tenant_id: int, store_id: int, now: datetime) -> bool:
    """Queue the job for a store whose orders an older mapping made, unless it is under way; whether it was queued.

    A store that is being read from the start has its turn after that: most of its orders come right by it.
    """
    with tenant_session(tenant_id) as session:
        store = session.get(Store, (tenant_id, store_id))
        if store is None or store.mapping_version >= MAPPING_VERSION:
            return False
        if store.state != StoreState.CONNECTED or store.complete_until is None or not _begin(session, store, now):
            return False
        jobs.enqueue_once(session, jobs.Task.IMPROVE_ORDERS, tenant_id, store_id)
        return True


def progress(tenant_id: int, store_id: int) -> Progress | None:
    """How far the store is; None where nothing is to be improved."""
    with tenant_session(tenant_id) as session:
        row = session.get(Improvement, (tenant_id, store_id))
        if row is None:
            return None
        return Progress(row.orders_total - row.orders_left, row.orders_total, row.error)


def claim(session: Session, tenant_id: int, store_id: int, now: datetime) -> Improvement | None:
    """The row, for the job that works on it now; None once it has ended. No trouble is forgotten by it."""
    return session.scalar(_update(tenant_id, store_id).values(worked_at=now).returning(Improvement))


def note(session: Session, tenant_id: int, store_id: int, now: datetime, **values: Any) -> None:
    """Note how far it is, with how many orders are left: trouble is over."""
    left = outdated.count(session, tenant_id, store_id)
    done = {"orders_left": left, "worked_at": now, "attempts": 0, "error": None}
    session.execute(_update(tenant_id, store_id).values(done | values))


def note_trouble(tenant_id: int, store_id: int, sentence: str, now: datetime) -> int:
    """Note why it waits; returns how often it has waited since it got on last, 0 once it has ended."""
    waits = {"error": sentence, "attempts": Improvement.attempts + 1, "worked_at": now}
    with tenant_session(tenant_id) as session:
        return session.scalar(_update(tenant_id, store_id).values(waits).returning(Improvement.attempts)) or 0


def finish(session: Session, tenant_id: int, store_id: int) -> None:
    """All orders are improved, as far as that is possible."""
    session.execute(delete(Improvement).where(*_of(tenant_id, store_id)))
    outdated.finish(session, tenant_id, store_id)


def _begin(session: Session, store: Store, now: datetime) -> bool:
    """Make the row, or take up one that lost its job; False where a job is at it, or where nothing is to be done."""
    known = session.get(Improvement, (store.tenant_id, store.store_id))
    if known is not None and known.version == MAPPING_VERSION:
        return now - (known.worked_at or known.requested_at) > FORGOTTEN
    total = outdated.count(session, store.tenant_id, store.store_id)
    if not total:
        finish(session, store.tenant_id, store.store_id)
        return False
    fresh = {"version": MAPPING_VERSION, "requested_at": now, "orders_total": total, "orders_left": total}
    begins = fresh | dict.fromkeys(("worked_at", "error", "before", "operation_id", "since", "started_at"))
    statement = insert(Improvement).values(tenant_id=store.tenant_id, store_id=store.store_id, **begins)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "store_id"], set_=begins))
    return True


def _update(tenant_id: int, store_id: int) -> Any:
    return update(Improvement).where(*_of(tenant_id, store_id), Improvement.version == MAPPING_VERSION)


def _of(tenant_id: int, store_id: int) -> tuple[Any, Any]:
    return Improvement.tenant_id == tenant_id, Improvement.store_id == store_id
