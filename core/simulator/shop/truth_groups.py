"""The true sums of the made-up shop by any property of an order or of its goods.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics. A property is a
function of an order, an agreement's local time and a line; it returns every value that the row counts in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from core.simulator.shop.ledger import Agreement
from core.simulator.shop.model import ZERO, Line, Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import customer_key

Property = Callable[[Shop, Order, datetime, Line | None], Sequence[str | None]]


@dataclass(slots=True)
class Group:
    """The sums of one value; `buyers` are the customers of the orders placed."""

    net_sales: Decimal = ZERO
    discounts: Decimal = ZERO
    returns: Decimal = ZERO
    taxes: Decimal = ZERO
    units_sold: int = 0
    orders: set[int] = field(default_factory=set)
    buyers: set[str] = field(default_factory=set)


def by_property(shop: Shop, start: date, end: date, of: Property, of_goods: bool) -> dict[str | None, Group]:
    """Sum up what is dated from `start` to `end`, in the shop's currency.

    An order counts where it was placed in these days; a property of goods counts it wherever it has such goods.
    """
    groups: dict[str | None, Group] = defaultdict(Group)
    for order in shop.orders.values():
        if order.test or order.tender.currency != shop.currency:
            continue
        placed = shop.local(order.processed_at)
        if not of_goods and start <= placed.date() <= end:
            for value in of(shop, order, placed, None):
                _count(groups[value], order)
        for agreement in order.agreements:
            at = placed if agreement.reason == "ORDER" else shop.local(agreement.happened_at)
            if start <= at.date() <= end:
                _add(groups, shop, order, agreement, at, of, of_goods)
    return dict(groups)


def number_of(shop: Shop, order: Order) -> int:
    """The running number of an order among its customer's, in any currency."""
    key = customer_key(order)
    own = [other for other in shop.orders.values() if not other.test and customer_key(other) == key]
    return sorted(own, key=lambda other: (other.processed_at, other.order_id)).index(order) + 1


def _add(
    groups: dict[str | None, Group],
    shop: Shop,
    order: Order,
    agreement: Agreement,
    at: datetime,
    of: Property,
    of_goods: bool,
) -> None:
    for sale in agreement.sales:
        if sale.line_type in ("TIP", "GIFT_CARD", "UNKNOWN"):
            continue
        line = order.line(sale.line_id) if sale.line_type == "PRODUCT" and sale.line_id else None
        for value in of(shop, order, at, line):
            group = groups[value]
            group.taxes += sale.tax
            if sale.line_type not in ("PRODUCT", "ADJUSTMENT"):
                continue
            before_tax = sale.total - sale.tax
            group.net_sales += before_tax
            if sale.line_type == "ADJUSTMENT" or sale.action == "RETURN":
                group.returns -= before_tax
                continue
            group.discounts += sale.discount
            group.units_sold += sale.quantity or 0
            if of_goods and agreement.reason == "ORDER":
                _count(group, order)


def _count(group: Group, order: Order) -> None:
    group.orders.add(order.order_id)
    group.buyers.add(customer_key(order))
