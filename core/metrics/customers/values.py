"""What is a customer worth? Net sales within so many days of the first order, per new customer.

Kept sums (`cohort_sums`, width `days`) answer. Sales count on the day of their order, so a return lowers the value
whenever it came. Customers whose first order was in another currency are in no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.scope import Scope

WINDOWS = (30, 60, 90, 180, 365)
"""Days from the first order on, the day of the first order included; `start_in_cohort` of the database has them."""
YEARS = 2
"""The years before today whose new customers count."""


@dataclass(frozen=True, slots=True)
class CustomerValue:
    """The customers whose first order was at least `days` days ago, and their net sales within these days."""

    days: int
    customers: int
    net_sales: Decimal

    @property
    def value(self) -> Decimal | None:
        """Net sales per customer."""
        return ratio(self.net_sales, self.customers)


def customer_values(session: Session, scope: Scope, today: date) -> tuple[CustomerValue, ...]:
    """Sum up each of `WINDOWS` that has customers, the shortest first; `today` is the first incomplete day."""
    rows = session.execute(text(VALUES), {**scope.parameters, "today": today}).mappings()
    return tuple(CustomerValue(row["days"], row["customers"], row["net_sales"]) for row in rows)


VALUES = f"""
SELECT days, sum(c.customers) FILTER (WHERE c.period = c.cohort)::bigint AS customers, sum(c.net_sales) AS net_sales
FROM unnest(ARRAY{list(WINDOWS)}) AS windows (days)
JOIN cohort_sums c ON {f.of_store("c")} AND c.currency = {f.CURRENCY} AND c.width = 'days'
      AND c.cohort >= CAST(:today AS date) - interval '{YEARS} years' AND c.cohort + days <= :today
      AND c.period < c.cohort + days
GROUP BY days
ORDER BY days
"""
"""A row of each window with customers; `:today` is a date."""
