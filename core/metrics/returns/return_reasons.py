"""Why do customers send goods back? The units of a period's returns by the reason that Shopify has of each line.

A return says why, its refund says how much: so this counts units by the day on which the return was requested,
also of returns that are not refunded yet. Declined and cancelled ones do not count.
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
class RequestedReturns:
    """The returns of one reason, by Shopify's word for it (size_too_small, defective, …) or the merchant's own.

    `value` is what was charged for the units, in the currency of the figures; units of other orders have none.
    `product` is the title of the one that came back most for this reason.
    """

    reason: str
    orders: int
    units: int
    value: Decimal
    product: str | None


def return_reasons(
    session: Session, scope: Scope, period: Period, limit: int | None = None
) -> tuple[RequestedReturns, ...]:
    """List the reasons of the returns that were requested in the period, the most frequent first."""
    rows = session.execute(text(RETURN_REASONS), {**scope.within(period), "limit": limit})
    return tuple(RequestedReturns(**row) for row in rows.mappings())


RETURN_REASONS = f"""
SELECT reason, count(DISTINCT order_id) AS orders, sum(quantity)::bigint AS units,
       coalesce(sum(quantity * unit), 0) AS value,
       mode() WITHIN GROUP (ORDER BY title) AS product
FROM (
    SELECT coalesce(nullif(r.reason_name, ''), r.reason) AS reason, r.order_id, r.quantity, l.title,
           CASE WHEN l.currency = {f.CURRENCY}
                THEN (l.unit_price * l.quantity - l.discount) / nullif(l.quantity, 0) END AS unit
    FROM return_lines r
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = r.order_id
    LEFT JOIN line_items l ON {f.of_store("l")} AND l.order_id = r.order_id AND l.line_item_id = r.line_item_id
    WHERE {f.of_store("r")} AND r.business_date BETWEEN :start AND :end AND r.status NOT IN ('declined', 'canceled')
      AND (CAST(:until AS timestamptz) IS NULL OR r.requested_at < :until)
) back
GROUP BY reason
ORDER BY units DESC, reason
LIMIT :limit
"""
