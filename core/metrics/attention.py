"""What needs the merchant's attention now? Faults of the data, and best sellers that are sold out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.products.changes import RECENT, class_parameters
from core.metrics.scope import Scope

BEST_SELLERS = 20
"""Products with the most units sold in the last 28 complete days."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Webhooks that failed, and days that differ from Shopify's count or could not be compared; of all time."""

    failed_webhooks: int
    differing_days: int


@dataclass(frozen=True, slots=True)
class SoldOut:
    """A best seller without a unit left in any variant whose stock Shopify counts."""

    product_id: int
    title: str
    units_lately: int


def faults(session: Session, scope: Scope) -> Faults:
    """Count what is wrong with the data."""
    return Faults(**session.execute(_FAULTS, scope.parameters).mappings().one())


def sold_out(session: Session, scope: Scope, today: date) -> tuple[SoldOut, ...]:
    """List the best sellers that are sold out, those that sold most first."""
    parameters = {**scope.parameters, **class_parameters(today), "best_sellers": BEST_SELLERS}
    return tuple(SoldOut(**row) for row in session.execute(_SOLD_OUT, parameters).mappings())


_FAULTS = text(f"""
SELECT (SELECT count(*) FROM deliveries d WHERE {f.of_store("d")} AND d.state = 'failed') AS failed_webhooks,
       (SELECT count(*) FROM day_checks d
        WHERE {f.of_store("d")} AND d.state IN ('differs', 'uncompared')) AS differing_days
""")

_SOLD_OUT = text(f"""
WITH best AS (
    SELECT product_id, CAST(sum(units) AS bigint) AS units_lately
    FROM ({RECENT}) recent
    GROUP BY product_id
    HAVING sum(units) > 0
    ORDER BY 2 DESC, 1 LIMIT :best_sellers
)
SELECT best.product_id, p.title, best.units_lately
FROM best
JOIN products p ON {f.of_store("p")} AND p.product_id = best.product_id AND p.deleted_at IS NULL
WHERE (SELECT sum(v.inventory_quantity) FROM variants v
       WHERE {f.of_store("v")} AND v.product_id = best.product_id) <= 0
ORDER BY best.units_lately DESC, best.product_id
""")
