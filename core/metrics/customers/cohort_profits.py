"""What did the orders of a cohort earn? Gross profit of each period of each cohort, in the period of the order.

The profit of each order is kept (`core.metrics.money.profit_ranks`); orders of stale days are computed from their
rows. An order without a known cost has no part in it, and `net_with_cost` is what the rest sold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.customers.cohorts import SHOWN, STEPS, Cohort, Width
from core.metrics.money.profit_ranks import profits_of
from core.metrics.ratios import ratio, share
from core.metrics.scope import Scope

MOST_STALE = 5_000
"""Orders of stale days up to which their profit is computed from their rows: more would take seconds."""


@dataclass(frozen=True, slots=True)
class Earned:
    """The gross profit of the goods with a known cost, and their net sales."""

    gross_profit: Decimal = Decimal(0)
    net_with_cost: Decimal = Decimal(0)

    @property
    def margin(self) -> Decimal | None:
        """None without a known cost."""
        return share(self.gross_profit, self.net_with_cost)

    def __add__(self, other: Earned) -> Earned:
        return Earned(self.gross_profit + other.gross_profit, self.net_with_cost + other.net_with_cost)


CohortProfits = Mapping[tuple[date, date], Earned]
"""By the first days of a cohort and of a period; no period without orders."""


def cohort_profits(
    session: Session, scope: Scope, width: Width, today: date, most_stale: int = MOST_STALE
) -> CohortProfits | None:
    """Sum up the profit of the latest cohorts; None while the profits of more orders than `most_stale` are stale."""
    stale = session.execute(_STALE_ORDERS, {**scope.parameters, "most_stale": most_stale}).scalar_one()
    if stale > most_stale:
        return None
    rows = session.execute(text(profits_statement(width)), {**scope.parameters, "today": today}).mappings()
    return {(row["cohort"], row["period"]): Earned(row["gross_profit"], row["net_with_cost"]) for row in rows}


def earned_by_period(cohort: Cohort, profits: CohortProfits) -> tuple[Earned, ...]:
    """The profit of each period of a cohort, in the order of its cells."""
    return tuple(profits.get((cohort.start, cell.period), Earned()) for cell in cohort.cells)


def margins(cohort: Cohort, profits: CohortProfits) -> list[Decimal | None]:
    """The margin of each period of a cohort, a fraction; None without a known cost."""
    return [one.margin for one in earned_by_period(cohort, profits)]


def profits_a_customer(cohort: Cohort, profits: CohortProfits) -> list[Decimal | None]:
    """The gross profit by the end of each period of a cohort, per customer of the cohort."""
    return [ratio(one.gross_profit, cohort.size) for one in accumulate(earned_by_period(cohort, profits))]


def margin_of_all(found: Sequence[Cohort], profits: CohortProfits, number: int) -> Decimal | None:
    """The margin in the period `number` of all cohorts that completed it: sums are divided, not shares averaged."""
    periods = (earned_by_period(cohort, profits)[number] for cohort in _complete(found, number))
    return sum(periods, Earned()).margin


def profit_a_customer_of_all(found: Sequence[Cohort], profits: CohortProfits, number: int) -> Decimal | None:
    """The gross profit by the end of the period `number`, per customer of all cohorts that completed it."""
    complete = _complete(found, number)
    periods = (one for cohort in complete for one in earned_by_period(cohort, profits)[: number + 1])
    return ratio(sum(periods, Earned()).gross_profit, sum(cohort.size for cohort in complete))


def coverage(found: Sequence[Cohort], profits: CohortProfits) -> Decimal | None:
    """The share of the cohorts' net sales whose cost is known."""
    known = sum((one.net_with_cost for cohort in found for one in earned_by_period(cohort, profits)), Decimal(0))
    return share(known, sum((cell.net_sales for cohort in found for cell in cohort.cells), Decimal(0)))


def _complete(found: Sequence[Cohort], number: int) -> list[Cohort]:
    """The cohorts that have completed the period `number`; 0 is that of the first order."""
    return [cohort for cohort in found if number < len(cohort.cells) and cohort.cells[number].is_complete]


def profits_statement(width: Width) -> str:
    """The SQL of `cohort_profits`: a row for each period of a cohort with orders."""
    cohort, period = (f"CAST(date_trunc('{width}', CAST(k.{day} AS timestamp)) AS date)" for day in _DAYS)
    return f"""
    WITH earned AS (
        SELECT p.order_id, p.gross_profit, p.net_with_cost FROM order_profits p
        WHERE {f.of_store("p")} AND p.currency = {f.CURRENCY} AND p.business_date <> ALL({_STALE})
        UNION ALL
        SELECT order_id, gross_profit, net_with_cost FROM ({_LIVE}) live
    )
    SELECT {cohort} AS cohort, {period} AS period, coalesce(sum(e.gross_profit), 0) AS gross_profit,
           sum(e.net_with_cost) AS net_with_cost, sum(k.net_sales) AS net_sales
    FROM customer_orders k JOIN earned e USING (order_id)
    WHERE {f.of_store("k")} AND k.currency = {f.CURRENCY}
      AND {cohort} > CAST(:today AS date) - {SHOWN[width]} * interval '{STEPS[width]}'
    GROUP BY 1, 2
    ORDER BY 1, 2
    """


_DAYS = ("first_date", "business_date")
_STALE = f"(ARRAY(SELECT m.business_date FROM stale_profit_days m WHERE {f.of_store('m')}))"
_OF_STALE_DAYS = f"{f.ORDERS_OF_STORE} AND o.currency = {f.CURRENCY} AND o.business_date = ANY({_STALE})"
_STALE_ORDERS = text(
    f"SELECT count(*) FROM (SELECT FROM orders o WHERE {_OF_STALE_DAYS} LIMIT :most_stale + 1) stale"
)
_LIVE = profits_of(_OF_STALE_DAYS)
