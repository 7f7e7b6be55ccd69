"""Which carts were filled, and which of them reached a checkout? Counts and values by the day each cart began.

Shopify sends carts of its Online Store only, by webhook, and names no customer. A cart reached a checkout where a
checkout or an order has its token. Carts without units, and without a checkout, were emptied: no figure has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.checkouts.report import Aging
from core.metrics.ratios import ratio
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class CartCounts:
    """Carts by what became of them. `carts_open` changed within the store's delay, `carts_left` did not."""

    carts_to_checkout: int
    carts_left: int
    carts_open: int

    @property
    def carts_filled(self) -> int:
        """All of them."""
        return self.carts_to_checkout + self.carts_left + self.carts_open

    @property
    def cart_checkout_rate(self) -> Decimal | None:
        """Carts that reached a checkout by all that are not open any more; None without any."""
        return ratio(self.carts_to_checkout, self.carts_to_checkout + self.carts_left)


@dataclass(frozen=True, slots=True)
class Carts(CartCounts):
    """The counts with the value of the goods in carts that were left.

    `oldest` is the store's day of the oldest cart that is kept, in or before the period; None without any.
    """

    carts_left_value: Decimal
    oldest: date | None


@dataclass(frozen=True, slots=True)
class CartPoint(CartCounts):
    """The counts of the carts that began on the days from `start` on."""

    start: datetime


def carts(session: Session, scope: Scope, period: Period, aging: Aging) -> Carts:
    """Sum up the carts that began in the period. Carts in another currency than the scope's are left out."""
    row = session.execute(_SUMMARY, {**scope.within(period), **aging.parameters}).mappings().one()
    return Carts(**row)


def carts_over_time(
    session: Session, scope: Scope, period: Period, aging: Aging, points: Sequence[datetime]
) -> tuple[CartPoint, ...]:
    """Count the carts that began by points of whole days, with zeros where none began."""
    parameters = {**scope.within(period), **aging.parameters, "points": list(points)}
    return tuple(CartPoint(**row) for row in session.execute(text(OVER_TIME), parameters).mappings())


_MIDNIGHT = f"CAST({{day}} AS timestamp) AT TIME ZONE {f.ZONE}"
_FROM = _MIDNIGHT.format(day="CAST(:start AS date)")
_TO = _MIDNIGHT.format(day="(CAST(:end AS date) + 1)")


def _tokens(table: str) -> str:
    """The carts that the rows of a table name. The day before the period is for a store that changed its zone."""
    return f"""SELECT named.cart_token FROM {table} named
        WHERE {f.of_store("named")} AND named.cart_token IS NOT NULL
          AND named.business_date >= CAST(:start AS date) - 1"""


_CARTS = f"""
    SELECT k.created_at, k.total, k.currency,
           CASE WHEN k.cart_token IN ({_tokens("checkouts")})
                  OR k.cart_token IN ({_tokens("orders")}) THEN 'to_checkout'
                WHEN k.units = 0 THEN 'emptied'
                WHEN k.updated_at > :settled_until THEN 'open' ELSE 'left' END AS state
    FROM carts k
    WHERE {f.of_store("k")} AND k.created_at >= {_FROM} AND k.created_at < {_TO}
      AND (CAST(:until AS timestamptz) IS NULL OR k.created_at < :until)
      AND coalesce(k.currency, {f.CURRENCY}) = {f.CURRENCY}"""
_STATES = ("to_checkout", "left", "open")
_COUNTS = ", ".join(f"count(*) FILTER (WHERE state = '{state}') AS carts_{state}" for state in _STATES)

_SUMMARY = text(f"""
SELECT {_COUNTS},
       coalesce(sum(total) FILTER (WHERE state = 'left' AND currency IS NOT NULL), 0) AS carts_left_value,
       (SELECT CAST(min(k.created_at) AT TIME ZONE {f.ZONE} AS date) FROM carts k WHERE {f.of_store("k")}) AS oldest
FROM ({_CARTS}) counted
""")

OVER_TIME = f"""
SELECT points.start, {", ".join(f"coalesce(carts_{state}, 0) AS carts_{state}" for state in _STATES)}
FROM (
    SELECT n - 1 AS point, start
    FROM unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS given (start, n)
) points
LEFT JOIN (
    SELECT {f.point("created_at")} AS point, {_COUNTS} FROM ({_CARTS}) found GROUP BY 1
) counted USING (point)
ORDER BY points.point
"""
