"""Results of `core.metrics` as DataFrames for drawing. Pure; no figure is computed here.

Amounts become floats, exact enough for pixels and formatted cells. Exports and sums never use these frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import pandas as pd

from core.domain.periods import Period
from core.metrics.overview import Headline, Point, Report
from dashboard.drawing import formats


def over_time(
    metric: str, report: Report, comparison: Report | None, period: Period, compared: Period | None, now: datetime
) -> pd.DataFrame:
    """A row a point: `start` on the store's clock, `value` and `compared`, and the name of each.

    A value is None after `now`, and after the end of a comparison that was cut. `is_running` marks the point that
    `now` is in: it is not complete, so it is drawn apart and named "so far".
    """
    rows = []
    begun = [point.start for point in report.points if point.start <= now]
    running = begun[-1] if begun and now < period.instants[1] else None
    for point, other in zip_longest(report.points, comparison.points if comparison else ()):
        until = compared.until if compared else None
        rows.append(
            {
                "start": point.start.astimezone(period.zone).replace(tzinfo=None),
                "name": formats.point(point.start, period.grain, period.zone)
                + (" so far" if point.start == running else ""),
                "is_running": point.start == running,
                "value": _amount(point.figures, metric) if point.start <= now else None,
                "compared": _amount(other.figures, metric)
                if other and not (until and other.start >= until)
                else None,
                "compared_name": formats.point(other.start, period.grain, period.zone, dated=True) if other else None,
            }
        )
    return pd.DataFrame(rows)


def new_and_repeat(points: Iterable[Point], period: Period) -> pd.DataFrame:
    """A row a point: `start` on the store's clock, with the numbers of new and repeat customers."""
    return pd.DataFrame(
        {
            "start": point.start.astimezone(period.zone).replace(tzinfo=None),
            "new": point.figures.new_customers,
            "repeat": point.figures.repeat_customers,
        }
        for point in points
    )


def spark(points: Iterable[Point], metric: str, now: datetime) -> list[float]:
    """The values of the metric up to `now`; a ratio over nothing leaves its point out."""
    values = (_amount(point.figures, metric) for point in points if point.start <= now)
    return [value for value in values if value is not None]


def table(rows: Iterable[Any], columns: Sequence[str]) -> pd.DataFrame:
    """Dataclasses as a table of these fields, in this order; without rows the columns are still there."""
    records = [{name: _plain(value) for name, value in asdict(row).items()} for row in rows]
    return pd.DataFrame(records, columns=list(columns))


def _amount(figures: Headline, metric: str) -> float | None:
    value = getattr(figures, metric)
    return None if value is None else float(value)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
