"""Sum the sales and count the orders of a period, whole and point by point, from sums that are kept by day.

Sums of whole days come from `sales_by_day`. The ledger is read for two kinds of days: a day that is not over, whose
last sales are left out, and a period of one day, whose points are hours.
"""

from __future__ import annotations

from core.metrics import formulas as f

_OF_SALES = {
    "gross_sales": f.GROSS_SALES,
    "discounts": f.DISCOUNTS,
    "returns": f.RETURNS,
    "net_sales": f.NET_SALES,
    "shipping": f.SHIPPING,
    "taxes": f.TAXES,
    "duties": f.DUTIES,
    "fees": f.FEES,
    "tips": f.TIPS,
    "placed_value": f.PLACED_VALUE,
    "units_ordered": f.UNITS_ORDERED,
}
_OF_ORDERS = {"orders": "count(*)", "cancelled_orders": "count(o.cancelled_at)"}
SUMS = (*_OF_SALES, *_OF_ORDERS)
"""The columns of the sums, apart from `total_sales`."""


def sales_by_point(prefix: str = "") -> str:
    """Build the SELECT of the sums of each point, and of the whole period in the row whose point is NULL.

    `prefix` begins the names of the period's parameters. An order counts in the point in which it was placed.
    """
    counts = {"units_ordered", *_OF_ORDERS}
    sums = ", ".join(f"sum({name}){'::bigint' if name in counts else ''} AS {name}" for name in SUMS)
    total = "sum(net_sales + shipping + taxes + duties + fees) AS total_sales"
    return f"""
    SELECT point, {sums}, {total}
    FROM (
        {_of_whole_days(prefix)}
        UNION ALL {_of_ledger(prefix)}
        UNION ALL {_of_placed_orders(prefix)}
    ) summed
    GROUP BY GROUPING SETS ((point), ())"""


def _of_whole_days(prefix: str) -> str:
    return f"""
        SELECT {f.point_of_day("d.business_date", prefix)} AS point, {", ".join(f"d.{name}" for name in SUMS)}
        FROM sales_by_day d
        WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND :{prefix}start < :{prefix}end
          AND d.business_date BETWEEN :{prefix}start AND {f.last_whole_day(prefix)}"""


def _of_ledger(prefix: str) -> str:
    sums = ", ".join(_OF_SALES.values())
    return f"""
        SELECT {f.point("s.happened_at", prefix)}, {sums}, {", ".join("0" for _ in _OF_ORDERS)}
        FROM sales s
        WHERE {f.sales_in_period(prefix)} AND s.business_date >= {_first_day_by_row(prefix)}
        GROUP BY 1"""


def _of_placed_orders(prefix: str) -> str:
    counts = ", ".join(_OF_ORDERS.values())
    return f"""
        SELECT {f.point("o.processed_at", prefix)}, {", ".join("0" for _ in _OF_SALES)}, {counts}
        FROM orders o
        WHERE {f.orders_in_period(prefix)} AND o.business_date >= {_first_day_by_row(prefix)}
        GROUP BY 1"""


def _first_day_by_row(prefix: str) -> str:
    """The first day whose rows are read one by one; after the period's end if there is none."""
    return f"""(SELECT CASE WHEN :{prefix}start = :{prefix}end THEN CAST(:{prefix}start AS date)
                            ELSE {f.last_whole_day(prefix)} + 1 END)"""
