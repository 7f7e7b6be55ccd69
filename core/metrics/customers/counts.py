"""Count the customers of a period, whole and point by point, from counts that are kept by day (`customer_days`).

A customer's first order in the days from a to b is the one whose previous order is before a. So the customers of any
days are a sum over kept counts, and no order before them is read. Counts by the previous order's month
(`customer_months`) are far fewer, and serve all months but the one in which the days begin. Orders of a day that is
not over, and those of a single day, are read by index instead: their points are hours, or their last orders are left
out.
"""

from __future__ import annotations

from core.metrics import formulas as f


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
    """Sum the kept counts of a period of several days, and the orders of its unfinished day.

    Of each order, `in_point` is 1 if the customer's previous order is before the point, and `in_period` if it is
    before the period; `second_*` are second orders whose first one is not before it.
    """
    return f"""
        SELECT point, CASE WHEN grouping(point) = 0 THEN sum(in_point) ELSE sum(in_period) END,
               sum(firsts), CASE WHEN grouping(point) = 0 THEN sum(second_in_point) ELSE sum(second_in_period) END
        FROM (
            WITH points AS MATERIALIZED ({_points(prefix)})
            {_of_months(prefix)}
            UNION ALL {_of_first_month("since", "orders, 0, 0, -seconds, 0", prefix)}
            UNION ALL {_of_first_month(f"CAST(:{prefix}start AS date)", "0, orders, 0, 0, -seconds", prefix)}
            UNION ALL {_of_unfinished_day(prefix)}
        ) counts
        GROUP BY GROUPING SETS ((point), ())"""


def _points(prefix: str) -> str:
    """The days of each point; none if the period is a single day."""
    return f"""
                SELECT n - 1 AS point, since, coalesce(lead(since) OVER (ORDER BY n) - 1, :{prefix}end) AS last
                FROM unnest(CAST(:{prefix}points AS timestamptz[])) WITH ORDINALITY AS given (start, n),
                     LATERAL CAST(start AT TIME ZONE {f.ZONE} AS date) AS days (since)
                WHERE :{prefix}start < :{prefix}end"""


def _of_months(prefix: str) -> str:
    """Take orders by the month of the previous order, as if the month of the beginning were not before it."""
    before_point = f"previous_month < {_month_of('since')}"
    before_period = f"previous_month < {_month_of(f'CAST(:{prefix}start AS date)')}"
    return f"""
            SELECT point, CASE WHEN {before_point} THEN orders ELSE 0 END AS in_point,
                   CASE WHEN {before_period} THEN orders ELSE 0 END AS in_period, firsts,
                   CASE WHEN {before_point} THEN 0 ELSE seconds END AS second_in_point,
                   CASE WHEN {before_period} THEN 0 ELSE seconds END AS second_in_period
            FROM points
            JOIN customer_months m
              ON {f.of_store("m")} AND m.currency = {f.CURRENCY}
             AND m.business_date BETWEEN since AND least(last, {f.last_whole_day(prefix)})"""


def _of_first_month(beginning: str, counts: str, prefix: str) -> str:
    """Correct that for the days of the month of the beginning that are before it: a few rows by index for each day.

    OFFSET 0 keeps the look-up by index: the planner would read all days at once.
    """
    return f"""
            SELECT point, {counts}
            FROM points, generate_series(since, least(last, {f.last_whole_day(prefix)}), '1 day') AS days (day),
                 LATERAL (
                     SELECT d.orders, d.seconds FROM customer_days d
                     WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date = CAST(day AS date)
                       AND d.previous_date >= {_month_of(beginning)} AND d.previous_date < {beginning}
                     OFFSET 0
                 ) previous
            WHERE {_month_of(beginning)} < {beginning}"""


def _of_unfinished_day(prefix: str) -> str:
    """Take the orders of the day that `until` cuts from the orders themselves."""
    return f"""
            SELECT point, CAST(previous_date < since AS integer), CAST(previous_date < :{prefix}start AS integer),
                   CAST(is_first AS integer), CAST(is_second AND previous_date >= since AS integer),
                   CAST(is_second AND previous_date >= :{prefix}start AS integer)
            FROM (
                SELECT o.business_date, coalesce(previous_date, '0001-01-01') AS previous_date, is_first, is_second
                FROM orders o, LATERAL (
                    SELECT k.previous_date, {_IS_FIRST} AS is_first, {_IS_SECOND} AS is_second
                    FROM customer_orders k WHERE {f.of_store("k")} AND k.order_id = o.order_id
                    OFFSET 0
                ) history
                WHERE {f.orders_in_period(prefix)} AND o.business_date > {f.last_whole_day(prefix)}
            ) latest
            JOIN points ON business_date BETWEEN since AND last"""


def _month_of(day: str) -> str:
    return f"CAST(date_trunc('month', CAST({day} AS timestamp)) AS date)"


_IS_FIRST = "k.currency_number = 1 AND k.first_date IS NOT NULL"
_IS_SECOND = "k.currency_number = 2 AND k.first_date IS NOT NULL"
