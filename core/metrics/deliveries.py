"""Which webhooks did Shopify send, and were they applied? The deliveries of a store, to filter and to count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.database.models import DeliveryState as DeliveryState
from core.domain import Refusal
from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.paging import Column, Columns, Cursor, Kind, Page, Slice, keys_of, order_of, page_of, read_slices
from core.metrics.scope import Scope
from core.metrics.sorting import MOST_SORTED, Sort


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery, without its body.

    `reason` is why it failed or was not applied; `retry_at` is the time of the next retry. `size` is in bytes.
    `record_id` is the record that it is about (see `core.shopify.body_records`), `order_name` that of an order.
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
    record_id: int | None
    order_name: str | None


class DeliveryKey(StrEnum):
    """What the list of deliveries can be sorted by."""

    RECEIVED = "received"
    TOPIC = "topic"
    STATE = "state"
    ATTEMPTS = "attempts"


NEWEST_FIRST = Sort(DeliveryKey.RECEIVED, is_descending=True)


@dataclass(frozen=True, slots=True)
class Received:
    """The number of deliveries received since an instant, and of those that failed."""

    received: int
    failed: int


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
      AND (CAST(:state AS text) = '' OR d.state = :state)
      AND (CAST(:search AS text) = '' OR d.record_id = ANY(ARRAY(
           SELECT CAST(substring(CAST(:search AS text) FROM '^[0-9]{{1,18}}$') AS bigint)
           UNION ALL SELECT o.order_id FROM orders o WHERE {f.of_store("o")} AND o.name_norm = :search)))"""
"""Record ids and numbers of orders are looked up in indexes: a comparison of texts would read every delivery."""
_OF_AN_ORDER = "(d.topic LIKE 'orders/%' OR d.topic LIKE 'returns/%' OR d.topic = 'refunds/create')"
_ROWS = f"""
SELECT d.delivery_id, d.topic, d.state, d.received_at, d.triggered_at, d.applied_at, d.retry_at, d.attempts,
       octet_length(d.body) AS size, d.reason, d.record_id, o.name AS order_name
FROM deliveries d
LEFT JOIN orders o
  ON {_OF_AN_ORDER} AND {f.of_store("o")} AND o.order_id = d.record_id AND o.deleted_at IS NULL"""

_ID = Column("d.delivery_id", Kind.INTEGER)
_RECEIVED = (Column("d.received_at", Kind.INSTANT), _ID)
COLUMNS: Mapping[DeliveryKey, Columns] = {DeliveryKey.RECEIVED: _RECEIVED}
"""The keys that an index has in order."""
_SORTED: Mapping[DeliveryKey, Columns] = {
    **COLUMNS,
    DeliveryKey.TOPIC: (Column("d.topic", Kind.TEXT), *_RECEIVED),
    DeliveryKey.STATE: (Column("d.state", Kind.TEXT), *_RECEIVED),
    DeliveryKey.ATTEMPTS: (Column("d.attempts", Kind.INTEGER), *_RECEIVED),
}


def sortable(count: int) -> tuple[DeliveryKey, ...]:
    """The keys by which a list of so many deliveries can be sorted."""
    return tuple(key for key in DeliveryKey if key in COLUMNS or count <= MOST_SORTED)


def deliveries_statement(sort: Sort[DeliveryKey] = NEWEST_FIRST) -> str:
    """The SQL of `deliveries` for a file."""
    return f"""{_ROWS}
WHERE {_NARROWED}
{order_of(_SORTED[sort.key], sort.is_descending)}
LIMIT :limit OFFSET :offset
"""


def search_parameter(typed: str) -> str:
    """Make the parameter `search` of a typed text: an id, or the name of an order with or without its #."""
    return typed.strip().removeprefix("#").lower()


def deliveries(
    session: Session,
    scope: Scope,
    period: Period,
    topic: str = "",
    state: DeliveryState | None = None,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    sort: Sort[DeliveryKey] = NEWEST_FIRST,
) -> tuple[DeliveryRow, ...]:
    """List the deliveries of `deliveries_page` without its cursors."""
    return deliveries_page(session, scope, period, topic, state, limit, offset, search, sort).rows


