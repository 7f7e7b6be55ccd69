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

from core.domain.periods import Grain, Period
from core.metrics.overview import Headline, Point, Report
from dashboard.drawing import formats
from dashboard.drawing.records import Record


def over_time(
    metric: str,
    report: Report,
    comparison: Report | None,
    period: Period,
    compared: Period | None,
    now: datetime,
    grain: Grain,
) -> pd.DataFrame:
    """A row a point: `start` on the store's clock, `value` and `compared`, and the name of each.

    A value is None after `now`, and after the end of a comparison that was cut. `is_running` marks the point that
    `now` is in: it is not complete, so it is drawn apart and named "so far".
    """
    rows = []
    running = _running(report.points, period, now)
    for point, other in zip_longest(report.points, comparison.points if comparison else ()):
        until = compared.until if compared else None
        rows.append(
            {
                "start": point.start.astimezone(period.zone).replace(tzinfo=None),
                "name": _name(point.start, grain, period, running),
                "is_running": point.start == running,
                "value": _amount(point.figures, metric) if point.start <= now else None,
                "compared": _amount(other.figures, metric)
                if other and not (until and other.start >= until)
                else None,
                "compared_name": formats.point(other.start, grain, period.zone, dated=True) if other else None,
            }
        )
    return pd.DataFrame(rows)


def new_and_repeat(points: Sequence[Point], period: Period, now: datetime, grain: Grain) -> pd.DataFrame:
    """A row a point up to `now`, with its numbers of customers; `start`, `name`, `is_running` as in `over_time`."""
    running = _running(points, period, now)
    return pd.DataFrame(
        {
            "start": point.start.astimezone(period.zone).replace(tzinfo=None),
            "name": _name(point.start, grain, period, running),
            "is_running": point.start == running,
            "new": point.figures.new_customers,
            "repeat": point.figures.repeat_customers,
            "customers": point.figures.customers,
        }
        for point in points
        if point.start <= now
    )


def records(frame: pd.DataFrame, columns: Iterable[str]) -> list[Record]:
    """The rows of a frame for a table, with exact numbers and None in place of missing ones."""
    return [
        {str(name): formats.exact(value) if isinstance(value, float | int) else value for name, value in row.items()}
        for row in frame[list(columns)].to_dict("records")
    ]


def spark(points: Iterable[Point], metric: str, now: datetime) -> list[float]:
    """The values of the metric up to `now`; a ratio over nothing leaves its point out."""
    values = (_amount(point.figures, metric) for point in points if point.start <= now)
    return [value for value in values if value is not None]


def table(rows: Iterable[Any], columns: Sequence[str]) -> pd.DataFrame:
    """Dataclasses as a table of these fields, in this order; without rows the columns are still there."""
    records = [{name: _plain(value) for name, value in asdict(row).items()} for row in rows]
    return pd.DataFrame(records, columns=list(columns))


def _running(points: Sequence[Point], period: Period, now: datetime) -> datetime | None:
    """The start of the point that `now` is in; None for a period that is over."""
    begun = [point.start for point in points if point.start <= now]
    return begun[-1] if begun and now < period.instants[1] else None


def _name(start: datetime, grain: Grain, period: Period, running: datetime | None) -> str:
    return formats.point(start, grain, period.zone) + (" so far" if start == running else "")


def _amount(figures: Headline, metric: str) -> float | None:
    value = getattr(figures, metric)
    return None if value is None else float(value)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
