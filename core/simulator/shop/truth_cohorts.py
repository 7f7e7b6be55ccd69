"""The true cohorts of the made-up shop: what the customers of a first month ordered in each month after it, and
what a customer is worth within so many days.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import customer_key
from core.simulator.shop.truth_money import of_order

Month = tuple[int, int]
"""Year and month."""


@dataclass(slots=True)
class MonthTotals:
    """A cohort's month: who ordered in it, who ordered a second time, and what its orders came to, to date.

    In `dated_net`, edits and returns count in the month in which they happened, not in that of their order.
    """

    customers: set[str] = field(default_factory=set)
    second_customers: set[str] = field(default_factory=set)
    orders: int = 0
    net_sales: Decimal = ZERO
    dated_net: Decimal = ZERO
    net_with_cost: Decimal = ZERO
    gross_profit: Decimal = ZERO


def by_first_month(shop: Shop) -> dict[Month, dict[Month, MonthTotals]]:
    """Sum up orders in the shop's currency by the month of their customer's first order, and their own month."""
    result: dict[Month, dict[Month, MonthTotals]] = defaultdict(lambda: defaultdict(MonthTotals))
    for key, orders in _histories(shop).items():
        _add(result[_month(shop, orders[0])], shop, key, orders)
    return result


def worth_within(shop: Shop, days: int, since: date, today: date) -> tuple[int, Decimal]:
    """Count the customers who began from `since` on and `days` days before `today`; sum up these days' net sales."""
    customers, net_sales = 0, ZERO
    for orders in _histories(shop).values():
        first = shop.local(orders[0].processed_at).date()
        if first < since or first + timedelta(days=days) > today:
            continue
        customers += 1
        for order in orders:
            if (shop.local(order.processed_at).date() - first).days < days:
                sales = (sale for agreement in order.agreements for sale in agreement.sales)
                net_sales += sum(
                    (sale.total - sale.tax for sale in sales if sale.line_type in ("PRODUCT", "ADJUSTMENT")), ZERO
                )
    return customers, net_sales


def _histories(shop: Shop) -> dict[str, list[Order]]:
    """The orders of each customer in the shop's currency, the first one first; without those who began in another."""
    histories: dict[str, list[Order]] = defaultdict(list)
    for order in shop.orders.values():
        if not order.test:
            histories[customer_key(order)].append(order)
    result = {}
    for key, orders in histories.items():
        orders.sort(key=lambda order: (order.processed_at, order.order_id))
        if orders[0].tender.currency == shop.currency:
            result[key] = [order for order in orders if order.tender.currency == shop.currency]
    return result


def _add(cohort: dict[Month, MonthTotals], shop: Shop, key: str, orders: list[Order]) -> None:
    for number, order in enumerate(orders, start=1):
        totals = cohort[_month(shop, order)]
        totals.customers.add(key)
        totals.orders += 1
        if number == 2:
            totals.second_customers.add(key)
        money = of_order(shop, order)
        totals.net_with_cost += money.net_sales_with_cost
        totals.gross_profit += money.gross_profit
        for agreement in order.agreements:
            at = order.processed_at if agreement.reason == "ORDER" else agreement.happened_at
            for sale in agreement.sales:
                if sale.line_type not in ("PRODUCT", "ADJUSTMENT"):
                    continue
                totals.net_sales += sale.total - sale.tax
                cohort[_month_of(shop, at)].dated_net += sale.total - sale.tax


def _month(shop: Shop, order: Order) -> Month:
    return _month_of(shop, order.processed_at)


def _month_of(shop: Shop, at: datetime) -> Month:
    day: date = shop.local(at).date()
    return day.year, day.month
