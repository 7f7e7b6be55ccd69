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
from core.metrics.orders.discount_days import PARTS, REPEAT_DAYS
from core.metrics.ratios import average_order_value, ratio, share
from core.metrics.sales.sales_by_point import sales_by_point
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """A discount. `kind` is code, automatic, manual, script or unknown; `label` the code or title, empty if unknown.

    `discount_given` contains tax if the store's prices do. `net_sales` is of its orders to date. `orders_settled` are
    at least `REPEAT_DAYS` old, and `orders_repeated` of these were followed by another order in time. `cost_of_goods`
    is that of the goods as placed, as far as it is known: for `value_with_cost` of the `placed_value`.
    """

    kind: str
    label: str
    orders: int
    discount_given: Decimal
    net_sales: Decimal
    placed_value: Decimal
    value_with_cost: Decimal
    cost_of_goods: Decimal
    orders_new: int
    orders_settled: int
    orders_repeated: int

    @property
    def discounted_orders(self) -> int:
        """All of them, under the name of the metric."""
        return self.orders

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)

    @property
    def discount_margin(self) -> Decimal | None:
        """The gross margin of the goods as placed, of those with a known cost; None without any."""
        return share(self.value_with_cost - self.cost_of_goods, self.value_with_cost)

    @property
    def cost_coverage(self) -> Decimal | None:
        """The share of the placed value whose cost is known."""
        return share(self.value_with_cost, self.placed_value)

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
    """The orders of the period with a discount of any kind, beside all.

    `contains_tax` is whether the store's latest prices, and so its discounts, contain tax.
    """

    all_orders: int
    all_placed_value: Decimal
    discounted_orders: int
    discounted_placed_value: Decimal
    discount_given: Decimal
    contains_tax: bool

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
    parameters = {**scope.within(period), "points": [period.instants[0]]}
    return DiscountSummary(**session.execute(_SUMMARY, parameters).mappings().one())


_IS_SETTLED = f"business_date + {REPEAT_DAYS} < :today"

DISCOUNTS = f"""
WITH spelled AS (
    SELECT kind, lower(label) AS code, label, sum(orders) AS orders, sum(discount_given) AS discount_given,
           sum(net_sales) AS net_sales, sum(placed_value) AS placed_value, sum(value_with_cost) AS value_with_cost,
           sum(cost_of_goods) AS cost_of_goods, sum(orders_new) AS orders_new,
           coalesce(sum(orders) FILTER (WHERE {_IS_SETTLED}), 0) AS orders_settled,
           coalesce(sum(orders_repeated) FILTER (WHERE {_IS_SETTLED}), 0) AS orders_repeated
    FROM ({PARTS}) parts WHERE kind <> '' GROUP BY 1, 2, 3
)
SELECT kind, (array_agg(label ORDER BY orders DESC, label))[1] AS label, sum(orders)::bigint AS orders,
       sum(discount_given) AS discount_given, sum(net_sales) AS net_sales, sum(placed_value) AS placed_value,
       sum(value_with_cost) AS value_with_cost, sum(cost_of_goods) AS cost_of_goods,
       sum(orders_new)::bigint AS orders_new, sum(orders_settled)::bigint AS orders_settled,
       sum(orders_repeated)::bigint AS orders_repeated
FROM spelled
GROUP BY kind, code
ORDER BY 3 DESC, 4 DESC, kind, code
"""

_SUMMARY = text(f"""
SELECT whole.*, discounted.*, coalesce((
           SELECT o.taxes_included FROM orders o WHERE {f.ORDERS_OF_STORE}
           ORDER BY o.business_date DESC, o.processed_at DESC LIMIT 1
       ), false) AS contains_tax
FROM (
    SELECT coalesce(sum(orders), 0)::bigint AS discounted_orders,
           coalesce(sum(placed_value), 0) AS discounted_placed_value,
           coalesce(sum(discount_given), 0) AS discount_given
    FROM ({PARTS}) parts WHERE kind = ''
) discounted, (
    SELECT coalesce(sum(orders), 0)::bigint AS all_orders, coalesce(sum(placed_value), 0) AS all_placed_value
    FROM ({sales_by_point()}) summed WHERE point IS NULL
) whole
""")
