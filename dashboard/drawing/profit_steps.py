"""The way from net sales to net profit, line by line, and what keeps a figure from being known. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from core.metrics.money.profit import Profit
from dashboard.drawing import formats, tiles
from dashboard.drawing.tiles import Line, Tile

STEPS = {
    "net_sales": 0,
    "net_sales_without_cost": -1,
    "net_sales_with_cost": 0,
    "cost_of_goods_sold": -1,
    "gross_profit": 0,
    "shipping": 1,
    "shipping_cost": -1,
    "payment_fees": -1,
    "packaging": -1,
    "contribution": 0,
    "advertising": -1,
    "other_costs": -1,
    "net_profit": 0,
}
"""By metric, in their order: 0 for a sum of the lines before it, else the sign with which it counts."""
OPTIONAL = frozenset({"net_sales_without_cost", "net_sales_with_cost", "packaging", "advertising", "other_costs"})
"""Lines that are left out where both periods have none."""
WITHOUT_COVERAGE = frozenset({"cost_coverage", "marketing_efficiency", "net_sales"})
"""Figures that do not depend on unit costs."""


def profit_lines(current: Profit, previous: Profit | None, currency: str) -> tuple[Line, ...]:
    """The lines, each with its change; amounts are to the cent, so that they add up. An unknown one reads "–"."""
    return tiles.with_bars(
        [
            _line(metric, sign, current, previous, currency)
            for metric, sign in STEPS.items()
            if metric not in OPTIONAL or getattr(current, metric) or (previous and getattr(previous, metric))
        ]
    )


def with_coverage(tile: Tile, figures: Profit) -> Tile:
    """The tile of a profit figure with the share of sales that it covers, or with what it needs to be known."""
    if needed := _needed(tile.name, figures):
        return replace(tile, note=f"needs {needed}")
    if tile.name in WITHOUT_COVERAGE or (figures.is_cost_known and getattr(figures, tile.name) is None):
        return tile
    return replace(tile, note=coverage(figures))


def coverage(figures: Profit) -> str:
    """The coverage in a few words: "of 84.2% of net sales"."""
    if figures.cost_coverage is None or not figures.is_cost_known:
        return "no unit costs known"
    return f"of {formats.percent(figures.cost_coverage)} of net sales"


def known_fees(figures: Profit, currency: str) -> str:
    """Of how many orders Shopify says the payment fees; empty where it says none."""
    if not figures.known_fee_orders:
        return ""
    amount = formats.money(figures.known_fees, currency)
    said = f"Shopify says the payment fees of {formats.counted(figures.known_fee_orders, 'order')}: {amount}"
    if not figures.paid_orders:
        return f"{said}. No other order was paid."
    share = formats.percent(figures.known_fee_share)
    return f"{said}, {share} of the paid orders. The fees of the others are those that you entered."


def missing_costs(figures: Profit) -> list[str]:
    """The names of the costs that are unknown on some days with orders, each with the number of these days."""
    days = {"payment fees": figures.days_without_fees, "shipping cost": figures.days_without_shipping_cost}
    return [f"{name} of {formats.counted(number, 'day')}" for name, number in days.items() if number]


def _needed(metric: str, figures: Profit) -> str:
    """What a merchant has to enter so that a figure is known; empty where nothing they enter is missing."""
    if getattr(figures, metric) is not None or not figures.is_cost_known:
        return ""
    return "the cost of advertising" if metric == "marketing_efficiency" else formats.listed(missing_costs(figures))


def lost(figures: Profit, currency: str) -> str:
    """The sentence about goods that were refunded and not put back into stock; empty if there are none."""
    if not figures.not_restocked:
        return ""
    amount = formats.money(figures.not_restocked, currency)
    return f" {amount} of the cost of goods sold was lost on returns that were not put back into stock."


def uncovered(figures: Profit, currency: str) -> str:
    """The sentence about sales without a known cost; empty if there are none."""
    if not figures.net_sales_without_cost:
        return ""
    amount = formats.money(figures.net_sales_without_cost, currency)
    return f"The cost of {amount} of net sales is unknown, so no profit figure includes them."


def _line(metric: str, sign: int, current: Profit, previous: Profit | None, currency: str) -> Line:
    factor = sign or 1
    value = getattr(current, metric)
    drawn = tiles.metric_tile(metric, current, previous, currency)
    earlier = getattr(previous, metric) if previous else None
    before = formats.money(factor * earlier, currency) if earlier is not None and drawn.before else ""
    amount = None if value is None else factor * value
    exact = replace(drawn, text=formats.money(amount, currency), exact="", before=before, exact_before="")
    return Line(exact, amount or Decimal(0), sign == 0)
