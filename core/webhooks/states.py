"""Moves deliveries from state to state, each with its reason and the time of the next try.

    pending ──► applied
            ──► ignored       nothing is made of it
            ──► failed        ──► pending     a retry, by time or by click
            ──► unconfirmed   ──► pending     Shopify confirmed it
                              ──► ignored     Shopify denied it

A new reason why a delivery is not applied belongs here: `ignore` and `fail` are the only ends but `mark_applied`.
Only `core.privacy.bodies`, on a lower rung, ignores a failed delivery whose body it erased.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.models import Delivery, DeliveryState
from core.domain import Refusal

RETRIES = 10
"""Automatic retries of a failed delivery: over about 17 hours."""

WAITS_FOR_SHOPIFY = "It waits until Shopify confirms it."


def mark_applied(
    session: Session, store: StoreKey, delivery_ids: Collection[int], refusals: Mapping[int, Refusal], now: datetime
) -> None:
    """End these deliveries as applied, by one statement for each reason why some were not, or not in full."""
    by_refusal: dict[Refusal | None, list[int]] = defaultdict(list)
    for delivery_id in delivery_ids:
        by_refusal[refusals.get(delivery_id)].append(delivery_id)
    ended = {"state": DeliveryState.APPLIED, "reason": None, "applied_at": now, "retry_at": None}
    for refusal, ids in by_refusal.items():
        statement = (
            update(Delivery)
            .where(store.owns(Delivery), Delivery.delivery_id.in_(ids))
            .values(attempts=Delivery.attempts + 1, refusal=refusal, **ended)
        )
        session.execute(statement, execution_options={"synchronize_session": False})


def ignore(delivery: Delivery, refusal: Refusal, reason: str, now: datetime) -> None:
    """End a delivery that will never be applied."""
    _end(delivery, DeliveryState.IGNORED, refusal, reason, now)
    delivery.retry_at = None


def fail(delivery: Delivery, refusal: Refusal, reason: str, now: datetime) -> None:
    """End a delivery that could not be read or written. It is retried, because a newer Xeno may read it."""
    _end(delivery, DeliveryState.FAILED, refusal, reason, now)
    delivery.retry_at = next_retry(delivery.attempts, now)


def _end(delivery: Delivery, state: DeliveryState, refusal: Refusal, reason: str, now: datetime) -> None:
    delivery.refusal = refusal
    delivery.state, delivery.reason, delivery.applied_at = state, reason, now
    delivery.attempts += 1


def next_retry(attempts: int, now: datetime) -> datetime | None:
    """When a delivery is retried after its failure number `attempts`: after 1, 2, 4, … minutes. None if it is not."""
    return now + timedelta(minutes=2 ** (attempts - 1)) if attempts <= RETRIES else None


def hold(delivery: Delivery, now: datetime) -> None:
    """Hold a pending delivery until Shopify confirms it."""
    delivery.state, delivery.reason, delivery.retry_at = DeliveryState.UNCONFIRMED, WAITS_FOR_SHOPIFY, now
    delivery.refusal = None


def release(delivery: Delivery, now: datetime) -> None:
    """Let an unconfirmed delivery be applied: Shopify confirmed it, or no longer has to."""
    delivery.state, delivery.reason, delivery.retry_at = DeliveryState.PENDING, None, None
    delivery.confirmed_at = now


def retry(session: Session, store: StoreKey, *which: ColumnElement[bool]) -> int:
    """Make failed deliveries of a store pending again; returns how many.

    A delivery that a worker holds is left out: the worker is about to change its state.
    """
    failed = (store.owns(Delivery), Delivery.state == DeliveryState.FAILED, *which)
    unlocked = select(Delivery.delivery_id).where(*failed).with_for_update(skip_locked=True).scalar_subquery()
    again: dict[str, Any] = {"state": DeliveryState.PENDING, "retry_at": None, "applied_at": None}
    again |= {"reason": None, "refusal": None}
    statement = update(Delivery).where(store.owns(Delivery), Delivery.delivery_id.in_(unlocked)).values(again)
    return len(session.scalars(statement.returning(Delivery.delivery_id)).all())
