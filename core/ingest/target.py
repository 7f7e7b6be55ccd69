"""The store that is written to, with the facts that its rows need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from core.database import StoreKey
from core.domain.periods import local_day
from core.ingest.ranks import Reading

COPY_FROM = 200
"""Rows of one table from which COPY is faster than an INSERT: below, its temporary table costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Target:
    """A store's clock and currency, and how the batch for it was read."""

    store: StoreKey
    zone: ZoneInfo
    currency: str
    reading: Reading
    """How the API's records of the batch were read."""
    copy_from: int = COPY_FROM
    """The number of rows of one table from which they are written by COPY."""
    connected_at: datetime | None = None
    """When Shopify began to send the store's webhooks."""

    def day(self, instant: datetime) -> date:
        """Return the store's day of an instant."""
        return local_day(instant, self.zone)

    def owns(self, model: Any) -> ColumnElement[bool]:
        """Whether a row of `model` is the store's. Every statement says so, beside the row-level security policy."""
        return self.store.owns(model)
