"""Writes outdated orders again from Shopify's kept answers, without a request."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from core import ingest
from core.database import StoreKey, tenant_session
from core.database.models import OrderAnswer
from core.domain import Order
from core.errors import UnmappableError
from core.ingest import answers, remapping
from core.shopify.mapping import kept_answers


def write_kept(store: StoreKey, limit: int, now: datetime) -> int:
    """Write some outdated orders again; returns how many answers were looked at.

    An answer that does not help is deleted: it is damaged, or lacks what the order needs. Its order is then read from
    Shopify, as those without an answer.
    """
    with tenant_session(store.tenant_id) as session:
        kept = remapping.kept_answers(session, store, limit)
        if not kept:
            return 0
        orders = [order for answer in kept if (order := _mapped(answer)) is not None]
        partial = frozenset(answer.order_id for answer in kept if not answer.is_whole)
        # The earliest: a row must not seem to have been read later than it was.
        reading = ingest.Reading(min(answer.read_at for answer in kept), partial)
        ingest.write(session, store, orders, now, reading=reading)
        outdated = remapping.still_outdated(session, store, [answer.order_id for answer in kept])
        remapping.delete_answers(session, store, outdated)
        return len(kept)


def _mapped(answer: OrderAnswer) -> Order | None:
    try:
        order = kept_answers.order(answers.unpacked(answer.answer, answer.dictionary))
    except UnmappableError:
        return None
    # The answer is kept as it is.
    return replace(order, answer=None)
