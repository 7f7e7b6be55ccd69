"""Count the customers of a period, whole and point by point, from counts that are kept by day (`customer_days`).

A customer's first order in the days from a to b is the one whose previous order is before a. So the customers of any
days are a sum over kept counts, and no order before them is read. Orders of a day that is not over, and those of a
single day, are read by index instead: their points are hours, or their last orders are left out.
"""

from __future__ import annotations

from core.metrics import formulas as f

_ZONE = f"(SELECT st.time_zone FROM stores st WHERE {f.of_store('st')})"


def customers_by_point(prefix: str = "") -> str:
    """Count customers who ordered, new ones, repeat ones, and those with two or more orders by the end of the point.

    The row whose point is NULL is of the whole period, because counts of customers do not add up. `prefix` begins the
    names of the period's parameters. A new customer has no earlier order in any currency.
    """
    return f"""
    SELECT point, CAST(sum(customers) AS bigint) AS customers, CAST(sum(firsts) AS bigint) AS new_customers,
           CAST(sum(customers - firsts) AS bigint) AS repeat_customers,
           CAST(sum(customers - firsts + seconds) AS bigint) AS returning_customers
    FROM (
        {_of_one_day(prefix)}
        UNION ALL {_of_days(prefix)}
    ) counted
    GROUP BY point"""


def _of_one_day(prefix: str) -> str:
    """Count in the orders of a period of one day. `seconds` are new customers with a further order."""
    return f"""
        SELECT point, count(*) AS customers, count(*) FILTER (WHERE is_new) AS firsts,
               count(*) FILTER (WHERE is_new AND orders >= 2) AS seconds
        FROM (
            SELECT {f.point("o.processed_at", prefix)} AS point, k.customer_key, count(*) AS orders,
                   bool_or({_IS_FIRST}) AS is_new
            FROM orders o
            JOIN customer_orders k ON {f.of_store("k")} AND k.order_id = o.order_id
            WHERE :{prefix}start = :{prefix}end AND {f.orders_in_period(prefix)}
            GROUP BY GROUPING SETS ((1, 2), (2))
        ) buyers
        GROUP BY point"""


def _of_days(prefix: str) -> str:
    """Sum the kept counts of a longer period, whose points begin with days, and those of its unfinished day.

    `seconds` are new customers whose second order is in the point, too.
    """
    return f"""
        SELECT point, {_by_point("orders", "previous_date < since", f"previous_date < :{prefix}start")},
               coalesce(sum(firsts), 0),
               {_by_point("seconds", "previous_date >= since", f"previous_date >= :{prefix}start")}
        FROM (
            SELECT n - 1 AS point, since, coalesce(lead(since) OVER (ORDER BY n) - 1, :{prefix}end) AS last
            FROM unnest(CAST(:{prefix}points AS timestamptz[])) WITH ORDINALITY AS given (start, n),
                 LATERAL CAST(start AT TIME ZONE {_ZONE} AS date) AS days (since)
            WHERE :{prefix}start < :{prefix}end
        ) points
        JOIN LATERAL (
            SELECT previous_date, orders, firsts, seconds
            FROM customer_days d
            WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY}
              AND d.business_date BETWEEN since AND least(last, {_last_whole_day(prefix)})
            UNION ALL
            SELECT coalesce(k.previous_date, '0001-01-01'), 1, CAST({_IS_FIRST} AS integer),
                   CAST({_IS_SECOND} AS integer)
            FROM orders o
            JOIN customer_orders k ON {f.of_store("k")} AND k.order_id = o.order_id
            WHERE {f.orders_in_period(prefix)}
              AND o.business_date BETWEEN greatest(since, {_last_whole_day(prefix)} + 1) AND last
        ) counts ON true
        GROUP BY GROUPING SETS ((point), ())"""


def _by_point(count: str, in_point: str, in_period: str) -> str:
    """Sum a count over the rows of a point, or over those of the whole period."""
    return f"""coalesce(CASE WHEN grouping(point) = 0 THEN sum({count}) FILTER (WHERE {in_point})
                             ELSE sum({count}) FILTER (WHERE {in_period}) END, 0)"""


def _last_whole_day(prefix: str) -> str:
    """The last day of the period before the day that `until` cuts."""
    cut = f"CAST(CAST(:{prefix}until AS timestamptz) AT TIME ZONE {_ZONE} AS date)"
    return f"(SELECT least(:{prefix}end, {cut} - 1))"


_IS_FIRST = "k.currency_number = 1 AND k.first_date IS NOT NULL"
_IS_SECOND = "k.currency_number = 2 AND k.first_date IS NOT NULL"
