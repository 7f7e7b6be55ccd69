"""The files of the Stock page: all variants, those to reorder, and the stock of each location."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.domain.ids import parse_id
from core.exports.files import Export
from core.metrics.products.stock import (
    NO_LOCATION,
    PLAN,
    SOONEST_FIRST,
    STOCK_BY_LOCATION,
    Plan,
    Shown,
    plan_parameters,
    stock_statement,
)

_VARIANT = "product_id=id variant_id=id title=text variant=text sku=text"

EXPORTS = {
    "stock": Export(
        stock_statement,
        f"""{_VARIANT} abc=text stock=count units_lately=count days_in_stock=count days_left=days units_sold=count
        sell_through=share to_order=count unit_cost=level value=amount currency=currency""",
        SOONEST_FIRST,
        title="Stock",
        row="variant",
    ),
    "stock-by-location": Export(
        STOCK_BY_LOCATION,
        f"{_VARIANT} location_id=id location=text units=count on_hand=count units_lately=count days_left=days",
        title="Stock by location",
        row="variant at a location",
        meanings={"units": "units_there"},
    ),
}


def parameters(today: date, filters: Mapping[str, str]) -> dict[str, object]:
    """The parameters of the filters "location", "lead", "cover" and "shown"; what is no choice is the default."""
    plan = Plan(_days(filters.get("lead", ""), PLAN.lead_days), _days(filters.get("cover", ""), PLAN.cover_days))
    shown = Shown.TO_ORDER if filters.get("shown") == Shown.TO_ORDER else Shown.ALL
    return plan_parameters(today, parse_id(filters.get("location", "")) or NO_LOCATION, plan, shown)


def _days(typed: str, default: int) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else default
