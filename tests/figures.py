"""Our figures beside the simulator's own computation: all that both know, of some days and of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any

from core.database import tenant_session
from core.domain.periods import Grain, Period
from core.metrics import Scope
from core.metrics.currencies import left_out
from core.metrics.overview import Headline, report
from core.metrics.products import sales_by_product

Row = dict[str, Any]


def wrong_figures(scope: Scope, period: Period, truth: Row, known_products: set[int] | None = None) -> Iterator[str]:
    """One line for each figure that is not the one in `truth`, the JSON of `core.simulator.shop.truth.Truth`.

    `known_products` are those whose sales are compared, all where None.
    """
    with tenant_session(scope.store.tenant_id) as session:
        ours = report(session, scope, period, Grain.DAY)
        products = {row.product_id: row for row in sales_by_product(session, scope, period)}
        elsewhere = {each.currency for each in left_out(session, scope, period)}
    days = f"{period.start} to {period.end}"
    yield from _compare(days, ours.whole, truth)
    for point, day in zip(ours.points, truth["by_day"], strict=True):
        yield from _compare(day["day"], point.figures, day)
    for told in truth["by_product"]:
        row = products.get(told["product_id"])
        if known_products is not None and (row is None or told["product_id"] not in known_products):
            continue
        sold = (row.net_sales, row.units_sold) if row else (None, None)
        if sold != (Decimal(told["net_sales"]), told["units"]):
            yield f"{days}: {told['title']} sold {sold}, not {told['net_sales']}, {told['units']}"
    if missing := truth["elsewhere"].keys() - elsewhere:
        yield f"{days}: left out are orders in {elsewhere}, and not said is {missing}"


def _compare(what: str, ours: Headline, truth: Row) -> Iterator[str]:
    names = {one.name for one in fields(ours)} & truth.keys() - {"new_customers", "repeat_customers"}
    for name in sorted(names):
        mine, theirs = getattr(ours, name), truth[name]
        if Decimal(mine) != Decimal(theirs):
            yield f"{what}: {name} is {mine}, not {theirs}"
