"""Which webhooks did Shopify send, and were they applied? The deliveries of a store, to filter and to count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.database.models import DeliveryState as DeliveryState
from core.domain import Refusal
from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery, without its body.

    `reason` is why it failed or was not applied; `retry_at` is the time of the next retry. `size` is in bytes.
    """

    delivery_id: int
    topic: str
    state: DeliveryState
    received_at: datetime
    triggered_at: datetime | None
    applied_at: datetime | None
    retry_at: datetime | None
    attempts: int
    size: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How many deliveries of one day were not applied, or not in full, for one reason."""

    day: date
    refusal: Refusal
    deliveries: int


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How many deliveries of a period are in each state."""

    by_state: Mapping[DeliveryState, int]

    @property
    def total(self) -> int:
        """The number of all deliveries."""
        return sum(self.by_state.values())

    def of(self, state: DeliveryState | None) -> int:
        """Return the number in this state; None asks for all."""
        return self.total if state is None else self.by_state[state]


# Days begin at midnight in the store's time zone.
_IN_PERIOD = f"""{f.of_store("d")}
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
    state: DeliveryState | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[DeliveryRow, ...]:
    """List the deliveries received in the period, newest first; `topic` and `state` filter them."""
    parameters = _within(scope, period) | {
        "topic": topic,
        "state": str(state or ""),
        "limit": limit,
        "offset": offset,
    }
    rows = session.execute(text(DELIVERIES), parameters).mappings()
    return tuple(DeliveryRow(**{**row, "state": DeliveryState(row["state"])}) for row in rows)


def counts(session: Session, scope: Scope, period: Period, topic: str = "") -> DeliveryCounts:
    """Count the period's deliveries by state; `topic` filters them."""
    query = f"""
        SELECT d.state, count(*) AS deliveries FROM deliveries d WHERE {_NARROWED} GROUP BY d.state"""
    rows = session.execute(text(query), _within(scope, period) | {"topic": topic, "state": ""}).mappings()
    by_state = {DeliveryState(row["state"]): row["deliveries"] for row in rows}
    return DeliveryCounts({state: by_state.get(state, 0) for state in DeliveryState})


def topics(session: Session, scope: Scope, period: Period) -> tuple[str, ...]:
    """List the topics of the period's deliveries, by name."""
    query = f"SELECT DISTINCT d.topic FROM deliveries d WHERE {_IN_PERIOD} ORDER BY d.topic"
    return tuple(session.scalars(text(query), _within(scope, period)))


def failed_by_topic(session: Session, scope: Scope) -> dict[str, int]:
    """Count the failed deliveries of all time by topic; a topic without failures has no entry."""
    query = f"""
        SELECT d.topic, count(*) AS deliveries FROM deliveries d
        WHERE {f.of_store("d")} AND d.state = 'failed'
        GROUP BY d.topic ORDER BY d.topic"""
    return {row["topic"]: row["deliveries"] for row in session.execute(text(query), scope.parameters).mappings()}


REFUSALS = f"""
SELECT (d.received_at AT TIME ZONE :zone)::date AS day, d.refusal, count(*) AS deliveries
FROM deliveries d
WHERE {_IN_PERIOD} AND d.refusal IS NOT NULL
GROUP BY 1, 2
ORDER BY day, d.refusal
"""
"""The deliveries received in a period that were not applied, or not in full: a row for each day and reason."""


def refusals(session: Session, scope: Scope, period: Period) -> tuple[RefusalCount, ...]:
    """Why were webhooks of the period not applied? Their number by day and reason, on the store's clock."""
    rows = session.execute(text(REFUSALS), _within(scope, period)).mappings()
    return tuple(RefusalCount(row["day"], Refusal(row["refusal"]), row["deliveries"]) for row in rows)


def _within(scope: Scope, period: Period) -> dict[str, object]:
    return {**scope.within(period), "zone": period.zone.key}
