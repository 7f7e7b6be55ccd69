"""Who comes back? New customers by the period of their first order, and what they ordered in the periods after it.

Kept sums (`cohort_sums`) answer. Sales count in the period of their order, so a return lowers the period of the order
that came back; or, by choice, on their own day. Customers whose first order was in another currency are in no cohort.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.scope import Scope

SMALL = 30
"""Customers of a cohort below which a share says little: one customer more moves it by more than 3 points."""
SHOWN = {"week": 26, "month": 24, "quarter": 12}
"""The number of the latest cohorts on the page, by width; the file has as many."""


class ReturnsOn(StrEnum):
    """The period that a return or an edit of an order counts in."""

    ORDER_DAY = "order-day"
    RETURN_DAY = "return-day"


class Width(StrEnum):
    """The width of a cohort, and of the periods after it."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


STEPS = {Width.WEEK: "7 days", Width.MONTH: "1 month", Width.QUARTER: "3 months"}
"""The length of a period, in SQL."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cohort in its n-th period; the cohort's own is 0. `customers` ordered in it: in period 0, a second time.

    `period` is its first day. `net_to_date` sums net sales from period 0 to this one. `moved_in` is the part of net
    sales that came from orders of another period. `is_complete` is False until the period has ended.
    """

    period: date
    customers: int
    orders: int
    net_sales: Decimal
    net_to_date: Decimal
    moved_in: Decimal
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers whose first order is in the period that begins with `start`, and their periods until now."""

    start: date
    size: int
    cells: tuple[Cell, ...]

    @property
    def is_small(self) -> bool:
        """Whether a share of it says little."""
        return self.size < SMALL

    @property
    def is_complete(self) -> bool:
        """Whether no new customer can join it."""
        return self.cells[0].is_complete

    def retention(self, number: int) -> Decimal | None:
        """The share of customers who ordered in the n-th period, in period 0 a second time."""
        return ratio(self.cells[number].customers, self.size)

    def value(self, number: int) -> Decimal | None:
        """The net sales a customer by the end of the n-th period."""
        return ratio(self.cells[number].net_to_date, self.size)


@dataclass(frozen=True, slots=True)
class Average:
    """The n-th period of all cohorts that have completed it."""

    customers: int
    size: int
    net_to_date: Decimal

    @property
    def retention(self) -> Decimal | None:
        """See `Cohort.retention`; sums are divided, not shares averaged."""
        return ratio(self.customers, self.size)

    @property
    def value(self) -> Decimal | None:
        """See `Cohort.value`."""
        return ratio(self.net_to_date, self.size)


def cohorts(
    session: Session, scope: Scope, width: Width, today: date, returns_on: ReturnsOn = ReturnsOn.ORDER_DAY
) -> tuple[Cohort, ...]:
    """List the latest cohorts, the oldest first; `today` is the store's first day that is not complete."""
    statement = text(cohorts_statement(width, returns_on))
    rows = session.execute(statement, {**scope.parameters, "today": today}).mappings()
    return tuple(
        Cohort(
            start,
            size,
            tuple(
                Cell(
                    row["period"],
                    row["second_customers"] if row["number"] == 0 else row["customers"],
                    row["orders"],
                    row["net_sales"],
                    row["net_to_date"],
                    row["moved_in"],
                    row["is_complete"],
                )
                for row in members
            ),
        )
        for (start, size), members in groupby(rows, key=lambda row: (row["cohort"], row["size"]))
    )


def averages(found: tuple[Cohort, ...]) -> tuple[Average | None, ...]:
    """Sum up each period over the cohorts that completed it; None where none has."""
    longest = max((len(cohort.cells) for cohort in found), default=0)
    return tuple(_average(found, number) for number in range(longest))


def _average(found: tuple[Cohort, ...], number: int) -> Average | None:
    complete = [cohort for cohort in found if number < len(cohort.cells) and cohort.cells[number].is_complete]
    if not complete:
        return None
    return Average(
        sum(cohort.cells[number].customers for cohort in complete),
        sum(cohort.size for cohort in complete),
        sum((cohort.cells[number].net_to_date for cohort in complete), Decimal(0)),
    )


def cohorts_statement(width: Width, returns_on: ReturnsOn = ReturnsOn.ORDER_DAY) -> str:
    """The SQL of `cohorts`: a row for each period of each cohort, with zeros for periods without orders."""
    step = STEPS[width]
    moved = _moved(width) if returns_on is ReturnsOn.RETURN_DAY else _NOTHING_MOVED
    return f"""
    WITH sums AS MATERIALIZED (
        SELECT cohort, period, customers, seconds, orders, net_sales FROM cohort_sums c
        WHERE {f.of_store("c")} AND c.currency = {f.CURRENCY} AND c.width = '{width}'
          AND c.cohort > CAST(:today AS date) - {SHOWN[width]} * interval '{step}'
    ), sized AS (
        SELECT cohort, customers AS size FROM sums WHERE period = cohort AND cohort <= :today
    ), moved AS ({moved})
    SELECT cohort, size, number, period, customers, second_customers, orders, net_sales, moved_in,
           sum(net_sales) OVER (PARTITION BY cohort ORDER BY number) AS net_to_date, is_complete
    FROM (
        SELECT cohort, size, CAST(number - 1 AS integer) AS number, period,
               coalesce(customers, 0) AS customers, coalesce(seconds, 0) AS second_customers,
               coalesce(orders, 0) AS orders, coalesce(moved.moved_in, 0) AS moved_in,
               coalesce(sums.net_sales, 0) + coalesce(moved.moved_in, 0) - coalesce(moved.moved_out, 0) AS net_sales,
               CAST(day + interval '{step}' AS date) <= CAST(:today AS date) AS is_complete
        FROM sized
        CROSS JOIN LATERAL generate_series(
            CAST(cohort AS timestamp), CAST(:today AS timestamp), '{step}'
        ) WITH ORDINALITY AS periods (day, number)
        CROSS JOIN LATERAL CAST(day AS date) AS days (period)
        LEFT JOIN sums USING (cohort, period)
        LEFT JOIN moved USING (cohort, period)
    ) cells
    ORDER BY cohort, number
    """


_NOTHING_MOVED = """
        SELECT CAST(NULL AS date) AS cohort, CAST(NULL AS date) AS period, 0::numeric AS moved_in,
               0::numeric AS moved_out WHERE false"""


def _moved(width: Width) -> str:
    """Sum the edits and returns of another period than their order's, which they leave (`moved_out`) and join."""
    cohort, placed, happened = (
        f"CAST(date_trunc('{width}', CAST({day} AS timestamp)) AS date)"
        for day in ("k.first_date", "k.business_date", "s.business_date")
    )
    return f"""
        SELECT cohort, period, sum(moved_in) AS moved_in, sum(moved_out) AS moved_out
        FROM (
            SELECT {cohort} AS cohort, {placed} AS placed, {happened} AS happened, sum(s.net) AS net
            FROM sales s JOIN customer_orders k ON {f.of_store("k")} AND k.order_id = s.order_id
            WHERE {f.SALES_OF_STORE} AND s.reason <> 'order' AND s.line_type IN ('product', 'adjustment')
              AND s.currency = {f.CURRENCY} AND k.currency = s.currency AND k.first_date IS NOT NULL
            GROUP BY 1, 2, 3
        ) later
        CROSS JOIN LATERAL (VALUES (placed, 0, net), (happened, net, 0)) AS parts (period, moved_in, moved_out)
        WHERE placed <> happened
        GROUP BY 1, 2"""
