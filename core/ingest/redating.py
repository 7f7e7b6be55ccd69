"""Computes the stored days of a store anew after its time zone changed: some thousand rows a transaction."""

from __future__ import annotations

import threading

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from core.database import tenant_session
from core.database.models import Store
from core.errors import Stopping

CHUNK = 5000

_DATED = {
    "orders": ("order_id", "processed_at"),
    "sales": ("order_id", "happened_at"),
    "refunds": ("refund_id", "processed_at"),
    "checkouts": ("checkout_id", "created_at"),
}
"""By table: the key that its rows are walked by, and the instant that its day is of."""


def work(tenant_id: int, store_id: int, stop: threading.Event | None = None, chunk: int = CHUNK) -> None:
    """Date every row by the store's present time zone; a second time changes nothing.

    What is written meanwhile is dated by it already. The zone is read anew for each chunk.

    Raises:
        Stopping: `stop` was set; begun anew, it is quick up to where it was.
    """
    for table in _DATED:
        after = 0
        while last := _date(tenant_id, store_id, table, after, chunk):
            after = last
            if stop is not None and stop.is_set():
                raise Stopping("Dating anew stops here and goes on at the next start.")
    with tenant_session(tenant_id) as session:
        mine = (Store.tenant_id == tenant_id, Store.store_id == store_id)
        session.execute(update(Store).where(*mine).values(revision=Store.revision + 1))


def _date(tenant_id: int, store_id: int, table: str, after: int, chunk: int) -> int | None:
    """One chunk behind the key `after`; returns the last key in it, None where there are no more."""
    key, instant = _DATED[table]
    mine = "tenant_id = :tenant_id AND store_id = :store_id"
    where = {"tenant_id": tenant_id, "store_id": store_id, "after": after}
    # The names are those above, all values are parameters.
    rest = f"SELECT {key} FROM {table} WHERE {mine} AND {key} > :after ORDER BY {key} LIMIT :chunk"  # noqa: S608
    day = f"({instant} AT TIME ZONE :zone)::date"
    dated = f"""
        UPDATE {table} SET business_date = {day}
        WHERE {mine} AND {key} > :after AND {key} <= :last AND business_date <> {day}
    """  # noqa: S608
    with tenant_session(tenant_id) as session:
        last = session.scalar(text(f"SELECT max({key}) FROM ({rest}) part"), where | {"chunk": chunk})  # noqa: S608
        zone = _zone(session, tenant_id, store_id)
        if last is None or zone is None:
            return None
        session.execute(text(dated), where | {"last": last, "zone": zone})
        return int(last)


def _zone(session: Session, tenant_id: int, store_id: int) -> str | None:
    store = session.get(Store, (tenant_id, store_id))
    return store.time_zone if store else None
