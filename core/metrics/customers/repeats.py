"""Do new customers come back, and how soon? Of the customers whose first order is in a period, to date.

Kept counts (`customer_days`) answer: they have each second order's day beside that of the first one. Orders in other
currencies do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Repeats:
    """New customers of a period, and those of them with a second order to date.

    `median` is the number of days between both orders; a quarter of the second orders came within `early` days, and
    three quarters within `late`. None without a second order.
    """

    customers: int
    repeat_customers: int
    early: int | None
    median: int | None
    late: int | None

    @property
    def repeat_rate(self) -> Decimal | None:
        """A fraction; None without new customers."""
        return ratio(self.repeat_customers, self.customers)

    @property
    def days_to_second_order(self) -> int | None:
        """The median."""
        return self.median


def repeats(session: Session, scope: Scope, period: Period) -> Repeats:
    """Ask for the new customers of whole days; the running day counts up to now."""
    return Repeats(**session.execute(_REPEATS, scope.within(period)).mappings().one())


_KEPT = f"{f.of_store('d')} AND d.currency = {f.CURRENCY}"
_REPEATS = text(f"""
WITH gaps AS (
    SELECT d.business_date - d.previous_date AS days, sum(d.seconds) AS customers
    FROM customer_days d
    WHERE {_KEPT} AND d.business_date >= :start AND d.previous_date BETWEEN :start AND :end AND d.seconds > 0
    GROUP BY 1
), reached AS (
    SELECT days, sum(customers) OVER (ORDER BY days) AS so_far, sum(customers) OVER () AS all_of_them FROM gaps
)
SELECT (
           SELECT coalesce(sum(d.firsts), 0)::bigint FROM customer_days d
           WHERE {_KEPT} AND d.business_date BETWEEN :start AND :end AND d.previous_date = '0001-01-01'
       ) AS customers,
       coalesce(max(all_of_them), 0)::bigint AS repeat_customers,
       min(days) FILTER (WHERE so_far >= 0.25 * all_of_them) AS early,
       min(days) FILTER (WHERE so_far >= 0.5 * all_of_them) AS median,
       min(days) FILTER (WHERE so_far >= 0.75 * all_of_them) AS late
FROM reached
""")
