"""What does a new customer cost, and when has a cohort earned it back? Both follow from the advertising entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from zoneinfo import ZoneInfo

from core.domain.periods import Grain, local_day
from core.metrics.customers.cohort_profits import CohortProfits, earned_by_period
from core.metrics.customers.cohorts import Cohort, Width
from core.metrics.money.profit import ProfitPoint
from core.metrics.ratios import ratio

GRAINS = {Width.WEEK: Grain.WEEK, Width.MONTH: Grain.MONTH, Width.QUARTER: Grain.MONTH}
"""The width of the points of profit that add up to a cohort's period."""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The advertising of a period, in the store's currency, and its new customers."""

    advertising: Decimal
    new_customers: int

    @property
    def acquisition_cost(self) -> Decimal | None:
        """Advertising per new customer; None without advertising or without new customers."""
        return ratio(self.advertising, self.new_customers) if self.advertising else None


def advertising_by_cohort(points: Sequence[ProfitPoint], width: Width, zone: ZoneInfo) -> Mapping[date, Decimal]:
    """Add up the advertising of the points by the first day of the cohort whose customers it won."""
    advertising: dict[date, Decimal] = defaultdict(Decimal)
    for point in points:
        day = local_day(point.start, zone)
        start = day.replace(month=(day.month - 1) // 3 * 3 + 1) if width is Width.QUARTER else day
        advertising[start] += point.figures.advertising
    return advertising


def payback(cohort: Cohort, profits: CohortProfits, advertising: Decimal) -> int | None:
    """The number of the period by whose end the cohort's gross profit covers its advertising; None if none does."""
    earned = accumulate(one.gross_profit for one in earned_by_period(cohort, profits))
    return next((number for number, profit in enumerate(earned) if profit >= advertising), None)
