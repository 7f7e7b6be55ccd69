"""Compares the kept sums of a store with its rows each night, and repairs the sums that differ."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import logs, stores
from core.database import StoreKey, jobs, tenant_session
from core.database.models import RollupAudit
from core.domain.periods import last_time_of_day
from core.metrics import formulas as f
from core.rollups import deferral, discounts, money, profits
from core.rollups.rebuild import rebuild
from core.rollups.recomputed import ROLLUPS
from core.rollups.rollup import Rollup

NIGHT = time(4)
"""When an audit is due, on the store's clock: after the nightly check, whose repairs change sums."""

log = logs.get(__name__)


def audit(store: StoreKey, now: datetime) -> dict[str, int]:
    """Recompute the sums of a store and compare; rebuild all if any differs, and record the outcome.

    Returns how many sums differed, by table, without tables that were right. Nothing waits for the comparison. Each
    statement sees the rows and their sums as of one moment, and a write changes both in one transaction.

    A load that defers sums rebuilds them itself: until then the store is not audited, and nothing is recorded.
    """
    if deferral.is_forgotten(store):
        deferral.rebuild_deferred(store)
        log.info("the sums of a first load that did not end are rebuilt")
    with tenant_session(store.tenant_id) as session:
        counts = {rollup.table: _count_differences(session, store, rollup) for rollup in ROLLUPS}
    if None in counts.values():
        log.info("a load defers the sums; they are audited after it")
        return {}
    differing = {table: count for table, count in counts.items() if count}
    if differing:
        log.error("sums differed from their rows; they are rebuilt", **differing)
        rebuild(store)
    if days := money.audit(store):
        differing["money_days"] = days
    if days := discounts.audit(store):
        differing["discount_days"] = days
    if days := profits.audit(store):
        differing["order_profits"] = days
    with tenant_session(store.tenant_id) as session:
        _record(session, store, now, sum(differing.values()))
    return differing


def queue_if_due(store: StoreKey, now: datetime) -> None:
    """Queue the audit of a store once a night, and where a first load left its sums behind.

    Not while a load defers the sums: the audit would compare nothing.
    """
    is_forgotten = deferral.is_forgotten(store)
    if deferral.is_deferred(store) and not is_forgotten:
        return
    zone = stores.find(store).time_zone
    last_night = last_time_of_day(NIGHT, zone, now)
    with tenant_session(store.tenant_id) as session:
        audited_at = session.scalar(select(RollupAudit.audited_at).where(store.owns(RollupAudit)))
        if audited_at is None or audited_at < last_night or is_forgotten:
            jobs.enqueue_once(session, jobs.Task.AUDIT_ROLLUPS, store)


def _count_differences(session: Session, store: StoreKey, rollup: Rollup) -> int | None:
    """Count the rows that are kept but not recomputed, or the other way round, whichever are more.

    None where the sums were deferred: the same statement reads this, so no load can begin in between.
    """
    columns = ", ".join(rollup.columns)
    query = f"""
        WITH kept AS MATERIALIZED (SELECT {columns} FROM {rollup.table} k WHERE {f.of_store("k")}),
        recomputed AS MATERIALIZED ({rollup.select})
        SELECT CASE WHEN NOT EXISTS (SELECT FROM deferred_sums d WHERE {f.of_store("d")} AND d.since IS NOT NULL)
        THEN greatest(
            (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM recomputed) surplus),
            (SELECT count(*) FROM (SELECT * FROM recomputed EXCEPT SELECT * FROM kept) missing)
        ) END
    """  # noqa: S608
    count: int | None = session.execute(text(query), store.parameters).scalar_one()
    return count


def _record(session: Session, store: StoreKey, now: datetime, differing: int) -> None:
    outcome = {"audited_at": now, "differing": differing}
    statement = insert(RollupAudit).values(**store.parameters, **outcome)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "store_id"], set_=outcome))