def deliveries_page(
    session: Session,
    scope: Scope,
    period: Period,
    topic: str = "",
    state: DeliveryState | None = None,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    sort: Sort[DeliveryKey] = NEWEST_FIRST,
    cursor: Cursor | None = None,
) -> Page[DeliveryRow]:
    """List the deliveries received in the period, from the `cursor` of another page on, else from `offset` on.

    `topic` and `state` filter them. `search` is the name of an order, or the id of a record. Equal ones follow the
    direction of the sort.
    """
    columns = _SORTED[sort.key]
    parameters = _within(scope, period) | {
        "topic": topic,
        "state": str(state or ""),
        "search": search_parameter(search),
    }

    def read(part: Slice) -> Sequence[RowMapping]:
        page = f"SELECT {keys_of(columns)} FROM deliveries d WHERE {_NARROWED} AND {part.condition} {part.order}"
        # Bodies and orders are looked up for the rows of the page only.
        found = (
            f"({page}) page JOIN deliveries d ON {f.of_store('d')} AND d.delivery_id = page.key_{len(columns) - 1}"
        )
        statement = _ROWS.replace("SELECT", "SELECT page.*,", 1).replace("FROM deliveries d", f"FROM {found}", 1)
        rows = session.execute(text(f"{statement} {part.order_of_keys}"), {**parameters, **part.parameters})
        return rows.mappings().all()

    def count_of(condition: str) -> int:
        statement = f"SELECT count(*) FROM deliveries d WHERE {_NARROWED} AND {condition}"
        return session.execute(text(statement), parameters).scalar_one()

    found = read_slices(read, count_of, columns, sort.is_descending, limit, offset, cursor)
    return page_of(found, columns, _row)


def delivery(session: Session, scope: Scope, delivery_id: int) -> DeliveryRow | None:
    """Find a delivery of the store; None if there is no such one."""
    parameters = {**scope.parameters, "delivery_id": delivery_id}
    rows = _rows(session, f"{_ROWS} WHERE {f.of_store('d')} AND d.delivery_id = :delivery_id", parameters)
    return rows[0] if rows else None


def deliveries_of_order(session: Session, scope: Scope, order_id: int, limit: int) -> tuple[DeliveryRow, ...]:
    """List the deliveries about an order and its refunds, newest first."""
    statement = f"""{_ROWS}
WHERE {f.of_store("d")} AND d.record_id = :order_id AND {_OF_AN_ORDER}
ORDER BY d.received_at DESC, d.delivery_id DESC LIMIT :limit"""
    return _rows(session, statement, {**scope.parameters, "order_id": order_id, "limit": limit})


def _rows(session: Session, statement: str, parameters: Mapping[str, object]) -> tuple[DeliveryRow, ...]:
    return tuple(_row(**row) for row in session.execute(text(statement), parameters).mappings())


def _row(**values: Any) -> DeliveryRow:
    return DeliveryRow(**{**values, "state": DeliveryState(values["state"])})


def received_since(session: Session, scope: Scope, since: datetime) -> Received:
    """How many deliveries came since then, and how many of them failed?"""
    query = f"""
        SELECT count(*) AS received, count(*) FILTER (WHERE d.state = 'failed') AS failed
        FROM deliveries d WHERE {f.of_store("d")} AND d.received_at >= :since"""
    return Received(**session.execute(text(query), {**scope.parameters, "since": since}).mappings().one())


def counts(session: Session, scope: Scope, period: Period, topic: str = "", search: str = "") -> DeliveryCounts:
    """Count the period's deliveries by state; `topic` and `search` filter them as in `deliveries`."""
    query = f"""
        SELECT d.state, count(*) AS deliveries FROM deliveries d WHERE {_NARROWED} GROUP BY d.state"""
    parameters = _within(scope, period) | {"topic": topic, "state": "", "search": search_parameter(search)}
    rows = session.execute(text(query), parameters).mappings()
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
