"""Which products moved most? The products whose net sales rose or fell most between two periods.

Sums are kept by product and day; only a day that is not over is read from the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Mover:
    """A product with its net sales in both periods. The title is the catalogue's, else that of a line item."""

    product_id: int
    title: str
    net_sales: Decimal
    earlier_net_sales: Decimal

    @property
    def change(self) -> Decimal:
        """What the product added to net sales, or took from them if negative."""
        return self.net_sales - self.earlier_net_sales


def movers(session: Session, scope: Scope, period: Period, compared: Period, limit: int) -> tuple[Mover, ...]:
    """List at most `limit` products that rose most, the largest rise first, then as many that fell, the largest fall
    last."""
    parameters = {
        **scope.within(period),
        "compared_start": compared.start,
        "compared_end": compared.end,
        "compared_until": compared.until,
        "limit": limit,
    }
    return tuple(Mover(**row) for row in session.execute(text(MOVERS), parameters).mappings())


def _sums(prefix: str, current: str, earlier: str) -> str:
    return f"""
        SELECT d.product_id, {current.format("d.net_sales")} AS current, {earlier.format("d.net_sales")} AS earlier
        FROM product_sales_by_day d
        WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY}
          AND d.business_date BETWEEN :{prefix}start AND {f.last_whole_day(prefix)}
        UNION ALL
        SELECT s.product_id, {current.format("s.net")}, {earlier.format("s.net")}
        FROM sales s
        WHERE {f.sales_in_period(prefix)} AND s.business_date > {f.last_whole_day(prefix)}
          AND s.line_type IN ('product', 'adjustment')"""


MOVERS = f"""
WITH summed AS (
    SELECT product_id, sum(current) AS net_sales, sum(earlier) AS earlier_net_sales
    FROM ({_sums("", "{}", "0")} UNION ALL {_sums("compared_", "0", "{}")}) both_periods
    WHERE product_id <> 0
    GROUP BY product_id
), ranked AS (
    SELECT *, net_sales - earlier_net_sales AS change,
           row_number() OVER (ORDER BY net_sales - earlier_net_sales DESC, product_id) AS rise,
           row_number() OVER (ORDER BY net_sales - earlier_net_sales, product_id) AS fall
    FROM summed
)
SELECT ranked.product_id, net_sales, earlier_net_sales,
       coalesce(p.title, (SELECT max(l.title) FROM line_items l
                          WHERE {f.of_store("l")} AND l.product_id = ranked.product_id), 'Unknown product') AS title
FROM ranked
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = ranked.product_id
WHERE (change > 0 AND (CAST(:limit AS bigint) IS NULL OR rise <= :limit))
   OR (change < 0 AND (CAST(:limit AS bigint) IS NULL OR fall <= :limit))
ORDER BY change DESC, ranked.product_id
"""
