"""Which codes and automatic discounts were used? One row each, over the orders placed in the period.

Shopify takes a code in any case, so codes that differ in case only are one; the spelling that most orders have is
shown. Amounts are what each discount took off an order's lines and shipping, as Shopify divided it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.ratios import average_order_value, ratio
from core.metrics.scope import Scope

REPEAT_DAYS = 90


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """A discount. `kind` is code, automatic, manual, script or unknown; `label` the code or title, empty if unknown.

    `discount_given` contains tax if the store's prices do. `net_sales` is of its orders to date. `orders_settled` are
    at least `REPEAT_DAYS` old, and `orders_repeated` of these were followed by another order in time.
    """

    kind: str
    label: str
    orders: int
    discount_given: Decimal
    net_sales: Decimal
    placed_value: Decimal
    orders_new: int
    orders_settled: int
    orders_repeated: int

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)

    @property
    def new_share(self) -> Decimal | None:
        """The share of its orders that were their customer's first."""
        return ratio(self.orders_new, self.orders)

    @property
    def repeat_share(self) -> Decimal | None:
        """The share of settled orders that were followed by another in time; None without settled ones."""
        return ratio(self.orders_repeated, self.orders_settled)

    @property
    def is_open(self) -> bool:
        """Whether some of its orders are younger than `REPEAT_DAYS`."""
        return self.orders_settled < self.orders


@dataclass(frozen=True, slots=True)
class DiscountSummary:
    """The orders of the period with a discount of any kind, beside all."""

    all_orders: int
    all_placed_value: Decimal
    discounted_orders: int
    discounted_placed_value: Decimal
    discount_given: Decimal

    @property
    def discounted_share(self) -> Decimal | None:
        """The share of orders with a discount; None without orders."""
        return ratio(self.discounted_orders, self.all_orders)

    @property
    def discounted_order_value(self) -> Decimal | None:
        """The average order value with a discount; None without such orders."""
        return average_order_value(self.discounted_placed_value, self.discounted_orders)

    @property
    def full_price_order_value(self) -> Decimal | None:
        """The average order value without a discount; None without such orders."""
        return average_order_value(
            self.all_placed_value - self.discounted_placed_value, self.all_orders - self.discounted_orders
        )


def discounts(session: Session, scope: Scope, period: Period, today: date) -> tuple[DiscountRow, ...]:
    """List the discounts of the period, most used first; orders are as old as on `today`, the store's day."""
    parameters = {**scope.within(period), "today": today}
    return tuple(DiscountRow(**row) for row in session.execute(text(DISCOUNTS), parameters).mappings())


def discount_summary(session: Session, scope: Scope, period: Period) -> DiscountSummary:
    """Sum up the orders with a discount, and all orders of the period."""
    return DiscountSummary(**session.execute(_SUMMARY, scope.within(period)).mappings().one())


_USED = f"""
    SELECT d.order_id, d.kind, lower(d.label) AS code, min(d.label) AS label,
           sum(d.off_goods + d.off_shipping) AS given
    FROM order_discounts d
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = d.order_id
    WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date BETWEEN :start AND :end
      AND (CAST(:until AS timestamptz) IS NULL OR d.placed_at < :until)
    GROUP BY 1, 2, 3"""
_PLACED = f"""
    SELECT {f.PLACED_VALUE} AS value FROM sales s WHERE {f.SALES_OF_STORE} AND s.order_id = used.order_id"""

DISCOUNTS = f"""
WITH used AS MATERIALIZED ({_USED})
SELECT used.kind, mode() WITHIN GROUP (ORDER BY used.label) AS label, count(*) AS orders,
       sum(used.given) AS discount_given, coalesce(sum(k.net_sales), 0) AS net_sales,
       sum(placed.value) AS placed_value, count(*) FILTER (WHERE k.number = 1) AS orders_new,
       count(*) FILTER (WHERE k.business_date + {REPEAT_DAYS} < :today) AS orders_settled,
       count(*) FILTER (WHERE k.business_date + {REPEAT_DAYS} < :today
                          AND k.next_date <= k.business_date + {REPEAT_DAYS}) AS orders_repeated
FROM used
CROSS JOIN LATERAL ({_PLACED}) placed
LEFT JOIN customer_orders k ON {f.of_store("k")} AND k.order_id = used.order_id
GROUP BY used.kind, used.code
ORDER BY orders DESC, discount_given DESC, used.kind, used.code
"""

_SUMMARY = text(f"""
WITH used AS MATERIALIZED (SELECT order_id, sum(given) AS given FROM ({_USED}) each_discount GROUP BY 1)
SELECT (SELECT count(*) FROM orders o WHERE {f.ORDERS_IN_PERIOD}) AS all_orders,
       (SELECT {f.PLACED_VALUE} FROM sales s WHERE {f.SALES_IN_PERIOD}) AS all_placed_value,
       count(*) AS discounted_orders, coalesce(sum(placed.value), 0) AS discounted_placed_value,
       coalesce(sum(used.given), 0) AS discount_given
FROM used CROSS JOIN LATERAL ({_PLACED}) placed
""")
