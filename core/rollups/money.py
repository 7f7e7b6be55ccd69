"""Brings the sums of stale days up to date: profit, taxes, orders by goods (`core.database.models.money_sums`)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core import logs
from core.database import StoreKey, jobs, tenant_session
from core.database.models import StaleMoneyDay
from core.database.store_lock import lock_store
from core.metrics import formulas as f
from core.metrics.explore.goods_orders import orders_by_goods
from core.metrics.money.profit_days import GOODS_MEASURES, MEASURES, days_of
from core.metrics.money.taxes import tax_rows
from core.metrics.money.unit_cost import goods
from core.metrics.sales.week_hours import HOUR, WEEKDAY
from core.rollups import deferral, discounts, profits
from core.rollups.span_audit import audit_spans
from core.rollups.spans import DAYS_OF_THIRDS, THIRD, span_parameters, span_statements
from core.rollups.stale_days import refresh_all

log = logs.get(__name__)
DAYS = 7
"""The days of one transaction. Writes of the store wait for it: some two seconds, with a million orders."""


def refresh(store: StoreKey, stop: threading.Event | None = None) -> int:
    """Recompute the sums of a store's stale days, then its discounts, then the profit of its orders.

    Returns how many days of profit and taxes there were.

    Raises:
        Stopping: `stop` was set; the next run continues.
    """
    done = refresh_all(lambda: 0 if deferral.is_deferred(store) else _refresh_some(store), "Summing stale days", stop)
    if not deferral.is_deferred(store):
        discounts.refresh(store, stop)
        profits.refresh(store, stop)
    return done


def rebuild(store: StoreKey, stop: threading.Event | None = None) -> None:
    """Recompute the sums of all days of a store; pages read its rows until each day is done.

    Raises:
        Stopping: `stop` was set; the next refresh continues.
    """
    with tenant_session(store.tenant_id) as session:
        session.execute(text(_MARK_ALL), store.parameters)
    refresh(store, stop)


def audit(store: StoreKey) -> int:
    """Compare the kept days of a store with their rows, and mark those that differ as stale; returns how many.

    Nothing waits for it: each statement sees the rows, the sums and the marks of a month as of one moment.
    """
    with tenant_session(store.tenant_id) as session:
        months = session.scalars(text(_KEPT_MONTHS_OF_STORE), store.parameters).all()
    differing = 0
    for month in months:
        with tenant_session(store.tenant_id) as session:
            marked = session.execute(text(_MARK_DIFFERING), {**store.parameters, "month": month})
            differing += len(marked.all())
    if differing:
        log.error("sums of profit differed from their rows; they are computed again", days=differing)
    return differing + audit_spans(store)


def queue_if_stale(store: StoreKey, now: datetime) -> None:
    """Queue a refresh of a store that has stale days.

    Not during a first load, which marks the same days again and again, and would wait for each refresh.
    """
    if deferral.is_deferred(store):
        return
    with tenant_session(store.tenant_id) as session:
        stale = session.scalar(select(StaleMoneyDay.business_date).where(store.owns(StaleMoneyDay)).limit(1))
        if stale or discounts.is_stale(session, store) or profits.is_stale(session, store):
            jobs.enqueue_once(session, jobs.Task.REFRESH_MONEY, store)


def _refresh_some(store: StoreKey) -> int:
    """Recompute the latest stale days, which pages show most; returns how many."""
    query = select(StaleMoneyDay.business_date).where(store.owns(StaleMoneyDay))
    with tenant_session(store.tenant_id) as session:
        lock_store(session, store)
        days = session.scalars(query.order_by(StaleMoneyDay.business_date.desc()).limit(DAYS)).all()
        if days:
            session.execute(
                delete(StaleMoneyDay).where(store.owns(StaleMoneyDay), StaleMoneyDay.business_date.in_(days))
            )
            _replace(session, store, days)
    return len(days)


def _replace(session: Session, store: StoreKey, days: Sequence[date]) -> None:
    stale_days = session.scalars(select(StaleMoneyDay.business_date).where(store.owns(StaleMoneyDay))).all()
    parameters = {**store.parameters, "days": list(days), **span_parameters(days, stale_days)}
    for statement in _STATEMENTS:
        session.execute(text(statement), parameters)


_MARK_ALL = f"""
INSERT INTO stale_money_days (tenant_id, store_id, business_date)
SELECT :tenant_id, :store_id, business_date FROM (
    SELECT s.business_date FROM sales s WHERE {f.SALES_OF_STORE}
    UNION SELECT o.business_date FROM orders o WHERE {f.of_store("o")}
    UNION SELECT r.business_date FROM refunds r WHERE {f.of_store("r")}
    UNION SELECT k.business_date FROM money_days k WHERE {f.of_store("k")}
    UNION SELECT k.business_date FROM goods_days k WHERE {f.of_store("k")}
    UNION SELECT k.business_date FROM tax_days k WHERE {f.of_store("k")}
) days
ORDER BY business_date
ON CONFLICT (tenant_id, store_id, business_date) DO NOTHING
"""
_SALES = f"{f.SALES_OF_STORE} AND s.business_date = ANY(CAST(:days AS date[]))"
_REFUNDS = f"{f.of_store('r')} AND r.business_date = ANY(CAST(:days AS date[]))"
_ORDERS = f"{f.ORDERS_OF_STORE} AND o.business_date = ANY(CAST(:days AS date[]))"
_KEPT_DAYS = f"{f.of_store('k')} AND k.business_date = ANY(CAST(:days AS date[]))"
_GOODS = ", ".join(GOODS_MEASURES)
_GOODS_SUMS = ", ".join(f"sum({name})" for name in GOODS_MEASURES)
_GOODS_SUMS_NAMED = ", ".join(f"sum({name}) AS {name}" for name in GOODS_MEASURES)
_GOODS_AGGREGATES = {"an_order": "max", **dict.fromkeys(GOODS_MEASURES, "sum")}
# Pages ask for single variants only where a cost is missing: the others of a product become one row.
_VARIANTS_OF_THIRDS = f"""
    SELECT currency, third, product_id, CASE WHEN lines > lines_with_cost THEN variant_id ELSE 0 END AS variant_id,
           an_order, {_GOODS}
    FROM (
        SELECT currency, {THIRD}, product_id, variant_id, max(an_order) AS an_order, {_GOODS_SUMS_NAMED}
        FROM goods_days k WHERE {DAYS_OF_THIRDS}
        GROUP BY 1, 2, 3, 4
    ) variants"""
_HOURS_OF_THIRDS = f"""
    SELECT k.currency, {THIRD}, {WEEKDAY} AS weekday, {HOUR} AS hour, k.orders, k.net_sales
    FROM sales_by_time k WHERE {DAYS_OF_THIRDS}"""
_ORDERS_OF_THIRDS = f"SELECT k.*, {THIRD} FROM goods_order_days k WHERE {DAYS_OF_THIRDS}"
_KEPT_MONTHS_OF_STORE = f"""
SELECT DISTINCT CAST(date_trunc('month', day) AS date) FROM (
    SELECT k.business_date AS day FROM money_days k WHERE {f.of_store("k")}
    UNION SELECT s.business_date FROM sales_by_day s WHERE {f.SALES_OF_STORE}
) days ORDER BY 1
"""


def _in_month(alias: str) -> str:
    """Select the rows of the month's days that are not stale."""
    stale_days = f"SELECT m.business_date FROM stale_money_days m WHERE {f.of_store('m')}"
    return f"""{f.of_store(alias)} AND {alias}.business_date >= :month
      AND {alias}.business_date < CAST(:month AS date) + interval '1 month'
      AND {alias}.business_date <> ALL(ARRAY({stale_days}))"""


