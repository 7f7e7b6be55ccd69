"""Recomputes the stored days of a store after its time zone changed: some thousand rows a transaction."""

from __future__ import annotations

import threading

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from core.database import StoreKey, tenant_session
from core.database.models import Store
from core.database.store_lock import lock_store
from core.errors import Stopping

CHUNK = 5000

_DATED = {
    "orders": ("order_id", "processed_at"),
    "sales": ("order_id", "happened_at"),
    "order_discounts": ("order_id", "placed_at"),
    "transactions": ("order_id", "processed_at"),
    "refunds": ("refund_id", "processed_at"),
    "checkouts": ("checkout_id", "created_at"),
}
"""By table: the key by which its rows are walked, and the instant whose day is stored."""


def recompute(store: StoreKey, stop: threading.Event | None = None, chunk: int = CHUNK) -> None:
    """Recompute the day of every row in the store's present time zone; a repetition changes nothing.

    Rows written meanwhile have the right day already. Each chunk reads the zone, because it may change again.

    Raises:
        Stopping: `stop` was set; the next run is quick up to the same row.
    """
    for table in _DATED:
        after = 0
        while last := _date(store, table, after, chunk):
            after = last
            if stop is not None and stop.is_set():
                raise Stopping("Recomputing days pauses here and continues at the next start.")
    with tenant_session(store.tenant_id) as session:
        session.execute(update(Store).where(store.owns(Store)).values(revision=Store.revision + 1))


def _date(store: StoreKey, table: str, after: int, chunk: int) -> int | None:
    """Recompute one chunk behind the key `after`; returns the last key in it, or None at the end."""
    key, instant = _DATED[table]
    own_rows = "tenant_id = :tenant_id AND store_id = :store_id"
    where = store.parameters | {"after": after}
    # The names are those above, all values are parameters.
    rest = f"SELECT {key} FROM {table} WHERE {own_rows} AND {key} > :after ORDER BY {key} LIMIT :chunk"  # noqa: S608
    day = f"({instant} AT TIME ZONE :zone)::date"
    dated = f"""
        UPDATE {table} SET business_date = {day}
        WHERE {own_rows} AND {key} > :after AND {key} <= :last AND business_date <> {day}
    """  # noqa: S608
    with tenant_session(store.tenant_id) as session:
        lock_store(session, store)
        zone = _zone(session, store)
        last = session.scalar(text(f"SELECT max({key}) FROM ({rest}) part"), where | {"chunk": chunk})  # noqa: S608
        if last is None or zone is None:
            return None
        session.execute(text(dated), where | {"last": last, "zone": zone})
        return int(last)


def _zone(session: Session, store: StoreKey) -> str | None:
    zone: str | None = session.scalar(select(Store.time_zone).where(store.owns(Store)))
    return zone
