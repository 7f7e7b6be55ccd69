"""What comes back most, and why? Returns of a period by product and by the reason that was given."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.products.sums import last_sold_lines, product_sums
from core.metrics.ratios import ratio
from core.metrics.returns.later_sales import LATER, Basis, of_period, sold_by_product
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class ReturnedProduct:
    """A product's returns beside its sales. `product_id` is None for custom items and adjustments of refunds."""

    product_id: int | None
    title: str
    units_returned: int
    returns: Decimal
    units_sold: int
    gross_sales: Decimal

    @property
    def return_rate(self) -> Decimal | None:
        """A fraction of gross sales; None without sales."""
        return self.returns / self.gross_sales if self.gross_sales else None

    @property
    def unit_return_rate(self) -> Decimal | None:
        """A fraction of the units sold; None without sales."""
        return ratio(self.units_returned, self.units_sold)


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """A reason as it was written on refunds, or None where none was given, with what came back for it."""

    reason: str | None
    orders: int
    units_returned: int
    returns: Decimal
    refunded: Decimal


def returns_by_product(
    session: Session, scope: Scope, period: Period, basis: Basis, limit: int | None = None
) -> tuple[ReturnedProduct, ...]:
    """List the products that came back, the highest value first. Their sum is the period's returns."""
    rows = session.execute(text(by_product_statement(basis)), {**scope.within(period), "limit": limit})
    names = [one.name for one in fields(ReturnedProduct)]
    return tuple(ReturnedProduct(**{name: row[name] for name in names}) for row in rows.mappings())


def returns_by_reason(
    session: Session, scope: Scope, period: Period, basis: Basis, limit: int | None = None
) -> tuple[ReturnReason, ...]:
    """List the reasons, the highest value first; texts that differ only in capitals are one reason."""
    rows = session.execute(text(by_reason_statement(basis)), {**scope.within(period), "limit": limit})
    return tuple(ReturnReason(**row) for row in rows.mappings())


def by_product_statement(basis: Basis) -> str:
    """The SQL of `returns_by_product`, with both rates for the file."""
    return f"""
WITH back AS MATERIALIZED ({_BACK_ON_THE_DAY if basis is Basis.RETURN_DAY else _BACK_OF_ORDERS})
SELECT back.product_id,
       coalesce(p.title, CASE
           WHEN back.product_id IS NULL THEN 'Custom items and refund adjustments'
           ELSE (SELECT max(l.title) {last_sold_lines("back")}) END, 'Unknown product') AS title,
       back.units_returned, back.returns, coalesce(back.units_sold, 0) AS units_sold,
       coalesce(back.gross_sales, 0) AS gross_sales,
       back.returns / nullif(back.gross_sales, 0) AS return_rate,
       back.units_returned::numeric / nullif(back.units_sold, 0) AS unit_return_rate
FROM back
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = back.product_id
ORDER BY back.returns DESC, title, back.product_id
LIMIT :limit
"""


_BACK_ON_THE_DAY = f"""
    SELECT nullif(product_id, 0) AS product_id, returns, units_returned, units_sold, gross_sales
    FROM ({product_sums(key="product_id")}) sums WHERE returns <> 0 OR units_returned <> 0"""
"""What came back in the period beside what was sold in it: both are in the sums of each product."""
_BACK_OF_ORDERS = f"""
    SELECT later.*, sold.units_sold, sold.gross_sales
    FROM (
        SELECT l.product_id, sum(l.returned) AS returns, sum(l.units_returned)::bigint AS units_returned
        FROM {LATER} l WHERE l.kind = 'returned' AND {of_period(Basis.ORDER_DAY)}
        GROUP BY l.product_id
    ) later
    LEFT JOIN ({sold_by_product(Basis.ORDER_DAY)}) sold ON sold.part = coalesce(later.product_id, 0)"""


def by_reason_statement(basis: Basis) -> str:
    """The SQL of `returns_by_reason`.

    Rows are summed up by their text as written, and only these few texts are compared without capitals. Orders are
    counted apart by the number of their reason: beside the sums, all rows would be sorted by their text.
    """
    rows = f"l.kind <> 'added' AND {of_period(basis)}"
    return f"""
WITH written AS MATERIALIZED (
    SELECT reason, dense_rank() OVER (ORDER BY lower(reason)) AS number, units_returned, returns, refunded
    FROM (
        SELECT l.reason, sum(l.units_returned) AS units_returned, sum(l.returned) AS returns,
               sum(l.refunded) AS refunded
        FROM {LATER} l WHERE {rows} GROUP BY l.reason
    ) sums
)
SELECT min(w.reason) AS reason, orders, sum(w.units_returned)::bigint AS units_returned, sum(w.returns) AS returns,
       sum(w.refunded) AS refunded
FROM written w
JOIN (
    SELECT number, count(*) AS orders FROM (
        SELECT DISTINCT w.number, l.order_id
        FROM {LATER} l JOIN written w ON coalesce(w.reason, '') = coalesce(l.reason, '')
        WHERE {rows}
    ) orders GROUP BY number
) counted USING (number)
GROUP BY number, orders
ORDER BY returns DESC, refunded DESC, reason NULLS LAST
LIMIT :limit
"""
