"""Defers the sums of a store while many of its orders are written, and rebuilds them from time to time.

Triggers keep the sums of each statement: the right thing for a webhook, and several times slower than a rebuild for a
million orders. So the transactions of a first load, a large import or a remap turn the triggers off for themselves,
and note in the same transaction that the store awaits a rebuild. Until then pages show the sums as of the last one.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.database import StoreKey, tenant_session
from core.database.store_lock import lock_store
from core.metrics import formulas as f
from core.rollups.rebuild import rebuild

_FEWEST = 100
"""Orders of a bulk write whose sums are deferred: a rebuild has a cost of its own, however small the store."""
_STORED_PER_WRITTEN = 3
"""How many orders a rebuild sums in the time in which triggers sum one, about."""
_LOADED_PER_REBUILD = 9
"""How many times longer a load goes on than the last rebuild took, until the next one: a tenth of all time."""


def defer(session: Session, store: StoreKey) -> None:
    """Keep no sums in this transaction, and note that the store awaits a rebuild."""
    note = """
        INSERT INTO deferred_sums AS d (tenant_id, store_id, since, deferrals)
        VALUES (:tenant_id, :store_id, now(), 1)
        ON CONFLICT (tenant_id, store_id) DO UPDATE
        SET since = coalesce(d.since, excluded.since), deferrals = d.deferrals + 1"""
    lock_store(session, store)  # as a rebuild does before it changes the note; else the two could wait in a circle
    session.execute(text(note), store.parameters)
    session.execute(text("SET LOCAL xeno.sums = 'deferred'"))


def is_worth_deferring(store: StoreKey, written: int, fewest: int = _FEWEST) -> bool:
    """Whether a rebuild of all sums costs less than to keep them while so many orders are written."""
    most = written * _STORED_PER_WRITTEN
    # As far as it matters: a large store has more orders than are worth counting.
    query = f"SELECT count(*) FROM (SELECT FROM orders o WHERE {f.of_store('o')} LIMIT :most) counted"  # noqa: S608
    if written < fewest:
        return False
    with tenant_session(store.tenant_id) as session:
        stored = session.execute(text(query), {**store.parameters, "most": most}).scalar_one()
    return bool(stored < most)


def rebuild_if_worth_it(store: StoreKey) -> None:
    """Rebuild deferred sums if the load went on for long enough since the last rebuild, so that charts follow it."""
    if _matches(store, f"now() - since >= rebuild_seconds * {_LOADED_PER_REBUILD} * interval '1 second'"):
        rebuild(store)


def rebuild_deferred(store: StoreKey) -> bool:
    """Rebuild the sums of a store if they are deferred; returns whether they were."""
    if not is_deferred(store):
        return False
    rebuild(store)
    return True


def is_deferred(store: StoreKey) -> bool:
    """Whether the sums of a store await a rebuild."""
    return _matches(store, "since IS NOT NULL")


def is_forgotten(store: StoreKey) -> bool:
    """Whether the sums have been deferred for long, as after a load that was canceled or killed."""
    return _matches(store, "since < now() - interval '1 hour'")


def _matches(store: StoreKey, condition: str) -> bool:
    query = f"SELECT FROM deferred_sums WHERE {f.of_store()} AND {condition}"  # no value in it
    with tenant_session(store.tenant_id) as session:
        return session.execute(text(query), store.parameters).first() is not None
