"""The files of the Targets page: the days of a month beside its target, all months, and the changes of targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.database import tenant_session
from core.domain.periods import Period
from core.exports.files import Export
from core.metrics import Scope
from core.metrics.formulas import of_store
from core.metrics.sales.daily import daily
from core.stores import StoreView
from core.targets import TargetMetric, days_of, history_start, list_targets, pace_by_day

DAYS, DAYS_OF_ORDERS = "target-days", "target-days-of-orders"
_METRICS = {DAYS: TargetMetric.NET_SALES, DAYS_OF_ORDERS: TargetMetric.ORDERS}

_DAYS = """
SELECT t.day, t.target_share, t.target_of_day, t.{metric}, t.so_far, t.pace
FROM unnest(CAST(:target_days AS date[]), CAST(:target_shares AS numeric[]), CAST(:targets_of_days AS numeric[]),
            CAST(:actuals AS numeric[]), CAST(:so_far AS numeric[]), CAST(:paces AS numeric[]))
     AS t (day, target_share, target_of_day, {metric}, so_far, pace)
ORDER BY t.day
"""
"""The pace comes from two patterns of history, which `core.targets` knows."""
_BY_FIGURE = """
    CASE t.metric WHEN 'net_sales' THEN t.amount END AS target_net_sales,
    CASE t.metric WHEN 'orders' THEN t.amount END AS target_orders"""
_MONTHS = f"""
SELECT t.month, t.metric AS figure, t.currency, {_BY_FIGURE},
       CASE t.metric WHEN 'net_sales' THEN s.net_sales END AS net_sales,
       CASE t.metric WHEN 'orders' THEN s.orders END AS orders,
       CASE t.metric WHEN 'net_sales' THEN s.net_sales ELSE s.orders END / t.amount AS reached
FROM (SELECT DISTINCT ON (t.month, t.metric) t.* FROM targets t WHERE {of_store("t")}
      ORDER BY t.month, t.metric, t.target_id DESC) t
LEFT JOIN LATERAL (
    SELECT coalesce(sum(d.net_sales), 0) AS net_sales, coalesce(sum(d.orders), 0)::bigint AS orders
    FROM sales_by_day d
    WHERE {of_store("d")} AND d.currency = t.currency
      AND d.business_date >= t.month AND d.business_date < t.month + interval '1 month'
) s ON t.month <= CAST(:today AS date)
WHERE t.amount IS NOT NULL
ORDER BY t.month DESC, t.metric
"""
_CHANGES = f"""
SELECT t.set_at, t.month, t.metric AS figure, t.currency, {_BY_FIGURE}, t.amount IS NULL AS is_removed,
       u.name AS set_by
FROM targets t LEFT JOIN users u ON u.user_id = t.set_by
WHERE {of_store("t")}
ORDER BY t.target_id DESC
"""

EXPORTS = {
    DAYS: Export(
        _DAYS.format(metric="net_sales"),
        """day=text_of_day target_share=share target_of_day=amount net_sales=amount so_far=level pace=level
        currency=currency""",
        title="Target of net sales by day",
        row="day of the month",
    ),
    DAYS_OF_ORDERS: Export(
        _DAYS.format(metric="orders"),
        "day=text_of_day target_share=share target_of_day=ratio orders=count so_far=number pace=ratio",
        title="Target of orders by day",
        row="day of the month",
    ),
    "targets": Export(
        _MONTHS,
        """month=text_of_day figure=text target_net_sales=own_level net_sales=own_level currency=text
        target_orders=number orders=number reached=share""",
        title="Targets",
        row="month and figure with a target, the latest first",
        meanings={"month": "month_of_store"},
    ),
    "target-changes": Export(
        _CHANGES,
        """set_at=time month=text_of_day figure=text target_net_sales=own_level currency=text target_orders=number
        is_removed=flag set_by=text time_zone=zone""",
        title="Changes of targets",
        row="change of a target, the latest first",
        meanings={"month": "month_of_store"},
    ),
}


def parameters(name: str, store: StoreView, period: Period, currency: str, today: date) -> dict[str, object]:
    """The parameters of the days of a target: of the month in which `period` begins, in the `currency`.

    There are none without such a target.
    """
    month, metric = period.start.replace(day=1), _METRICS.get(name)
    for target in list_targets(store.key):
        if (target.month, target.metric, target.currency) == (month, metric, currency):
            return _arrays(_rows(store, month, target.metric, target.amount, currency, today))
    return _arrays([])


_Row = tuple[date, Decimal, Decimal, Decimal | None, Decimal | None, Decimal]


def _rows(
    store: StoreView, month: date, metric: TargetMetric, target: Decimal, currency: str, today: date
) -> list[_Row]:
    with tenant_session(store.key.tenant_id) as session:
        history = daily(session, Scope(store.key, currency), history_start(month), days_of(month)[-1])
    sold = {day.day: Decimal(getattr(day, metric)) for day in history.days}
    rows, before = list[_Row](), Decimal(0)
    for pace in pace_by_day(target, month, today, sold, history.first_day):
        own = pace.expected - before
        actual = None if pace.actual is None else sold.get(pace.day, Decimal(0))
        rows.append((pace.day, own / target, own, actual, pace.actual, pace.expected))
        before = pace.expected
    return rows


def _arrays(rows: list[_Row]) -> dict[str, object]:
    names = ("target_days", "target_shares", "targets_of_days", "actuals", "so_far", "paces")
    return {name: [row[number] for row in rows] for number, name in enumerate(names)}
