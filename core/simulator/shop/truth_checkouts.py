"""The true checkouts and carts of the made-up shop, by the day on which each began.

Walks over checkouts and orders in plain Python, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.simulator.shop.checkouts import AbandonedCheckout
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop


@dataclass(slots=True)
class CheckoutTruth:
    """Checkouts by state, how many are younger than the delay, and the two values."""

    counts: Counter[str] = field(default_factory=Counter)
    young: int = 0
    abandoned_value: Decimal = ZERO
    recovered_value: Decimal = ZERO


@dataclass(slots=True)
class CartTruth:
    """Carts by what became of them, and the value of the goods in those that were left."""

    counts: Counter[str] = field(default_factory=Counter)
    left_value: Decimal = ZERO


def carts(shop: Shop, start: date, end: date, delay: timedelta, now: datetime) -> CartTruth:
    """Count the carts that began from `start` to `end` and were not emptied, as known at `now`."""
    truth, begun = CartTruth(), {checkout.cart.token for checkout in shop.checkouts.values()}
    for cart in shop.carts.values():
        if not start <= shop.local(cart.created_at).date() <= end:
            continue
        if cart.token in begun:
            truth.counts["to_checkout"] += 1
        elif cart.lines and now - cart.updated_at < delay:
            truth.counts["open"] += 1
        elif cart.lines:
            truth.counts["left"] += 1
            truth.left_value += sum((line.total for line in cart.lines), ZERO)
    return truth


def checkouts(shop: Shop, start: date, end: date, delay: timedelta, now: datetime) -> CheckoutTruth:
    """Count the checkouts that began from `start` to `end`, in the shop's own currency, as known at `now`.

    An order from the web whose checkout the shop does not list began and was completed on the order's day.
    """
    truth = CheckoutTruth()
    for checkout in shop.checkouts.values():
        if start <= shop.local(checkout.created_at).date() <= end:
            _add(truth, shop, checkout, delay, now)
    listed = {checkout.order_id for checkout in shop.checkouts.values()}
    for order in shop.orders.values():
        is_counted = order.source_name == "web" and not order.test and order.tender.currency == shop.currency
        if is_counted and order.order_id not in listed and start <= shop.local(order.processed_at).date() <= end:
            truth.counts["completed"] += 1
            truth.young += order.processed_at > now - delay
    return truth


def _add(truth: CheckoutTruth, shop: Shop, checkout: AbandonedCheckout, delay: timedelta, now: datetime) -> None:
    truth.young += checkout.created_at > now - delay
    if checkout.completed_at is None:
        is_pending = now - checkout.created_at < delay
        truth.counts["pending" if is_pending else "abandoned"] += 1
        if not is_pending:
            truth.abandoned_value += checkout.goods + (ZERO if shop.spec.taxes_included else checkout.tax)
    elif checkout.completed_at - checkout.created_at < delay:
        truth.counts["completed"] += 1
    else:
        truth.counts["recovered"] += 1
        if checkout.order_id in shop.orders:
            truth.recovered_value += _net_sales(shop.orders[checkout.order_id])


def _net_sales(order: Order) -> Decimal:
    goods = ("PRODUCT", "ADJUSTMENT")
    return sum((sale.total - sale.tax for sale in order.sales() if sale.line_type in goods), ZERO)
