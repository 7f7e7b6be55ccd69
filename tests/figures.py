"""Compares our figures with the simulator's: all that both compute, for a period and each of its days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any

from core.database import tenant_session
from core.domain.periods import Grain, Period
from core.metrics import Scope
from core.metrics.currencies import left_out
from core.metrics.products.listing import sales_by_product
from core.metrics.sales.overview import Headline, report

Row = dict[str, Any]


def wrong_figures(scope: Scope, period: Period, truth: Row, known_products: set[int] | None = None) -> Iterator[str]:
    """Yield a line for each figure that differs from `truth`, the JSON of `core.simulator.shop.truth.Truth`.

    `known_products` limits the products whose sales are compared; all where None.
    """
    with tenant_session(scope.store.tenant_id) as session:
        ours = report(session, scope, period, Grain.DAY)
        products = {row.product_id: row for row in sales_by_product(session, scope, period)}
        our_currencies = {row.currency for row in left_out(session, scope, period)}
    days = f"{period.start} to {period.end}"
    yield from _compare(days, ours.whole, truth)
    for point, day in zip(ours.points, truth["by_day"], strict=True):
        yield from _compare(day["day"], point.figures, day)
    for product in truth["by_product"]:
        row = products.get(product["product_id"])
        if known_products is not None and (row is None or product["product_id"] not in known_products):
            continue
        sold = (row.net_sales, row.units_sold) if row else (None, None)
        if sold != (Decimal(product["net_sales"]), product["units"]):
            yield f"{days}: {product['title']} sold {sold}, not {product['net_sales']}, {product['units']}"
    if missing := truth["elsewhere"].keys() - our_currencies:
        yield f"{days}: orders in {our_currencies} are left out, but not those in {missing}"


def _compare(label: str, ours: Headline, truth: Row) -> Iterator[str]:
    names = {field.name for field in fields(ours)} & truth.keys() - {"new_customers", "repeat_customers"}
    for name in sorted(names):
        our_value, their_value = getattr(ours, name), truth[name]
        if Decimal(our_value) != Decimal(their_value):
            yield f"{label}: {name} is {our_value}, not {their_value}"
