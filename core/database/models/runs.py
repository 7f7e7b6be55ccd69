"""Describe what every kind of run has: a sync, a check of days, an import of files."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import EnumText, TenantId
from core.database.store_key import StoreKey


class RunState(StrEnum):
    """How far a run is. Queued and running ones are active; the others have ended for good."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Trigger(StrEnum):
    """Who requested a run."""

    CONNECT = "connect"
    BUTTON = "button"
    SCHEDULE = "schedule"
    COMMAND = "command"


class Run:
    """The columns of a run. `core.sync.run_life` alone writes them."""

    # First in the table, so that the primary key is (tenant, run) for `session.get`.
    tenant_id: Mapped[TenantId] = mapped_column(sort_order=-1)
    run_id: Mapped[int]
    store_id: Mapped[int]
    state: Mapped[RunState] = mapped_column(EnumText(RunState))
    requested_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime | None]
    """When a job last worked on it. A run whose heartbeat is old has lost its job."""
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    """Why it failed, or waits, as a sentence for the merchant."""

    @property
    def store_key(self) -> StoreKey:
        return StoreKey.of(self)


class RetriedRun(Run):
    """A run that waits on its own row while Shopify has trouble."""

    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Waits since it last made progress."""
