"""Has deliveries applied once more: by themselves, ever later, and when somebody asks for it.

Applying twice is harmless (the newest version wins), so a delivery can be tried again at any time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Delivery
from core.errors import NotFound

TRIES = 10
"""How often a delivery that failed is tried by itself: for about 17 hours."""
MOST_SHOWN = 200_000
"""Characters of a body that a page shows; the largest bodies would bring a browser down."""

_AGAIN = {"state": "pending", "reason": None, "retry_at": None, "applied_at": None}


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When a delivery that failed for the `attempts`-th time is tried again: after 1, 2, 4, … minutes; None when that
    was the last time."""
    return now + timedelta(minutes=2 ** (attempts - 1)) if attempts <= TRIES else None


def revive(tenant_id: int, store_id: int, now: datetime) -> int:
    """Let the failed deliveries wait again whose time has come; returns how many."""
    with tenant_session(tenant_id) as session:
        due = (Delivery.state == "failed", Delivery.retry_at <= now)
        return _revive(session, tenant_id, store_id, *due)


def again(actor: Actor, store_id: int, delivery_id: int) -> None:
    """Have one failed delivery applied again, soon.

    Raises:
        NotAllowed: the actor's role may not.
        NotFound: there is no such delivery that failed.
    """
    authorise(actor, Action.SYNC)
    with tenant_session(actor.tenant_id) as session:
        if not _revive(session, actor.tenant_id, store_id, *_failed(), Delivery.delivery_id == delivery_id):
            raise NotFound("This delivery did not fail, or not any more; look at the list again.")


def all_again(actor: Actor, store_id: int, topic: str) -> int:
    """Have every failed delivery of a topic applied again, soon; returns how many there were.

    Raises:
        NotAllowed: the actor's role may not.
    """
    authorise(actor, Action.SYNC)
    with tenant_session(actor.tenant_id) as session:
        return _revive(session, actor.tenant_id, store_id, *_failed(), Delivery.topic == topic)


def body(actor: Actor, store_id: int, delivery_id: int) -> str:
    """What Shopify sent, as text, cut at `MOST_SHOWN`. It names customers, so not everybody who may look sees it.

    Raises:
        NotAllowed: the actor's role may not see it.
        NotFound: there is no such delivery, or its body is too old to be kept.
    """
    authorise(actor, Action.INSPECT)
    query = select(Delivery.body).where(*_of_store(actor.tenant_id, store_id), Delivery.delivery_id == delivery_id)
    with tenant_session(actor.tenant_id) as session:
        raw = session.scalar(query)
    if raw is None:
        raise NotFound("There is no such delivery here.")
    if not raw:
        raise NotFound("What Shopify sent is deleted by now: it is kept for some time only.")
    text = raw.decode("utf-8", "replace")
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n… cut here; it has {len(text):,} characters."


def _failed() -> tuple[Any, ...]:
    return (Delivery.state == "failed",)


def _of_store(tenant_id: int, store_id: int) -> tuple[Any, Any]:
    return Delivery.tenant_id == tenant_id, Delivery.store_id == store_id


def _revive(session: Session, tenant_id: int, store_id: int, *which: Any) -> int:
    """Only those that no worker holds: one that is being applied right now has its state in a moment."""
    free = (
        select(Delivery.delivery_id)
        .where(*_of_store(tenant_id, store_id), *which)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = update(Delivery).where(*_of_store(tenant_id, store_id), Delivery.delivery_id.in_(free))
    revived = len(session.scalars(statement.values(_AGAIN).returning(Delivery.delivery_id)).all())
    if revived:
        jobs.enqueue(session, jobs.Task.APPLY_DELIVERIES, StoreKey(tenant_id, store_id))
    return revived
