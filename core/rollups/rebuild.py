"""Rebuilds the roll-ups of a store from its ledger."""

from __future__ import annotations

from sqlalchemy import text

from core.database import StoreKey, tenant_session
from core.database.store_lock import lock_store
from core.metrics import formulas as f
from core.rollups.checkouts import LINK_ORDERS
from core.rollups.recomputed import ROLLUPS

_LONGEST = "15min"
"""The limit of one statement, instead of a page's."""
_NOTE_DONE = f"""
    UPDATE deferred_sums
    SET since = NULL, rebuild_seconds = extract(epoch FROM clock_timestamp() - transaction_timestamp())
    WHERE {f.of_store()}"""  # noqa: S608


def rebuild(store: StoreKey) -> None:
    """Replace all sums of a store by a recomputation; pages see the old sums until it ends.

    Writes of the store wait meanwhile: minutes at a million orders.
    """
    with tenant_session(store.tenant_id) as session:
        lock_store(session, store)
        # Several tables are kept from one another: their triggers would repeat the work, and take minutes for it.
        session.execute(text("SET LOCAL xeno.sums = 'deferred'"))
        session.execute(text(f"SET LOCAL statement_timeout = '{_LONGEST}'"))
        session.execute(text(LINK_ORDERS), store.parameters)
        for rollup in ROLLUPS:
            columns = ", ".join(rollup.columns)
            # The names are those of `ROLLUPS`, all values are parameters.
            session.execute(text(f"DELETE FROM {rollup.table} k WHERE {f.of_store('k')}"), store.parameters)  # noqa: S608
            session.execute(
                text(f"""
                    INSERT INTO {rollup.table} (tenant_id, store_id, {columns})
                    SELECT :tenant_id, :store_id, recomputed.* FROM ({rollup.select}) recomputed
                """),  # noqa: S608
                store.parameters,
            )
        session.execute(text(_NOTE_DONE), store.parameters)
