"""Brings the stale days of the sums of discounts up to date (see `core.metrics.orders.discount_days`)."""

# ruff: noqa: S608  # The names are of this file and `discount_days`, all values are parameters.

from __future__ import annotations

import threading

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core import logs
from core.database import StoreKey, tenant_session
from core.database.models import StaleDiscountDay
from core.database.store_lock import lock_store
from core.metrics import formulas as f
from core.metrics.orders.discount_days import MEASURES, days_of
from core.rollups.stale_days import refresh_all

log = logs.get(__name__)
DAYS = 30
"""The days of one transaction. Writes of the store wait for it."""


def refresh(store: StoreKey, stop: threading.Event | None = None) -> int:
    """Recompute the sums of the stale days of a store; returns how many there were.

    Raises:
        Stopping: `stop` was set; the next run continues.
    """
    return refresh_all(lambda: _refresh_some(store), "Summing discounts", stop)


def is_stale(session: Session, store: StoreKey) -> bool:
    """Whether any day of the store is stale."""
    stale = select(StaleDiscountDay.business_date).where(store.owns(StaleDiscountDay)).limit(1)
    return session.scalar(stale) is not None


def mark_all(session: Session, store: StoreKey) -> None:
    """Mark every day with discounts as stale: pages read its rows until it is done."""
    session.execute(text(_MARK.format(days=_ALL_DAYS)), store.parameters)


def audit(store: StoreKey) -> int:
    """Compare the kept days with their rows, and mark those that differ as stale; returns how many."""
    with tenant_session(store.tenant_id) as session:
        differing = len(session.execute(text(_MARK.format(days=_DIFFERING)), store.parameters).all())
    if differing:
        log.error("sums of discounts differed from their rows; they are computed again", days=differing)
    return differing


def _refresh_some(store: StoreKey) -> int:
    """Recompute the latest stale days, which pages show most; returns how many."""
    marks = select(StaleDiscountDay.business_date).where(store.owns(StaleDiscountDay))
    with tenant_session(store.tenant_id) as session:
        lock_store(session, store)
        days = session.scalars(marks.order_by(StaleDiscountDay.business_date.desc()).limit(DAYS)).all()
        if days:
            of_days = StaleDiscountDay.business_date.in_(days)
            session.execute(delete(StaleDiscountDay).where(store.owns(StaleDiscountDay), of_days))
            for statement in (_DELETE, _INSERT):
                session.execute(text(statement), {**store.parameters, "days": list(days)})
    return len(days)


_NAMES = f"currency, business_date, kind, label, {', '.join(MEASURES)}"
_OF_DAYS = f"{f.of_store('d')} AND d.business_date = ANY(CAST(:days AS date[]))"
_DELETE = f"DELETE FROM discount_days k WHERE {f.of_store('k')} AND k.business_date = ANY(CAST(:days AS date[]))"
_INSERT = f"""
    INSERT INTO discount_days (tenant_id, store_id, {_NAMES})
    SELECT :tenant_id, :store_id, {_NAMES} FROM ({days_of(_OF_DAYS)}) days"""
_MARK = """
    INSERT INTO stale_discount_days (tenant_id, store_id, business_date)
    SELECT DISTINCT CAST(:tenant_id AS bigint), CAST(:store_id AS bigint), business_date FROM ({days}) days
    ORDER BY business_date
    ON CONFLICT (tenant_id, store_id, business_date) DO NOTHING RETURNING business_date"""
_ALL_DAYS = f"""
    SELECT d.business_date FROM order_discounts d WHERE {f.of_store("d")}
    UNION SELECT k.business_date FROM discount_days k WHERE {f.of_store("k")}"""


def _fresh(alias: str) -> str:
    stale = f"SELECT m.business_date FROM stale_discount_days m WHERE {f.of_store('m')}"
    return f"{f.of_store(alias)} AND {alias}.business_date <> ALL(ARRAY({stale}))"


_KEPT = f"SELECT {_NAMES} FROM discount_days k WHERE {_fresh('k')}"
_ROWS = f"SELECT {_NAMES} FROM ({days_of(_fresh('d'))}) days"
_DIFFERING = f"""
    SELECT business_date FROM (({_KEPT}) EXCEPT ({_ROWS})) surplus
    UNION ALL SELECT business_date FROM (({_ROWS}) EXCEPT ({_KEPT})) missing"""
