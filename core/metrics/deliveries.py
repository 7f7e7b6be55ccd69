"""What did Shopify send, and what became of it? The webhook deliveries of a store, to filter and to count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics.scope import Scope


class State(StrEnum):
    """What became of a delivery; the empty one stands for all."""

    ALL = ""
    PENDING = "pending"
    UNCONFIRMED = "unconfirmed"
    APPLIED = "applied"
    IGNORED = "ignored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery, without its body. `reason` says why it failed or was set aside; `retry_at` is when a failed one
    is tried again by itself. `size` is in bytes."""

    delivery_id: int
    topic: str
    state: str
    received_at: datetime
    triggered_at: datetime | None
    applied_at: datetime | None
    retry_at: datetime | None
    attempts: int
    size: int
    reason: str | None


# By when it was received, on the store's clock.
_IN_PERIOD = """d.tenant_id = :tenant_id AND d.store_id = :store_id
      AND d.received_at >= CAST(:start AS timestamp) AT TIME ZONE :zone
      AND d.received_at < (CAST(:end AS timestamp) + interval '1 day') AT TIME ZONE :zone"""
_NARROWED = f"""{_IN_PERIOD}
      AND (CAST(:topic AS text) = '' OR d.topic = :topic)
      AND (CAST(:state AS text) = '' OR d.state = :state)"""

DELIVERIES = f"""
SELECT d.delivery_id, d.topic, d.state, d.received_at, d.triggered_at, d.applied_at, d.retry_at, d.attempts,
       octet_length(d.body) AS size, d.reason
FROM deliveries d
WHERE {_NARROWED}
ORDER BY d.received_at DESC, d.delivery_id DESC
LIMIT :limit OFFSET :offset
"""
"""The deliveries received in a period, newest first."""


def deliveries(
    session: Session,
    scope: Scope,
    period: Period,
    topic: str = "",
    state: State = State.ALL,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[DeliveryRow, ...]:
    """The deliveries received in the period, newest first; of one topic and state where they are named."""
    asked = _within(scope, period) | {"topic": topic, "state": str(state), "limit": limit, "offset": offset}
    return tuple(DeliveryRow(**row) for row in session.execute(text(DELIVERIES), asked).mappings())


def counts(session: Session, scope: Scope, period: Period, topic: str = "") -> dict[State, int]:
    """How many there are of each state; the sum under `State.ALL`."""
    query = f"""
        SELECT d.state, count(*) AS found FROM deliveries d WHERE {_NARROWED} GROUP BY d.state"""
    rows = session.execute(text(query), _within(scope, period) | {"topic": topic, "state": ""}).mappings()
    found = {State(row["state"]): row["found"] for row in rows}
    return {State.ALL: sum(found.values())} | {state: found.get(state, 0) for state in State if state}


def topics(session: Session, scope: Scope, period: Period) -> tuple[str, ...]:
    """The topics of the period's deliveries, by name."""
    query = f"SELECT DISTINCT d.topic FROM deliveries d WHERE {_IN_PERIOD} ORDER BY d.topic"
    return tuple(session.scalars(text(query), _within(scope, period)))


def failed_by_topic(session: Session, scope: Scope) -> dict[str, int]:
    """How many deliveries have failed of each topic that has any, whenever they were received."""
    query = """
        SELECT d.topic, count(*) AS found FROM deliveries d
        WHERE d.tenant_id = :tenant_id AND d.store_id = :store_id AND d.state = 'failed'
        GROUP BY d.topic ORDER BY d.topic"""
    return {row["topic"]: row["found"] for row in session.execute(text(query), scope.parameters).mappings()}


def _within(scope: Scope, period: Period) -> dict[str, Any]:
    return {**scope.within(period), "zone": period.zone.key}
