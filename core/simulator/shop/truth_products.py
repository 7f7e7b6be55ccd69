"""The true figures of the made-up shop's products: their rates, their classes, and what is bought after or with them.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.simulator.shop.ledger import Sale
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop


@dataclass(slots=True)
class ProductFigures:
    """A product's sums over some days."""

    gross_sales: Decimal = ZERO
    discounts: Decimal = ZERO
    returns: Decimal = ZERO

    @property
    def net_sales(self) -> Decimal:
        """Gross sales less discounts and returns."""
        return self.gross_sales - self.discounts - self.returns


def product_figures(shop: Shop, start: date, end: date) -> dict[int, ProductFigures]:
    """Sum up each product's sales from `start` to `end`, in the shop's currency."""
    figures: dict[int, ProductFigures] = defaultdict(ProductFigures)
    for day, order, sale in _goods(shop):
        product_id = order.line(sale.line_id or 0).product_id
        if product_id is None or not start <= day <= end:
            continue
        before_tax = sale.total - sale.tax
        if sale.action == "RETURN":
            figures[product_id].returns -= before_tax
        else:
            figures[product_id].gross_sales += before_tax + sale.discount
            figures[product_id].discounts += sale.discount
    return dict(figures)


def classes(shop: Shop, start: date, end: date) -> dict[int, str]:
    """Class each product with net sales: A until 80 % of all are reached, B until 95 %, C beyond."""
    sales = {key: row.net_sales for key, row in product_figures(shop, start, end).items() if row.net_sales > 0}
    whole, reached, result = sum(sales.values(), ZERO), ZERO, {}
    for product_id in sorted(sales, key=lambda key: (-sales[key], key)):
        share = reached / whole
        result[product_id] = "A" if share < Decimal("0.8") else "B" if share < Decimal("0.95") else "C"
        reached += sales[product_id]
    return result


def counted_orders(shop: Shop) -> list[Order]:
    """The orders that figures count, in the shop's currency."""
    return [order for order in shop.orders.values() if not order.test and order.tender.currency == shop.currency]


def _goods(shop: Shop) -> Iterator[tuple[date, Order, Sale]]:
    """Yield the ledger's rows of goods, each with its day."""
    for order in counted_orders(shop):
        for agreement in order.agreements:
            at = order.processed_at if agreement.reason == "ORDER" else agreement.happened_at
            for sale in agreement.sales:
                if sale.line_type == "PRODUCT":
                    yield shop.local(at).date(), order, sale
