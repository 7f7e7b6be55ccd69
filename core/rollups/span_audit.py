"""Compares spans with their days (see `core.rollups.spans`), and marks the days as stale if they differ."""

# ruff: noqa: S608  # The names are of this file and of formulas, all values are parameters.

from __future__ import annotations

from sqlalchemy import text

from core import logs
from core.database import StoreKey, tenant_session
from core.metrics import formulas as f
from core.metrics.money.profit_days import GOODS_MEASURES
from core.metrics.sales.week_hours import HOUR, WEEKDAY
from core.metrics.span_names import spans_of

log = logs.get(__name__)


def audit_spans(store: StoreKey) -> int:
    """Mark the days of spans that differ from the sum of their days as stale; returns how many days.

    Each statement sees a year as of one moment. Spans with stale days are left out: their refresh is to come.
    """
    marked = 0
    with tenant_session(store.tenant_id) as session:
        years = session.scalars(text(_YEARS), store.parameters).all()
    for year in years:
        for statement in _MARKS:
            with tenant_session(store.tenant_id) as session:
                marked += len(session.execute(text(statement), {**store.parameters, "year": year}).all())
    if marked:
        log.error("sums of spans differed from their days; they are computed again", days=marked)
    return marked


_YEARS = (
    f"SELECT DISTINCT CAST(date_part('year', d.business_date) AS int) FROM sales_by_day d WHERE {f.of_store('d')}"
)


def _of_year(alias: str) -> str:
    return (
        f"{f.of_store(alias)} AND {alias}.business_date BETWEEN make_date(:year, 1, 1) AND make_date(:year, 12, 31)"
    )


def _mark(table: str, days: str, key: str, sums: tuple[str, ...], of_day: str = "") -> str:
    """Build the statement that compares a table with `days`, to which `of_day` adds columns of the key."""
    summed = ", ".join(f"sum({name})" for name in sums)
    kept = f"""
        SELECT currency, span, {key}, {summed} FROM {table} k
        WHERE {f.of_store("k")} AND left(k.span, 4) = CAST(:year AS text) GROUP BY currency, span, {key}"""
    rows = f"""
        SELECT currency, span, {key}, {summed} FROM {days} k {of_day} CROSS JOIN {spans_of("k.business_date")}
        WHERE {_of_year("k")} GROUP BY currency, span, {key}"""
    return f"""
    WITH kept AS MATERIALIZED ({kept}), rows AS MATERIALIZED ({rows}), differing AS (
        SELECT span FROM (TABLE kept EXCEPT TABLE rows) surplus
        UNION SELECT span FROM (TABLE rows EXCEPT TABLE kept) missing
        EXCEPT SELECT span FROM stale_money_days m CROSS JOIN {spans_of("m.business_date")} WHERE {_of_year("m")}
    )
    INSERT INTO stale_money_days (tenant_id, store_id, business_date)
    SELECT DISTINCT CAST(:tenant_id AS bigint), CAST(:store_id AS bigint), d.business_date
    FROM money_days d CROSS JOIN {spans_of("d.business_date")}
    WHERE {_of_year("d")} AND span IN (SELECT span FROM differing)
    ORDER BY 3
    ON CONFLICT (tenant_id, store_id, business_date) DO NOTHING RETURNING business_date"""


_MARKS = (
    _mark("goods_spans", "goods_days", "product_id", GOODS_MEASURES),
    _mark("goods_order_spans", "goods_order_days", "goods, goods_id", ("orders",)),
    _mark(
        "week_hour_spans",
        "sales_by_time",
        "weekday, hour",
        ("orders", "net_sales"),
        f"CROSS JOIN LATERAL (SELECT {WEEKDAY} AS weekday, {HOUR} AS hour) clock",
    ),
)
