"""Visits of users to stores. A visit ends when its user does nothing for more than half an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql

from core.accounts.permissions import Action, Actor, authorise
from core.database import tenant_session
from core.database.models import StoreVisit

VISIT_GAP = timedelta(minutes=30)
"""The time without activity after which the next activity begins another visit."""
_WRITTEN_EVERY = timedelta(minutes=1)


def record_visit(actor: Actor, store_id: int, now: datetime) -> None:
    """Record that the user looks at a page of a store, at most once a minute.

    Raises:
        NotAllowed: the actor is no member of the business.
    """
    store = actor.store_key(store_id)
    active = select(StoreVisit.last_active_at).where(store.owns(StoreVisit), StoreVisit.user_id == actor.user_id)
    with tenant_session(actor.tenant_id) as session:
        last_active_at = session.scalar(active)
    if last_active_at is not None and now - last_active_at < _WRITTEN_EVERY:
        return
    authorise(actor, Action.LOOK)
    visit = postgresql.insert(StoreVisit).values(**store.parameters, user_id=actor.user_id, last_active_at=now)
    has_ended = StoreVisit.last_active_at < now - VISIT_GAP
    follow = {
        "previous_ended_at": case((has_ended, StoreVisit.last_active_at), else_=StoreVisit.previous_ended_at),
        "last_active_at": func.greatest(StoreVisit.last_active_at, now),
    }
    with tenant_session(actor.tenant_id) as session:
        session.execute(visit.on_conflict_do_update(index_elements=["tenant_id", "store_id", "user_id"], set_=follow))


def previous_visit(actor: Actor, store_id: int) -> datetime | None:
    """Return when the user's visit before the present one ended; None in the first visit to the store."""
    store = actor.store_key(store_id)
    ended = select(StoreVisit.previous_ended_at).where(store.owns(StoreVisit), StoreVisit.user_id == actor.user_id)
    with tenant_session(actor.tenant_id) as session:
        return session.scalar(ended)
