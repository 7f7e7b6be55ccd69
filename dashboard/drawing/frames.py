"""Points over time as rows, each with its name and whether it is complete. Pure; no figure is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Protocol

from core.domain.checkouts import CheckoutState
from core.domain.periods import Grain, Period, local_day
from core.metrics.checkouts.carts import CartPoint
from core.metrics.checkouts.report import CheckoutPoint
from core.metrics.series import Series, SeriesPoint
from dashboard.drawing import formats
from dashboard.drawing.records import Record


class Dated(Protocol):
    """A point, which begins at `start` (UTC)."""

    @property
    def start(self) -> datetime: ...


def over_time(
    metric: str,
    report: Series,
    comparison: Series | None,
    period: Period,
    compared: Period | None,
    now: datetime,
    grain: Grain,
) -> list[Record]:
    """A row a point: `start` on the store's clock, `value` and `compared`, and the name of each.

    A value is None after `now`, and after the end of a comparison that was cut. `is_running` marks the point that
    `now` is in: it is not complete, so it is drawn apart and named "so far". `is_part` marks a point of fewer days
    than its week or month, at an end of the period.
    """
    named = _named(report.points, period, now, grain)
    beside = _beside(metric, comparison, compared, grain) if comparison and compared else []
    return [
        row
        | {"value": getattr(point.figures, metric) if point.start <= now else None}
        | (other or {"compared": None, "compared_name": None})
        for (row, point), other in zip_longest(zip(named, report.points, strict=True), beside)
    ]


def parts_over_time(
    points: Sequence[SeriesPoint], metrics: Iterable[str], period: Period, now: datetime, grain: Grain
) -> list[Record]:
    """A row a point up to `now` with these metrics, the parts of a stack; names and marks as in `over_time`."""
    return [
        row | {metric: getattr(point.figures, metric) for metric in metrics}
        for row, point in zip(_named(points, period, now, grain), points, strict=True)
        if point.start <= now
    ]


def checkouts(points: Sequence[CheckoutPoint], period: Period, now: datetime, grain: Grain) -> list[Record]:
    """A row a point up to `now`, with its checkouts by state; names and marks as in `over_time`."""
    return [
        row
        | {state: getattr(point, f"checkouts_{state}") for state in CheckoutState}
        | {"started": point.checkouts_started}
        for row, point in zip(_named(points, period, now, grain), points, strict=True)
        if point.start <= now
    ]


def carts(points: Sequence[CartPoint], period: Period, now: datetime, grain: Grain) -> list[Record]:
    """A row a point up to `now`, with its carts by what became of them; names and marks as in `over_time`."""
    return [
        row
        | {name: getattr(point, f"carts_{name}") for name in ("to_checkout", "left", "open")}
        | {"filled": point.carts_filled}
        for row, point in zip(_named(points, period, now, grain), points, strict=True)
        if point.start <= now
    ]


def point_names(points: Sequence[Dated], period: Period, grain: Grain, is_dated: bool = False) -> list[str]:
    """The names of the points of a period; one that is not a whole week or month is named by its days.

    `is_dated` adds the day to an hour.
    """
    if grain is Grain.HOUR:
        return [formats.point(point.start, grain, period.zone, is_dated) for point in points]
    return [
        formats.point(point.start, grain, period.zone) if days.is_whole(grain) else formats.period(days)
        for point, days in zip(points, _days(points, period), strict=True)
    ]


def columns_of(rows: Iterable[Record], columns: Iterable[str]) -> list[Record]:
    """The rows with these columns only, for a table."""
    names = list(columns)
    return [{name: row[name] for name in names} for row in rows]


def _beside(metric: str, comparison: Series, compared: Period, grain: Grain) -> list[Record]:
    until = compared.until
    names = point_names(comparison.points, compared, grain, is_dated=True)
    return [
        {
            "compared": None if until and point.start >= until else getattr(point.figures, metric),
            "compared_name": name,
        }
        for point, name in zip(comparison.points, names, strict=True)
    ]


def _named(points: Sequence[Dated], period: Period, now: datetime, grain: Grain) -> list[Record]:
    """Start, name and marks of each point; see `over_time`."""
    begun = [point.start for point in points if point.start <= now]
    running = begun[-1] if begun and now < period.instants[1] else None
    rows = []
    for point, days, name in zip(points, _days(points, period), point_names(points, period, grain), strict=True):
        is_running = point.start == running
        if is_running and days.is_begun(grain):
            name = formats.point(point.start, grain, period.zone)
        rows.append(
            {
                "start": point.start.astimezone(period.zone).replace(tzinfo=None),
                "name": f"{name} so far" if is_running else name,
                "is_running": is_running,
                "is_part": not is_running and not days.is_whole(grain),
            }
        )
    return rows


def _days(points: Sequence[Dated], period: Period) -> list[Period]:
    """The days of each point: up to the next point, the last one up to the end of the period."""
    starts = [local_day(point.start, period.zone) for point in points]
    ends = [max(start, following - timedelta(days=1)) for start, following in pairwise(starts)]
    return [Period(start, end, period.zone) for start, end in zip(starts, [*ends, period.end], strict=True)]
