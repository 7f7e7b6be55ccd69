"""Brings the gross profit of the orders of stale days up to date (see `core.metrics.money.profit_ranks`)."""

# ruff: noqa: S608  # The names are of this file and `profit_ranks`, all values are parameters.

from __future__ import annotations

import threading

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core import logs
from core.database import StoreKey, tenant_session
from core.database.models import StaleMoneyDay, StaleProfitDay
from core.database.store_lock import lock_store
from core.metrics import formulas as f
from core.metrics.money.profit_ranks import profits_of
from core.rollups.stale_days import refresh_all

log = logs.get(__name__)
DAYS = 7
"""The days of one transaction. Writes of the store wait for it."""


def refresh(store: StoreKey, stop: threading.Event | None = None) -> int:
    """Recompute the profit of the orders of stale days; returns how many days there were.

    Raises:
        Stopping: `stop` was set; the next run continues.
    """
    return refresh_all(lambda: _refresh_some(store), "Summing the profit of orders", stop)


def is_stale(session: Session, store: StoreKey) -> bool:
    """Whether any day of the store is stale."""
    return session.scalar(select(StaleProfitDay.business_date).where(store.owns(StaleProfitDay)).limit(1)) is not None


def audit(store: StoreKey) -> int:
    """Compare the kept profits with their rows, and mark the days that differ as stale; returns how many.

    Each statement sees a month as of one moment.
    """
    differing = 0
    with tenant_session(store.tenant_id) as session:
        months = session.scalars(text(_MONTHS), store.parameters).all()
    for month in months:
        with tenant_session(store.tenant_id) as session:
            differing += len(session.execute(text(_MARK), {**store.parameters, "month": month}).all())
    if differing:
        log.error("profits of orders differed from their rows; they are computed again", days=differing)
    return differing


def _refresh_some(store: StoreKey) -> int:
    """Recompute the latest stale days, which pages show most; returns how many.

    A day waits for its goods in `goods_days`: by these, a changed cost finds the days of a variant.
    """
    marks = select(StaleProfitDay.business_date).where(store.owns(StaleProfitDay))
    waiting = select(StaleMoneyDay.business_date).where(store.owns(StaleMoneyDay))
    ready = marks.where(StaleProfitDay.business_date.not_in(waiting))
    with tenant_session(store.tenant_id) as session:
        lock_store(session, store)
        days = session.scalars(ready.order_by(StaleProfitDay.business_date.desc()).limit(DAYS)).all()
        if days:
            of_days = StaleProfitDay.business_date.in_(days)
            session.execute(delete(StaleProfitDay).where(store.owns(StaleProfitDay), of_days))
            for statement in (_DELETE, _INSERT):
                session.execute(text(statement), {**store.parameters, "days": list(days)})
    return len(days)


_NAMES = "business_date, order_id, currency, gross_profit, net_with_cost"
_DELETE = f"DELETE FROM order_profits k WHERE {f.of_store('k')} AND k.business_date = ANY(CAST(:days AS date[]))"
_INSERT = f"""
    INSERT INTO order_profits (tenant_id, store_id, {_NAMES})
    SELECT :tenant_id, :store_id, {_NAMES}
    FROM ({profits_of(f"{f.ORDERS_OF_STORE} AND o.business_date = ANY(CAST(:days AS date[]))")}) profits"""
_MONTHS = f"""
    SELECT DISTINCT CAST(date_trunc('month', day) AS date) FROM (
        SELECT k.business_date AS day FROM order_profits k WHERE {f.of_store("k")}
        UNION SELECT d.business_date FROM sales_by_day d WHERE {f.of_store("d")}
        UNION SELECT o.business_date FROM orders o WHERE {f.of_store("o")}
    ) days ORDER BY 1"""


def _fresh(alias: str) -> str:
    stale = f"SELECT m.business_date FROM stale_profit_days m WHERE {f.of_store('m')}"
    return f"""{alias}.business_date >= :month
        AND {alias}.business_date < CAST(:month AS date) + interval '1 month'
        AND {alias}.business_date <> ALL(ARRAY({stale}))"""


_KEPT = f"SELECT {_NAMES} FROM order_profits k WHERE {f.of_store('k')} AND {_fresh('k')}"
_COUNTED = f"{f.ORDERS_OF_STORE} AND {_fresh('o')}"
_ROWS = f"SELECT {_NAMES} FROM ({profits_of(_COUNTED)}) profits"
_MARK = f"""
    INSERT INTO stale_profit_days (tenant_id, store_id, business_date)
    SELECT DISTINCT CAST(:tenant_id AS bigint), CAST(:store_id AS bigint), business_date FROM (
        SELECT business_date FROM (({_KEPT}) EXCEPT ({_ROWS})) surplus
        UNION ALL SELECT business_date FROM (({_ROWS}) EXCEPT ({_KEPT})) missing
    ) differing
    ORDER BY business_date
    ON CONFLICT (tenant_id, store_id, business_date) DO NOTHING RETURNING business_date"""
