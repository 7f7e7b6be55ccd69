"""Fingerprints of the long-running work in a tenant's stores: syncs, checks, imports and remaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from core.database import tenant_session
from core.database.models import CheckRun, Import, Remap, RunState, SyncRun
from core.stores.view import short_hash

SILENCE = timedelta(minutes=10)
"""Longer than between any two heartbeats of a living import: a batch takes a second, a retry comes after 30."""
_RUNS = (SyncRun, CheckRun, Import)
_ACTIVE = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Work:
    """Two short hashes. `runs` changes when a run begins, ends or falls silent, `progress` with each of its steps."""

    runs: str
    progress: str


def fingerprint_work(tenant_id: int, now: datetime) -> Work:
    """Read the active runs of all stores of the tenant, and the latest run of each kind."""
    rows = sorted(_rows(tenant_id), key=repr)
    runs = [(*run, bool(worked_at and now - worked_at > SILENCE)) for run, worked_at in rows]
    return Work(short_hash(runs), short_hash(rows))


def _rows(tenant_id: int) -> Iterator[tuple[tuple[Any, ...], datetime | None]]:
    with tenant_session(tenant_id) as session:
        for model in _RUNS:
            latest = select(func.max(model.run_id)).where(model.tenant_id == tenant_id).scalar_subquery()
            columns = (model.store_id, model.run_id, model.state, model.error, model.heartbeat_at)
            shown = or_(model.state.in_(_ACTIVE), model.run_id == latest)
            for *run, worked_at in session.execute(select(*columns).where(model.tenant_id == tenant_id, shown)):
                yield (model.__tablename__, *run), worked_at
        remaps = select(Remap.store_id, Remap.error, Remap.worked_at).where(Remap.tenant_id == tenant_id)
        for *remap, worked_at in session.execute(remaps):
            yield (Remap.__tablename__, *remap), worked_at
