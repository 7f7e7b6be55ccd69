"""What did the lines of an order cost? Each line to date, after edits and returns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.money.unit_cost import cost_of_sale
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class LineCost:
    """A line of goods. `units` are left after returns; `unit_cost` and what follows from it are None if unknown.

    `cost` has the units that were refunded and not put back into stock.
    """

    title: str
    variant: str | None
    units: int
    net_sales: Decimal
    unit_cost: Decimal | None
    cost: Decimal | None
    gross_profit: Decimal | None


def order_costs(session: Session, scope: Scope, order_id: int) -> tuple[LineCost, ...]:
    """List the lines of goods of an order, in the order in which they were added."""
    rows = session.execute(_LINES, {**scope.parameters, "order_id": order_id})
    return tuple(LineCost(**row) for row in rows.mappings())


_LINES = text(f"""
SELECT l.title, l.variant_title AS variant, moved.units, moved.net_sales, cost.unit AS unit_cost,
       (moved.units + lost.units) * cost.unit AS cost,
       moved.net_sales - (moved.units + lost.units) * cost.unit AS gross_profit
FROM orders o
JOIN line_items l ON {f.of_store("l")} AND l.order_id = o.order_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.quantity), 0)::bigint AS units, coalesce(sum(s.net), 0) AS net_sales, count(*) AS changes
    FROM sales s
    WHERE {f.SALES_OF_STORE} AND s.order_id = o.order_id AND s.line_item_id = l.line_item_id
      AND s.line_type = 'product'
) moved
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.quantity), 0)::bigint AS units
    FROM refunds r
    JOIN refund_lines b ON {f.of_store("b")} AND b.refund_id = r.refund_id
    WHERE {f.of_store("r")} AND r.order_id = o.order_id AND b.line_item_id = l.line_item_id
      AND b.restock_type = 'no_restock'
) lost
{cost_of_sale("l", "o.processed_at", "o.business_date")}
WHERE {f.ORDERS_OF_STORE} AND o.order_id = :order_id AND moved.changes > 0
ORDER BY l.position, l.line_item_id
""")
