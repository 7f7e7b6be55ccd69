"""The delay after which an open checkout of a store counts as abandoned."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, tenant_session
from core.database.models import Store
from core.domain.checkouts import step_of
from core.errors import StoreNotFound


def save_delay(actor: Actor, store: StoreKey, delay: timedelta) -> None:
    """Set the delay of a store. Figures of the past follow at once: nothing is recounted.

    Raises:
        NotAllowed: only owners may.
        InvalidInput: it is none of `core.domain.checkouts.DELAYS`.
        StoreNotFound: the actor's tenant has no such store.
    """
    authorise(actor, Action.MANAGE)
    step_of(delay)
    minutes = int(delay / timedelta(minutes=1))
    with tenant_session(actor.tenant_id) as session:
        change = update(Store).where(StoreKey(actor.tenant_id, store.store_id).owns(Store))
        if not session.execute(change.values(abandoned_after=minutes).returning(Store.store_id)).first():
            raise StoreNotFound
