"""Which products moved most? The products whose net sales rose or fell most between two periods."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.products.sums import last_sold_lines, product_sums
from core.metrics.scope import Scope, period_parameters


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
        **period_parameters(compared, "compared_"),
        "limit": limit,
    }
    return tuple(Mover(**row) for row in session.execute(text(MOVERS), parameters).mappings())


def _net_sales(prefix: str) -> str:
    return f"SELECT product_id, net_sales FROM ({product_sums(prefix, 'product_id', 'product_id <> 0')}) sums"


# Names come last: they are those of some products only.
MOVERS = f"""
WITH this AS MATERIALIZED ({_net_sales("")}), earlier AS MATERIALIZED ({_net_sales("compared_")}),
changed AS MATERIALIZED (
    SELECT product_id, coalesce(this.net_sales, 0) AS net_sales, coalesce(earlier.net_sales, 0) AS earlier_net_sales,
           coalesce(this.net_sales, 0) - coalesce(earlier.net_sales, 0) AS change
    FROM this FULL JOIN earlier USING (product_id)
), moved AS (
    (SELECT * FROM changed WHERE change > 0 ORDER BY change DESC, product_id LIMIT :limit)
    UNION ALL (SELECT * FROM changed WHERE change < 0 ORDER BY change, product_id LIMIT :limit)
)
SELECT moved.product_id, net_sales, earlier_net_sales,
       coalesce(p.title, (SELECT max(l.title) {last_sold_lines("moved")}), 'Unknown product') AS title
FROM moved
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = moved.product_id
ORDER BY change DESC, moved.product_id
"""
