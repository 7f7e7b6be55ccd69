"""Rebuilds the roll-ups of a store from its ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import logs
from core.database import StoreKey, tenant_session
from core.database.store_lock import lock_store
from core.metrics import formulas as f
from core.rollups import discounts
from core.rollups.checkouts import LINK_ORDERS
from core.rollups.recomputed import ROLLUPS
from core.rollups.rollup import Rollup

log = logs.get(__name__)
_LONGEST = "15min"
"""The limit of one statement, instead of a page's."""
_SORTED_BY = 4
"""How many columns the rows are sorted by, behind tenant and store: those of the key come first."""
_NOTE_BEGINNING = f"""
    SELECT clock_timestamp() AS began_at,
           coalesce((SELECT deferrals FROM deferred_sums WHERE {f.of_store()}), 0) AS deferrals"""  # noqa: S608
# A load that deferred sums meanwhile awaits another rebuild: a table may have been rebuilt before its rows came.
_NOTE_DONE = f"""
    UPDATE deferred_sums
    SET since = CASE WHEN deferrals <> :deferrals THEN clock_timestamp() END,
        rebuild_seconds = extract(epoch FROM clock_timestamp() - :began_at)
    WHERE {f.of_store()}"""  # noqa: S608


class Lock(NamedTuple):
    """The table of kept sums whose transaction held up writes of the store, and for how many seconds."""

    table: str
    seconds: float


def rebuild(store: StoreKey) -> Lock:
    """Replace all sums of a store by a recomputation, table by table; see `rebuild_by_table`.

    Returns, and logs, the longest of its locks: for so long a webhook waits at most.
    """
    held: list[Lock] = []
    for _ in rebuild_by_table(store, held):
        pass
    longest = max(held, key=lambda lock: lock.seconds)
    total = sum(lock.seconds for lock in held)
    log.info("sums are rebuilt", longest_lock=longest.table, lock_seconds=longest.seconds, seconds=round(total, 3))
    return longest


def rebuild_by_table(store: StoreKey, held: list[Lock] | None = None) -> Iterator[str]:
    """Replace the sums of one table after another, each in its own transaction, and give its name when it is done.

    `held` receives the lock of each transaction.

    Pages see the old sums of a table until its transaction ends, and writes of the store wait for that one alone.
    A write between two transactions changes the sums of every table by its own rows, as always: right ones stay
    right, and wrong ones stay as wrong until their turn comes. A table comes after those that it is summed from.
    """
    held = [] if held is None else held
    with _writes_held_up(store, held, "checkouts") as session:
        beginning = session.execute(text(_NOTE_BEGINNING), store.parameters).mappings().one()
        session.execute(text(LINK_ORDERS), store.parameters)
    for rollup in ROLLUPS:
        with _writes_held_up(store, held, rollup.table) as session:
            _replace(session, store, rollup)
        yield rollup.table
    with _writes_held_up(store, held, "stale_discount_days") as session:
        discounts.mark_all(session, store)
        session.execute(text(_NOTE_DONE), {**store.parameters, **beginning})


@contextmanager
def _writes_held_up(store: StoreKey, held: list[Lock], table: str) -> Iterator[Session]:
    """Open a transaction for which writes of the store wait, and in which no trigger keeps sums; add its lock to
    `held`.

    Several tables are kept from one another: their triggers would repeat the work, and take minutes for it.
    """
    with tenant_session(store.tenant_id) as session:
        lock_store(session, store)
        began = time.monotonic()
        session.execute(text("SET LOCAL xeno.sums = 'deferred'"))
        session.execute(text(f"SET LOCAL statement_timeout = '{_LONGEST}'"))
        yield session
    held.append(Lock(table, round(time.monotonic() - began, 3)))


def _replace(session: Session, store: StoreKey, rollup: Rollup) -> None:
    columns = ", ".join(rollup.columns)
    # Sorted as pages read them: a day's rows then lie together, not each on a page of its own.
    order = ", ".join(str(place) for place in range(3, 3 + min(_SORTED_BY, len(rollup.columns))))
    # The names are those of `ROLLUPS`, all values are parameters.
    session.execute(text(f"DELETE FROM {rollup.table} k WHERE {f.of_store('k')}"), store.parameters)  # noqa: S608
    session.execute(
        text(f"""
            INSERT INTO {rollup.table} (tenant_id, store_id, {columns})
            SELECT :tenant_id, :store_id, recomputed.* FROM ({rollup.select}) recomputed
                ORDER BY {order}
        """),  # noqa: S608
        store.parameters,
    )
