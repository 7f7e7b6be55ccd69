"""The true returns of the made-up shop, by the day they happened and by the day their order was placed.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.simulator.shop.ledger import Agreement, Sale
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop


@dataclass(slots=True)
class ReturnTotals:
    """Sums over returns, with the gross sales and the units sold beside them. Money refunded is with taxes."""

    returns: Decimal = ZERO
    units_returned: int = 0
    orders: set[int] = field(default_factory=set)
    refunds: int = 0
    refunded: Decimal = ZERO
    gross_sales: Decimal = ZERO
    units_sold: int = 0


@dataclass(slots=True)
class ReturnTruth:
    """The returns of some days: all of them, and by product (None: an adjustment)."""

    totals: ReturnTotals = field(default_factory=ReturnTotals)
    by_product: dict[int | None, ReturnTotals] = field(default_factory=lambda: defaultdict(ReturnTotals))


def by_return_day(shop: Shop, start: date, end: date) -> ReturnTruth:
    """Sum up what happened from `start` to `end`, in the shop's currency."""
    result = ReturnTruth()
    for order in _counted(shop):
        for agreement in order.agreements:
            if start <= _day(shop, order, agreement) <= end:
                _add(result, order, agreement)
        for refund in order.refunds:
            if refund.paid and start <= shop.local(refund.processed_at).date() <= end:
                result.totals.refunds += 1
                result.totals.refunded += refund.paid
    return result


def by_order_day(shop: Shop, start: date, end: date) -> ReturnTruth:
    """Sum up everything that happened to the orders placed from `start` to `end`."""
    result = ReturnTruth()
    for order in _counted(shop):
        if start <= shop.local(order.processed_at).date() <= end:
            for agreement in order.agreements:
                _add(result, order, agreement)
            paid = [refund.paid for refund in order.refunds if refund.paid]
            result.totals.refunds += len(paid)
            result.totals.refunded += sum(paid, ZERO)
    return result


def _counted(shop: Shop) -> list[Order]:
    return [order for order in shop.orders.values() if not order.test and order.tender.currency == shop.currency]


def _day(shop: Shop, order: Order, agreement: Agreement) -> date:
    at = order.processed_at if agreement.reason == "ORDER" else agreement.happened_at
    return shop.local(at).date()


def _add(result: ReturnTruth, order: Order, agreement: Agreement) -> None:
    for sale in agreement.sales:
        if sale.line_type not in ("PRODUCT", "ADJUSTMENT"):
            continue
        product_id = order.line(sale.line_id).product_id if sale.line_id else None
        for totals in (result.totals, result.by_product[product_id]):
            _add_sale(totals, order, sale)


def _add_sale(totals: ReturnTotals, order: Order, sale: Sale) -> None:
    before_tax = sale.total - sale.tax
    if sale.line_type == "PRODUCT" and sale.action == "ORDER":
        totals.gross_sales += before_tax + sale.discount
        totals.units_sold += sale.quantity or 0
    else:
        totals.returns -= before_tax
        totals.units_returned -= sale.quantity or 0
        totals.orders.add(order.order_id)
