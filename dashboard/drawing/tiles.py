"""The figures of a row of tiles as text, with their points over time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.domain.periods import Period
from core.metrics.changes import Change, change
from core.metrics.definitions import DEFINITIONS
from core.metrics.sales.overview import Headline
from core.metrics.series import SeriesPoint
from dashboard.drawing import formats, frames, sales_steps

ARROWS = {1: "▲", 0: "", -1: "▼"}
TONES = {1: "good", 0: "", -1: "bad"}
LINES = (*sales_steps.STEPS, "tips")
_OPTIONAL = sales_steps.OPTIONAL | {"tips"}


@dataclass(frozen=True, slots=True)
class TilePoint:
    """A point of the line: its name and text on hover; `value` is None where there is none, such as a ratio over
    nothing. `running` marks the point that is not complete."""

    name: str
    text: str
    value: float | None
    running: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure: `exact` is its text to the cent if `text` is rounded, `href` the page that it opens. `note` stands
    below the value, such as how much of the sales it covers.

    `tone` is "good" or "bad" by the change, not by the slope of the line.
    """

    name: str
    label: str
    text: str
    exact: str = ""
    help: str = ""
    change: str = ""
    tone: str = ""
    arrow: str = ""
    before: str = ""
    exact_before: str = ""
    href: str = ""
    points: tuple[TilePoint, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sum: `amount` has the sign with which it counts; `is_sum` marks a sum of the lines before it.

    Its bar in the waterfall begins at `start` and has the width `size`, both as shares of the whole width.
    """

    tile: Tile
    amount: Decimal
    is_sum: bool
    start: float = 0
    size: float = 0


def tile(name: str, label: str, text: str, help: str = "") -> Tile:
    """A figure without a comparison."""
    return Tile(name, label, text, help=help)


def metric_tile(
    metric: str,
    current: Any,
    previous: Any | None,
    currency: str,
    points: tuple[TilePoint, ...] = (),
    href: str = "",
) -> Tile:
    """A metric of `current` beside that of `previous`; both have the metrics as attributes.

    An unknown metric has no line: its few known days would be single dots.
    """
    definition = DEFINITIONS[metric]
    value, before = getattr(current, metric), getattr(previous, metric) if previous else None
    difference = change(value, before)
    text, exact = _rounded(metric, value, currency)
    earlier, exact_earlier = ("", "") if difference == Change() else _rounded(metric, before, currency)
    good = difference.direction * (1 if definition.more_is_better else -1)
    return Tile(
        metric,
        definition.label,
        text,
        exact,
        definition.meaning,
        "" if difference == Change() else formats.change(difference),
        TONES[good],
        ARROWS[difference.direction],
        earlier,
        exact_earlier,
        href,
        points if value is not None else (),
    )


def tile_points(
    points: Sequence[SeriesPoint], metric: str, period: Period, currency: str, now: datetime
) -> tuple[TilePoint, ...]:
    """The points of a metric up to `now`."""
    if not points:
        return ()
    names = frames.point_names(points, period, period.grain)
    begun = [(point, name) for point, name in zip(points, names, strict=True) if point.start <= now]
    running = begun[-1][0] if begun and now < period.instants[1] else None
    drawn = []
    for point, name in begun:
        value = getattr(point.figures, metric)
        drawn.append(
            TilePoint(
                f"{name} so far" if point is running else name,
                formats.metric(metric, value, currency),
                None if value is None else float(value),
                point is running,
            )
        )
    return tuple(drawn)


def sales_lines(current: Headline, previous: Headline | None, currency: str) -> tuple[Line, ...]:
    """The way from gross to total sales, each line with its change; amounts are to the cent, so that they add up.

    Duties and fees are left out where both periods have none. Tips are in no sum, so they come last.
    """
    return with_bars(
        [
            _line(metric, current, previous, currency)
            for metric in LINES
            if metric not in _OPTIONAL or getattr(current, metric) or (previous and getattr(previous, metric))
        ]
    )


def payload(label: str, tiles: Sequence[Tile]) -> dict[str, Any]:
    """The data of the component: rows of four or five where the tiles fill them, else of three.

    Seven tiles are a row of four and one of three, so that none stands alone.
    """
    columns = {4: 4, 5: 5, 7: 4, 8: 4}.get(len(tiles), 3)
    return {"label": label, "columns": columns, "tiles": [asdict(each) for each in tiles]}


def lines_payload(label: str, lines: Sequence[Line]) -> dict[str, Any]:
    """The data of the component for lines instead of tiles."""
    drawn = [
        asdict(line.tile) | {"sum": line.is_sum, "amount": float(line.amount), "start": line.start, "size": line.size}
        for line in lines
    ]
    return {"label": label, "lines": drawn}


def with_bars(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines as a waterfall: a sum begins at zero, each other line where the one before it ended."""
    ends, level = list[tuple[Decimal, Decimal]](), Decimal(0)
    for line in lines:
        # Tips are in no sum, so their bar stands by itself.
        begin = Decimal(0) if line.is_sum or line.tile.name == "tips" else level
        level = begin + line.amount
        ends.append((min(begin, level), max(begin, level)))
    low, high = min([Decimal(0), *(low for low, _ in ends)]), max([Decimal(0), *(high for _, high in ends)])
    width = (high - low) or Decimal(1)
    return tuple(
        replace(line, start=round(float((left - low) / width), 4), size=round(float((right - left) / width), 4))
        for line, (left, right) in zip(lines, ends, strict=True)
    )


def _line(metric: str, current: Headline, previous: Headline | None, currency: str) -> Line:
    sign = sales_steps.sign(metric)
    amount = sign * getattr(current, metric)
    drawn = metric_tile(metric, current, previous, currency)
    before = formats.money(sign * getattr(previous, metric), currency) if previous and drawn.before else ""
    exact = replace(drawn, text=formats.money(amount, currency), exact="", before=before, exact_before="")
    return Line(exact, amount, metric in sales_steps.SUMS)


def _rounded(metric: str, value: Any, currency: str) -> tuple[str, str]:
    """The text of a value, and its exact text if that is another one."""
    text, exact = formats.short_metric(metric, value, currency), formats.metric(metric, value, currency)
    return text, exact if exact != text else ""