_COUNTED_IN_MONTH = f"{_in_month('o')} AND NOT o.test AND o.deleted_at IS NULL"
_GOODS_OF_MONTH = goods(_in_month("s"), _in_month("r"))
_COMPARED = {
    f"SELECT business_date, currency, {', '.join(MEASURES)} FROM money_days k WHERE {_in_month('k')}": f"""
        SELECT business_date, currency, {", ".join(MEASURES)}
        FROM ({days_of(_GOODS_OF_MONTH, _in_month("s"), _COUNTED_IN_MONTH)}) days""",
    f"""SELECT business_date, currency, product_id, variant_id, {_GOODS}
        FROM goods_days k WHERE {_in_month("k")}""": f"""
        SELECT business_date, currency, coalesce(product_id, 0), coalesce(variant_id, 0), {_GOODS_SUMS}
        FROM ({_GOODS_OF_MONTH}) goods GROUP BY 1, 2, 3, 4""",
    f"SELECT business_date, currency, title, rate, taxable, tax FROM tax_days k WHERE {_in_month('k')}": f"""
        SELECT business_date, currency, coalesce(title, ''), coalesce(rate, -1), sum(taxable), sum(tax)
        FROM ({tax_rows(_in_month("s"))}) taxes GROUP BY 1, 2, 3, 4""",
    f"SELECT currency, goods, business_date, goods_id, orders FROM goods_order_days k WHERE {_in_month('k')}": (
        orders_by_goods(_COUNTED_IN_MONTH)
    ),
}
"""The kept sums of a month, and how they are recomputed."""
_DIFFERING = " UNION ALL ".join(
    f"SELECT business_date FROM (({kept}) EXCEPT ({rows})) surplus "
    f"UNION ALL SELECT business_date FROM (({rows}) EXCEPT ({kept})) missing"
    for kept, rows in _COMPARED.items()
)
_MARK_DIFFERING = f"""
INSERT INTO stale_money_days (tenant_id, store_id, business_date)
SELECT DISTINCT CAST(:tenant_id AS bigint), CAST(:store_id AS bigint), business_date FROM ({_DIFFERING}) differing
ON CONFLICT (tenant_id, store_id, business_date) DO NOTHING
RETURNING business_date
"""
_STATEMENTS = (
    f"DELETE FROM goods_days k WHERE {_KEPT_DAYS}",
    f"""
    INSERT INTO goods_days
        (tenant_id, store_id, currency, business_date, product_id, variant_id, an_order, {_GOODS})
    SELECT :tenant_id, :store_id, currency, business_date, coalesce(product_id, 0), coalesce(variant_id, 0),
           max(an_order), {_GOODS_SUMS}
    FROM ({goods(_SALES, _REFUNDS)}) goods
    GROUP BY currency, business_date, coalesce(product_id, 0), coalesce(variant_id, 0)""",
    *span_statements("goods_spans", _VARIANTS_OF_THIRDS, "product_id, variant_id", _GOODS_AGGREGATES),
    f"DELETE FROM money_days k WHERE {_KEPT_DAYS}",
    f"""
    INSERT INTO money_days (tenant_id, store_id, currency, business_date, {", ".join(MEASURES)})
    SELECT :tenant_id, :store_id, currency, business_date, {", ".join(MEASURES)}
    FROM ({days_of(f"SELECT * FROM goods_days k WHERE {_KEPT_DAYS}", _SALES, _ORDERS)}) days""",
    f"DELETE FROM tax_days k WHERE {_KEPT_DAYS}",
    f"""
    INSERT INTO tax_days (tenant_id, store_id, currency, business_date, title, rate, taxable, tax)
    SELECT :tenant_id, :store_id, currency, business_date, coalesce(title, ''), coalesce(rate, -1), sum(taxable),
           sum(tax)
    FROM ({tax_rows(_SALES)}) taxes
    GROUP BY 3, 4, 5, 6""",
    f"DELETE FROM goods_order_days k WHERE {_KEPT_DAYS}",
    f"""
    INSERT INTO goods_order_days (tenant_id, store_id, currency, goods, business_date, goods_id, orders)
    SELECT :tenant_id, :store_id, placed.* FROM ({orders_by_goods(_ORDERS)}) placed""",
    *span_statements("goods_order_spans", _ORDERS_OF_THIRDS, "goods, goods_id", {"orders": "sum"}),
    *span_statements("week_hour_spans", _HOURS_OF_THIRDS, "weekday, hour", {"orders": "sum", "net_sales": "sum"}),
)
"""The statements of a refresh, in their order: spans are summed from days."""
