"""Reads the stored body of a webhook, for a page to show."""

from __future__ import annotations

from sqlalchemy import select

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, tenant_session
from core.database.models import Delivery
from core.errors import NotFound

MOST_SHOWN = 200_000
"""Characters of a body that a page shows; the largest bodies would crash a browser."""


def read_body(actor: Actor, store_id: int, delivery_id: int) -> str:
    """The body as text, cut at `MOST_SHOWN`. It names customers, so not every role may see it.

    Raises:
        NotAllowed: the actor's role may not see it.
        NotFound: there is no such delivery, or its body was deleted by age.
    """
    authorise(actor, Action.INSPECT)
    query = select(Delivery.body).where(
        StoreKey(actor.tenant_id, store_id).owns(Delivery), Delivery.delivery_id == delivery_id
    )
    with tenant_session(actor.tenant_id) as session:
        raw = session.scalar(query)
    if raw is None:
        raise NotFound("There is no such webhook here; reload the list.")
    if not raw:
        raise NotFound("The body is deleted: bodies are kept for some time only.")
    text = raw.decode("utf-8", "replace")
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n… cut here; it has {len(text)} characters."
