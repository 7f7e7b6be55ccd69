"""A chart over time as values and texts, for the component `dashboard/components/chart`. Pure.

Plotly's script and its first chart would take as long as the rest of a page, so only `split_figure` draws by it.
Colours are named by meaning; the page's styles have them (`dashboard.web.shell`), light and dark.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

HEIGHT = 300
_FEW = 14
"""Most points that get a dot each: a line through three points alone hides where they are."""


class Shape(StrEnum):
    """How the series of a plot are drawn; columns are stacked, the last series at the bottom."""

    LINES = "lines"
    COLUMNS = "columns"


class Look(StrEnum):
    """A colour by its meaning; each line has its own dashes, too."""

    THIS = "this"
    COMPARED = "compared"
    SECOND = "second"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one kind of column: a value a place, None where there is none.

    `names` and `texts` are read at each place. `open` marks values that are not complete: dotted or hatched, and
    named `open_name` in the legend.
    """

    name: str
    look: Look
    values: tuple[Decimal | int | None, ...]
    names: tuple[str, ...]
    texts: tuple[str, ...]
    open: tuple[bool, ...] = ()
    open_name: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the time axis; `below` is the year, shown where it changes."""

    at: float
    text: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A label of the axis of values."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Ending:
    """The present end of a line, with its value as text beside it."""

    at: float
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart: `places` are where the points stand, from 0 at the left to 1, `bounds` the
    values at the lower and the upper edge. `steps` are the numbers of ticks between
    two labels that a small screen may choose from. The first of `series` is drawn in front."""

    shape: Shape
    places: tuple[float, ...]
    ticks: tuple[Tick, ...]
    levels: tuple[Level, ...]
    bounds: tuple[float, float]
    series: tuple[Series, ...]
    steps: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
    ending: Ending | None = None

    def payload(self, alt: str) -> dict[str, Any]:
        """The data of the component; `alt` says what the chart shows, for screen readers."""
        return {
            "kind": str(self.shape),
            "alt": alt,
            "height": HEIGHT,
            "places": [round(place, 5) for place in self.places],
            "ticks": [asdict(tick) for tick in self.ticks],
            "steps": list(self.steps),
            "levels": [asdict(level) for level in self.levels],
            "bounds": list(self.bounds),
            "series": [_series(line) for line in self.series],
            "end": asdict(self.ending) if self.ending else None,
        }


def even_places(count: int, shape: Shape = Shape.LINES) -> tuple[float, ...]:
    """Places at equal distances: lines reach both ends, columns stand inside."""
    if shape is Shape.COLUMNS:
        return tuple((number + 0.5) / count for number in range(count))
    return tuple(number / (count - 1) for number in range(count)) if count > 1 else (0.5,)


def _series(series: Series) -> dict[str, Any]:
    values = series.values
    return {
        "name": series.name,
        "look": str(series.look),
        "values": [None if value is None else float(value) for value in values],
        "names": list(series.names),
        "texts": list(series.texts),
        "open": list(series.open or [False] * len(values)),
        "open_name": series.open_name,
        "has_dots": len(values) <= _FEW,
    }
