"""Retries failed deliveries: by itself, with a growing backoff, and when a merchant asks for it.

A retry is harmless: the newest version of a record wins, so applying a delivery twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Delivery
from core.errors import NotFound
from core.webhooks import states


def retry_due(store: StoreKey, now: datetime) -> int:
    """Retry the store's failed deliveries whose backoff is over; returns how many."""
    return _retry(store, Delivery.retry_at <= now)


def retry_one(actor: Actor, store_id: int, delivery_id: int) -> None:
    """Retry one failed delivery, soon.

    Raises:
        NotAllowed: the actor's role may not.
        NotFound: the store has no failed delivery of this id.
    """
    authorise(actor, Action.SYNC)
    if not _retry(StoreKey(actor.tenant_id, store_id), Delivery.delivery_id == delivery_id):
        raise NotFound("This delivery did not fail, or not any more; look at the list again.")


def retry_topic(actor: Actor, store_id: int, topic: str) -> int:
    """Retry every failed delivery of a topic, soon; returns how many.

    Raises:
        NotAllowed: the actor's role may not.
    """
    authorise(actor, Action.SYNC)
    return _retry(StoreKey(actor.tenant_id, store_id), Delivery.topic == topic)


def _retry(store: StoreKey, which: ColumnElement[bool]) -> int:
    with tenant_session(store.tenant_id) as session:
        count = states.retry(session, store, which)
        if count:
            jobs.enqueue(session, jobs.Task.APPLY_DELIVERIES, store)
        return count
