"""What was earned? From net sales to net profit, with the share of sales whose cost is known.

A product without a cost is in no profit figure, as in Shopify's reports. Payment fees are those that Shopify says,
and of other orders those that were entered. Fees and shipping costs that were not entered for a day that needs them
are unknown: contribution and net profit are then None, never too high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from core.domain.periods import Grain, Period, local_day
from core.metrics.money import sums as money_sums
from core.metrics.money.profit_days import profit_statement
from core.metrics.ratios import ratio, share
from core.metrics.scope import Scope

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Profit:
    """The figures of a period, or of one point of it; names are those of `definitions`.

    Costs are positive. `known_fees` are those of `known_fee_orders`; `paid_orders` are the other ones, for which a
    provider took a fee that Shopify does not say. `days_without_fees` and `days_without_shipping_cost` count days
    with orders for which no payment fees, or no cost of shipping, were entered where they are needed.
    """

    net_sales: Decimal = ZERO
    net_sales_with_cost: Decimal = ZERO
    lines: int = 0
    lines_with_cost: int = 0
    cost_of_goods: Decimal = ZERO
    not_restocked: Decimal = ZERO
    shipping: Decimal = ZERO
    total_sales: Decimal = ZERO
    known_fees: Decimal = ZERO
    known_fee_orders: int = 0
    paid_orders: int = 0
    entered_fees: Decimal = ZERO
    entered_shipping_cost: Decimal = ZERO
    packaging: Decimal = ZERO
    advertising: Decimal = ZERO
    other_costs: Decimal = ZERO
    days_without_fees: int = 0
    days_without_shipping_cost: int = 0

    @property
    def is_cost_known(self) -> bool:
        """Whether any line sold has a cost; also without lines."""
        return bool(self.lines_with_cost) or not self.lines

    @property
    def cost_coverage(self) -> Decimal | None:
        """The fraction of net sales whose cost is known; None without net sales."""
        return share(self.net_sales_with_cost, self.net_sales)

    @property
    def net_sales_without_cost(self) -> Decimal:
        """Net sales that no profit figure includes."""
        return self.net_sales - self.net_sales_with_cost

    @property
    def cost_of_goods_sold(self) -> Decimal | None:
        """The cost of units sold, less that of units that came back into stock; None if no cost is known."""
        return self.cost_of_goods + self.not_restocked if self.is_cost_known else None

    @property
    def gross_profit(self) -> Decimal | None:
        """None if no cost is known."""
        cost = self.cost_of_goods_sold
        return None if cost is None else self.net_sales_with_cost - cost

    @property
    def gross_margin(self) -> Decimal | None:
        """A fraction; None without net sales that have a cost."""
        profit = self.gross_profit
        return None if profit is None else share(profit, self.net_sales_with_cost)

    @property
    def payment_fees(self) -> Decimal | None:
        """None if they were not entered for every day with orders whose fees Shopify does not say."""
        return None if self.days_without_fees else self.known_fees + self.entered_fees

    @property
    def known_fee_share(self) -> Decimal | None:
        """The fraction of the paid orders whose fees Shopify says; None without paid orders."""
        return ratio(self.known_fee_orders, self.known_fee_orders + self.paid_orders)

    @property
    def shipping_cost(self) -> Decimal | None:
        """None if it was not entered for every day with orders."""
        return None if self.days_without_shipping_cost else self.entered_shipping_cost

    @property
    def contribution(self) -> Decimal | None:
        """None if a part of it is unknown."""
        profit, fees, shipping_cost = self.gross_profit, self.payment_fees, self.shipping_cost
        if profit is None or fees is None or shipping_cost is None:
            return None
        return profit + self.shipping - shipping_cost - fees - self.packaging

    @property
    def net_profit(self) -> Decimal | None:
        """None if the contribution is unknown."""
        contribution = self.contribution
        return None if contribution is None else contribution - self.advertising - self.other_costs

    @property
    def marketing_efficiency(self) -> Decimal | None:
        """Total sales per unit of advertising; None without advertising."""
        return share(self.total_sales, self.advertising)


@dataclass(frozen=True, slots=True)
class ProfitPoint:
    """One point of a series: from `start` (UTC) until the next point's."""

    start: datetime
    figures: Profit


@dataclass(frozen=True, slots=True)
class ProfitReport:
    """The figures of a period, and point by point. Amounts of the points add up to the whole."""

    whole: Profit
    points: tuple[ProfitPoint, ...]


OVER_TIME = f"""
SELECT given.start, net_sales, net_sales_with_cost, cost_coverage, cost_of_goods_sold, gross_profit, shipping,
       shipping_cost, payment_fees, packaging, gross_profit + shipping - shipping_cost - payment_fees - packaging
       AS contribution, advertising, other_costs, gross_profit + shipping - shipping_cost - payment_fees - packaging
       - advertising - other_costs AS net_profit, total_sales
FROM (
    SELECT *, net_sales_with_cost / nullif(net_sales, 0) AS cost_coverage,
           net_sales_with_cost - cost_of_goods_sold AS gross_profit
    FROM (
        SELECT *, CASE WHEN lines_with_cost > 0 OR lines = 0 THEN cost_of_goods + not_restocked END
                      AS cost_of_goods_sold,
               CASE WHEN days_without_fees = 0 THEN known_fees + entered_fees END AS payment_fees,
               CASE WHEN days_without_shipping_cost = 0 THEN entered_shipping_cost END AS shipping_cost
        FROM ({profit_statement()}) report
    ) known
) earned
JOIN unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS given (start, n) ON given.n = earned.point + 1
ORDER BY earned.point
"""
"""The points of a period: the rows of a chart, for its file. The rules are those of `Profit`."""

FIGURES = tuple(field.name for field in fields(Profit))
_REPORT = profit_statement()


def profit(session: Session, scope: Scope, period: Period, grain: Grain) -> ProfitReport:
    """Ask for all figures of the period. Costs are known by day, so a grain of hours is one of days."""
    return _profit(session, scope, period, period.points(_by_day(grain)))


def profit_beside(session: Session, scope: Scope, compared: Period, period: Period, grain: Grain) -> ProfitReport:
    """Ask for all figures of the compared period. Its n-th point is drawn beside the n-th point of `period`."""
    return _profit(session, scope, compared, compared.points_beside(period, _by_day(grain)))


def day_starts(period: Period, points: Sequence[datetime]) -> dict[str, object]:
    """The parameter of the days at which the points begin."""
    return {"point_days": [local_day(point, period.zone) for point in points]}


def _by_day(grain: Grain) -> Grain:
    return Grain.DAY if grain is Grain.HOUR else grain


def _profit(session: Session, scope: Scope, period: Period, points: Sequence[datetime]) -> ProfitReport:
    parameters = {**scope.within(period), **day_starts(period, points)}
    rows = {row["point"]: row for row in money_sums.ask(session, _REPORT, parameters)}
    whole, *series = [
        Profit(**{name: rows[point][name] for name in FIGURES}) if point in rows else Profit()
        for point in range(-1, len(points))
    ]
    drawn = (ProfitPoint(start, figures) for start, figures in zip(points, series, strict=True))
    return ProfitReport(whole, tuple(drawn))
