"""The true stock of the made-up shop: how long it lasts by the units sold lately.

Walks over orders in plain Python, as `truth` does, and shares nothing with the product's metrics.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

from core.simulator.shop.shop import Shop


def units_sold(shop: Shop, start: date, end: date) -> Counter[int]:
    """Count the units sold from `start` to `end` by variant, in every currency; returns do not lower them."""
    units = Counter[int]()
    for order in shop.orders.values():
        for agreement in order.agreements if not order.test else ():
            at = order.processed_at if agreement.reason == "ORDER" else agreement.happened_at
            if not start <= shop.local(at).date() <= end:
                continue
            for sale in agreement.sales:
                if sale.line_type == "PRODUCT" and sale.action == "ORDER":
                    units[order.line(sale.line_id or 0).variant_id or 0] += sale.quantity or 0
    return units


def days_left(shop: Shop, today: date) -> dict[int, Fraction | None]:
    """Return how many days the stock of each variant lasts; None without sales in the 28 days before `today`."""
    lately = units_sold(shop, today - timedelta(days=28), today - timedelta(days=1))
    return {
        variant.variant_id: Fraction(max(0, variant.stock) * 28, lately[variant.variant_id])
        if lately[variant.variant_id]
        else None
        for product in shop.products.values()
        if not product.is_gift_card
        for variant in product.variants
    }
