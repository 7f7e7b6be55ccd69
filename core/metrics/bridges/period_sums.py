"""What does a period come to? Sums of whole days are kept; only a day that is not over is read from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.ratios import average_order_value
from core.metrics.scope import Scope

_NAMES = ("gross_sales", "discounts", "returns", "net_sales", "placed_value", "orders")


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """The sums that explain net sales; `definitions` and `overview.Headline` use the same names."""

    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    placed_value: Decimal
    orders: int

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)


def period_sums(session: Session, scope: Scope, period: Period) -> PeriodSums:
    """Sum up the period."""
    return PeriodSums(**session.execute(_SUMS, scope.within(period)).mappings().one())


_SUMS = text(f"""
SELECT {", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in _NAMES[:-1])},
       coalesce(sum(orders), 0)::bigint AS orders
FROM (
    SELECT {", ".join(f"d.{name}" for name in _NAMES)}
    FROM sales_by_day d
    WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY}
      AND d.business_date BETWEEN :start AND {f.last_whole_day()}
    UNION ALL
    SELECT {f.GROSS_SALES}, {f.DISCOUNTS}, {f.RETURNS}, {f.NET_SALES}, {f.PLACED_VALUE}, 0
    FROM sales s WHERE {f.SALES_IN_PERIOD} AND s.business_date > {f.last_whole_day()}
    UNION ALL
    SELECT 0, 0, 0, 0, 0, count(*)
    FROM orders o WHERE {f.ORDERS_IN_PERIOD} AND o.business_date > {f.last_whole_day()}
) parts
""")
