"""What did one code or automatic discount do? Its row of the list, its points over time, and its orders.

`kind` and `code` name a discount; `code` is its label in lower case, because Shopify takes a code in any case. An
empty kind names all orders with any discount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.orders import DiscountKind
from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.orders.discount_days import PARTS
from core.metrics.orders.discounts import DISCOUNTS, DiscountRow
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, order_by


@dataclass(frozen=True, slots=True)
class DiscountKey:
    """The name of a discount; `ANY` is all of them."""

    kind: str = ""
    code: str = ""

    def __str__(self) -> str:
        """As in an address: `code:save5`."""
        return f"{self.kind}:{self.code}"

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters that select this discount in a statement."""
        return {"discount_kind": self.kind, "discount_code": self.code}


ANY = DiscountKey()


def parse_key(typed: str) -> DiscountKey | None:
    """Read a discount's name as `DiscountKey` writes it; None for any other text."""
    kind, _, code = typed.partition(":")
    if kind not in list(DiscountKind) or "\0" in code or len(code) > _LONGEST:
        return None
    return DiscountKey(kind, code.lower())


_LONGEST = 300
"""Shopify's codes and titles have up to 255 characters."""


@dataclass(frozen=True, slots=True)
class DiscountPoint:
    """One point of a series: the orders placed in it with the discount, and what it took off them."""

    start: datetime
    discounted_orders: int
    discount_given: Decimal

    @property
    def figures(self) -> DiscountPoint:
        """Itself: a series of points names the figures of each."""
        return self


@dataclass(frozen=True, slots=True)
class DiscountSeries:
    """The points of a period, and the period as one."""

    whole: DiscountPoint
    points: tuple[DiscountPoint, ...]


class UseKey(StrEnum):
    """What the orders of a discount can be sorted by."""

    PLACED = "placed"
    GIVEN = "given"


NEWEST_FIRST = Sort(UseKey.PLACED, is_descending=True)


@dataclass(frozen=True, slots=True)
class DiscountedOrder:
    """An order with the discount: what it took off, and the order's net sales to date. All in `currency`.

    `is_first` is whether it was its customer's first; None where nobody knows the customer.
    """

    order_id: int
    name: str
    placed_at: datetime
    customer: str | None
    customer_key: str
    discount_given: Decimal
    net_sales: Decimal
    total: Decimal
    currency: str
    is_first: bool | None


def discount(session: Session, scope: Scope, period: Period, today: date, key: DiscountKey) -> DiscountRow | None:
    """Sum up the orders of the period with the discount; None without any. See `discounts` for `today`."""
    parameters = {**scope.within(period), **key.parameters, "today": today}
    row = session.execute(_ONE, parameters).mappings().first()
    return DiscountRow(**row) if row else None


def discount_series(
    session: Session, scope: Scope, period: Period, key: DiscountKey, points: Sequence[datetime]
) -> DiscountSeries:
    """Sum up the orders with the discount by the point in which they were placed, zeros where there are none."""
    parameters = {**scope.within(period), **key.parameters, "points": list(points)}
    found = tuple(DiscountPoint(**row) for row in session.execute(text(OVER_TIME), parameters).mappings())
    whole = DiscountPoint(
        period.instants[0],
        sum(point.discounted_orders for point in found),
        sum((point.discount_given for point in found), Decimal(0)),
    )
    return DiscountSeries(whole, found)


def discounted_orders(
    session: Session,
    scope: Scope,
    period: Period,
    key: DiscountKey,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[UseKey] = NEWEST_FIRST,
) -> tuple[DiscountedOrder, ...]:
    """List the orders of the period with the discount."""
    parameters = {**scope.within(period), **key.parameters, "limit": limit, "offset": offset}
    rows = session.execute(text(discounted_orders_statement(sort)), parameters).mappings()
    return tuple(DiscountedOrder(**row) for row in rows)


def discounted_orders_statement(sort: Sort[UseKey] = NEWEST_FIRST) -> str:
    """The SQL of `discounted_orders`."""
    order = order_by(_SORTED, sort, "placed_at DESC, order_id DESC")
    return f"""
SELECT o.order_id, o.name, used.placed_at, coalesce({f.CUSTOMER_NAME}, c.email, o.email) AS customer, o.customer_key,
       used.discount_given, coalesce(k.net_sales, 0) AS net_sales, o.total, o.currency, k.number = 1 AS is_first
FROM (
    SELECT d.order_id, d.placed_at, sum(d.off_goods + d.off_shipping) AS discount_given
    FROM order_discounts d WHERE {_USED} GROUP BY 1, 2
    {order} LIMIT :limit OFFSET :offset
) used
JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = used.order_id
LEFT JOIN customers c ON {f.of_store("c")} AND c.customer_id = o.customer_id
LEFT JOIN customer_orders k ON {f.of_store("k")} AND k.order_id = used.order_id
{order.replace("placed_at", "used.placed_at").replace("order_id", "used.order_id")}
"""


_SORTED = {UseKey.PLACED: "placed_at {}", UseKey.GIVEN: "discount_given {}"}

_OF_KEY = "(:discount_kind = '' OR (d.kind = :discount_kind AND lower(d.label) = :discount_code))"
_USED = f"""{f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date BETWEEN :start AND :end
      AND (CAST(:until AS timestamptz) IS NULL OR d.placed_at < :until) AND {_OF_KEY}"""

_ONE = text(f"SELECT * FROM ({DISCOUNTS}) d WHERE d.kind = :discount_kind AND lower(d.label) = :discount_code")

# Points of a single day are hours, which no kept sum has.
OVER_TIME = f"""
WITH used AS (
    SELECT {f.point_of_day("d.business_date")} AS point, d.orders, d.discount_given
    FROM ({PARTS}) d
    WHERE :start < :end AND d.kind = :discount_kind AND lower(d.label) = :discount_code
    UNION ALL
    SELECT {f.point("d.placed_at")}, count(DISTINCT d.order_id), sum(d.off_goods + d.off_shipping)
    FROM order_discounts d WHERE :start = :end AND {_USED} GROUP BY 1
)
SELECT given.start, coalesce(sum(used.orders), 0)::bigint AS discounted_orders,
       coalesce(sum(used.discount_given), 0) AS discount_given
FROM unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS given (start, n)
LEFT JOIN used ON used.point = given.n - 1
GROUP BY given.n, given.start ORDER BY given.n
"""
"""The SQL of the points of `discount_series`."""
