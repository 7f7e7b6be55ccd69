"""A made-up shop as JSON: its orders, customers and products as webhook bodies, and its true totals."""

from __future__ import annotations

import json
from typing import Any, TextIO

from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import truth
from core.simulator.webhooks.bodies import customer_body, product_body
from core.simulator.webhooks.order_bodies import order_body


def write(shop: Shop, out: TextIO) -> None:
    """Write the whole shop."""
    json.dump(_to_json(shop), out, ensure_ascii=False, indent=1)
    out.write("\n")


def summary(shop: Shop) -> str:
    """Describe the shop in one line."""
    totals = truth(shop)
    sizes = f"{len(shop.orders)} orders, {len(shop.customers)} customers, {len(shop.products)} products"
    return (
        f"{shop.spec.name}: {sizes}, "
        f"total sales {totals.totals.total_sales} {totals.currency} from {totals.start} to {totals.end}"
    )


def _to_json(shop: Shop) -> dict[str, Any]:
    return {
        "shop": shop.spec.to_json(),
        "products": [product_body(shop, product) for product in shop.products.values()],
        "customers": [customer_body(shop, customer) for customer in shop.customers.values()],
        "orders": [order_body(shop, order) for order in shop.orders.values()],
        "truth": truth(shop).to_json(),
    }
