"""Compares the roll-ups of a store with its ledger, and repairs what differs."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import logs
from core.database import StoreKey, tenant_session
from core.metrics import formulas as f
from core.rollups.rebuild import rebuild
from core.rollups.recomputed import ROLLUPS, Rollup

log = logs.get(__name__)


def audit(store: StoreKey) -> dict[str, int]:
    """Recompute the sums of a store and compare; rebuild the tables that differ.

    Returns how many sums differed, by table, without tables that were right. Nothing waits for the comparison. Each
    statement sees the ledger and the sums as of one moment, and a write changes both in one transaction.
    """
    with tenant_session(store.tenant_id) as session:
        counts = {rollup: _count_differences(session, store, rollup) for rollup in ROLLUPS}
    differing = {rollup: count for rollup, count in counts.items() if count}
    if differing:
        log.error("sums differed from the ledger; they are rebuilt", **{r.table: n for r, n in differing.items()})
        rebuild(store, differing)
    return {rollup.table: count for rollup, count in differing.items()}


def _count_differences(session: Session, store: StoreKey, rollup: Rollup) -> int:
    """Count the sums that are stored or recomputed only, or with other values."""
    columns = ", ".join(rollup.columns)
    stored = f"SELECT {columns} FROM {rollup.table} k WHERE {f.of_store('k')}"  # noqa: S608
    recomputed = f"SELECT {columns} FROM ({rollup.select}) recomputed"  # noqa: S608
    query = f"""
        SELECT count(DISTINCT ({", ".join(rollup.key)})) FROM (
            (({stored}) EXCEPT ({recomputed})) UNION ALL (({recomputed}) EXCEPT ({stored}))
        ) differing
    """  # noqa: S608
    count: int = session.execute(text(query), store.parameters).scalar_one()
    return count
