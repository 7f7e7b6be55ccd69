"""Who comes back? New customers by the period of their first order, and what they ordered in the periods after it.

Kept sums (`cohort_sums`) answer. Sales count in the period of their order: a return lowers the period of the order
that came back. Customers whose first order was in another currency are in no cohort.
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


class Width(StrEnum):
    """The width of a cohort, and of the periods after it."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cohort in its n-th period; the cohort's own is 0. `customers` ordered in it: in period 0, a second time.

    `net_to_date` sums net sales from period 0 to this one. `is_complete` is False until the period has ended.
    """

    customers: int
    orders: int
    net_sales: Decimal
    net_to_date: Decimal
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


def cohorts(session: Session, scope: Scope, width: Width, today: date) -> tuple[Cohort, ...]:
    """List the latest cohorts, the oldest first; `today` is the store's first day that is not complete."""
    rows = session.execute(text(cohorts_statement(width)), {**scope.parameters, "today": today}).mappings()
    return tuple(
        Cohort(
            start,
            size,
            tuple(
                Cell(
                    row["second_customers"] if row["number"] == 0 else row["customers"],
                    row["orders"],
                    row["net_sales"],
                    row["net_to_date"],
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


def cohorts_statement(width: Width) -> str:
    """The SQL of `cohorts`: a row for each period of each cohort, with zeros for periods without orders."""
    step = {Width.WEEK: "7 days", Width.MONTH: "1 month", Width.QUARTER: "3 months"}[width]
    return f"""
    WITH sums AS MATERIALIZED (
        SELECT cohort, period, customers, seconds, orders, net_sales FROM cohort_sums c
        WHERE {f.of_store("c")} AND c.currency = {f.CURRENCY} AND c.width = '{width}'
          AND c.cohort > CAST(:today AS date) - {SHOWN[width]} * interval '{step}'
    ), sized AS (
        SELECT cohort, customers AS size FROM sums WHERE period = cohort AND cohort <= :today
    )
    SELECT cohort, size, CAST(number - 1 AS integer) AS number, period,
           coalesce(customers, 0) AS customers, coalesce(seconds, 0) AS second_customers,
           coalesce(orders, 0) AS orders, coalesce(net_sales, 0) AS net_sales,
           sum(coalesce(net_sales, 0)) OVER (PARTITION BY cohort ORDER BY day) AS net_to_date,
           CAST(day + interval '{step}' AS date) <= CAST(:today AS date) AS is_complete
    FROM sized
    CROSS JOIN LATERAL generate_series(
        CAST(cohort AS timestamp), CAST(:today AS timestamp), '{step}'
    ) WITH ORDINALITY AS periods (day, number)
    CROSS JOIN LATERAL CAST(day AS date) AS days (period)
    LEFT JOIN sums USING (cohort, period)
    ORDER BY cohort, number
    """
