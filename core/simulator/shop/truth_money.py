"""The true costs and taxes of the made-up shop, summed in plain Python from its own records.

This shares nothing with the product's metrics: no SQL and no records. Units cost what their variant costs; what came
back into stock gives its cost back on that day. A variant without a cost is in no profit.

Taxes are those of the lines, and of what was taken back from them on the day it was. They are split by the line's
taxes in their order, each sum up to a tax rounded to a whole coin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.simulator.shop.amounts import rounded
from core.simulator.shop.ledger import Agreement, Sale
from core.simulator.shop.model import ZERO, Order, Tax
from core.simulator.shop.shop import Shop

TaxName = tuple[str | None, Decimal | None]
"""A tax's title and rate; None of taxes on charges that have no line."""


@dataclass(slots=True)
class MoneyTotals:
    """Sums over some days, in the shop's currency; costs are positive."""

    net_sales: Decimal = ZERO
    net_sales_with_cost: Decimal = ZERO
    cost_of_goods: Decimal = ZERO
    not_restocked: Decimal = ZERO
    gift_cards_sold: Decimal = ZERO
    tips: Decimal = ZERO
    duties: Decimal = ZERO
    taxes: dict[TaxName, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    @property
    def gross_profit(self) -> Decimal:
        """Of goods with a cost alone."""
        return self.net_sales_with_cost - self.cost_of_goods - self.not_restocked


@dataclass(slots=True)
class ProductMoney:
    """One product's part."""

    net_sales: Decimal = ZERO
    net_sales_with_cost: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass(slots=True)
class MoneyTruth:
    """The true totals of the days from `start` to `end`, both included."""

    start: date
    end: date
    totals: MoneyTotals = field(default_factory=MoneyTotals)
    by_month: dict[date, MoneyTotals] = field(default_factory=lambda: defaultdict(MoneyTotals))
    by_product: dict[int, ProductMoney] = field(default_factory=lambda: defaultdict(ProductMoney))


def money_truth(shop: Shop, start: date, end: date) -> MoneyTruth:
    """Compute the totals of the days from `start` to `end`, of the orders in the shop's present currency."""
    result = MoneyTruth(start, end)
    for order in shop.orders.values():
        if order.test or order.tender.currency != shop.currency:
            continue
        for agreement in order.agreements:
            day = _day(shop, order, agreement)
            if start <= day <= end:
                for sale in agreement.sales:
                    for totals in (result.totals, result.by_month[day.replace(day=1)]):
                        _add(totals, shop, order, sale)
                    _add_product(result, shop, order, sale)
        for day, product_id, cost in _losses(shop, order):
            if start <= day <= end:
                result.totals.not_restocked += cost
                result.by_month[day.replace(day=1)].not_restocked += cost
                result.by_product[product_id].cost += cost
    return result


def of_order(shop: Shop, order: Order) -> MoneyTotals:
    """Compute the totals of one order to date."""
    totals = MoneyTotals()
    for agreement in order.agreements:
        for sale in agreement.sales:
            _add(totals, shop, order, sale)
    totals.not_restocked = sum((cost for _, _, cost in _losses(shop, order)), ZERO)
    return totals


def _day(shop: Shop, order: Order, agreement: Agreement) -> date:
    """The day of an agreement's sales. An order's own agreement counts on the day it was processed."""
    return shop.local(order.processed_at if agreement.reason == "ORDER" else agreement.happened_at).date()


def _add(totals: MoneyTotals, shop: Shop, order: Order, sale: Sale) -> None:
    net = sale.total - sale.tax
    match sale.line_type:
        case "UNKNOWN":
            return
        case "GIFT_CARD":
            totals.gift_cards_sold += sale.total
        case "TIP":
            totals.tips += net
        case "DUTY":
            totals.duties += net
        case "ADJUSTMENT":
            totals.net_sales += net
        case "PRODUCT":
            totals.net_sales += net
            cost = _unit_cost(shop, order, sale.line_id)
            if cost is not None:
                totals.net_sales_with_cost += net
                totals.cost_of_goods += cost * (sale.quantity or 0)
    for name, tax in _taxes(order, sale):
        totals.taxes[name] += tax


def _add_product(result: MoneyTruth, shop: Shop, order: Order, sale: Sale) -> None:
    product_id = order.line(sale.line_id).product_id if sale.line_type == "PRODUCT" and sale.line_id else None
    if product_id is None:
        return
    product, net = result.by_product[product_id], sale.total - sale.tax
    product.net_sales += net
    cost = _unit_cost(shop, order, sale.line_id)
    if cost is not None:
        product.net_sales_with_cost += net
        product.cost += cost * (sale.quantity or 0)


def _losses(shop: Shop, order: Order) -> Iterator[tuple[date, int, Decimal]]:
    """The units that were refunded and stayed away: the day, the product and what they had cost."""
    for refund in order.refunds:
        for returned in refund.lines:
            product_id, cost = order.line(returned.line_id).product_id, _unit_cost(shop, order, returned.line_id)
            if returned.restock_type == "NO_RESTOCK" and product_id is not None and cost is not None:
                yield shop.local(refund.processed_at).date(), product_id, cost * returned.quantity


def _unit_cost(shop: Shop, order: Order, line_id: int | None) -> Decimal | None:
    """What one unit of a line of goods costs; None where nobody entered it."""
    variant_id = order.line(line_id).variant_id if line_id else None
    return shop.variant(variant_id)[1].unit_cost if variant_id else None


def _taxes(order: Order, sale: Sale) -> Iterator[tuple[TaxName, Decimal]]:
    """The taxes of a row of the ledger, each with its name."""
    if not sale.tax:
        return
    taxes: Sequence[Tax] = ()
    if sale.line_type == "SHIPPING" and order.shipping:
        taxes = order.shipping.taxes
    elif sale.line_type == "PRODUCT" and sale.line_id:
        taxes = order.line(sale.line_id).taxes
    charged = [tax for tax in taxes if tax.amount]
    if not charged:
        yield (None, None), sale.tax
        return
    whole = sum((tax.amount for tax in charged), ZERO)
    so_far, taken = ZERO, ZERO
    for tax in charged[:-1]:
        so_far += tax.amount
        share = rounded(sale.tax * so_far / whole, order.tender.currency) - taken
        taken += share
        yield (tax.title, tax.rate), share
    yield (charged[-1].title, charged[-1].rate), sale.tax - taken
