"""The row of figures at the top of a page: one component, so that all figures change in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from core.metrics.series import SeriesPoint
from dashboard import reads
from dashboard.components import Component, leave_to_run
from dashboard.drawing import tiles
from dashboard.drawing.tiles import Line, Tile
from dashboard.filters import Filters
from dashboard.parts import links

T = TypeVar("T")

_NO_LINKS: Mapping[str, str] = MappingProxyType({})
_TILES = Component("tile")


def draw_figures(
    metrics: Sequence[str],
    current: Any,
    previous: Any | None,
    filters: Filters,
    points: Sequence[SeriesPoint] = (),
    addresses: Mapping[str, str] = _NO_LINKS,
    label: str = "Figures",
) -> None:
    """Draw each metric with its definition and its change, and as a line over time if `points` are given.

    `current` and `previous` have the metrics as attributes; `previous` is None without a comparison. `addresses` has
    the page that a metric opens. `label` names the row for screen readers, once on a page.
    """
    earlier = comparable(previous, filters)
    draw_tiles(
        label,
        [
            tiles.metric_tile(
                metric,
                current,
                earlier,
                filters.currency,
                tiles.tile_points(points, metric, filters.period, filters.currency, filters.now),
                addresses.get(metric, ""),
            )
            for metric in metrics
        ],
    )


def comparable(previous: T | None, filters: Filters) -> T | None:
    """The figures of the compared period; None if the store's orders begin after it: its zeros mean "not known"."""
    if previous is None or filters.compared is None:
        return None
    first = reads.first_day(*filters.cache_key)
    return previous if first and first <= filters.compared.end else None


def draw_tiles(label: str, drawn: Sequence[Tile]) -> None:
    """Draw a row of figures, which `label` names for screen readers; a click on one opens its page."""
    result = _TILES.mount(f"tiles of {label}", tiles.payload(label, drawn), on_open_change=leave_to_run)
    links.open_clicked_link(result.open, (tile.href for tile in drawn))


def draw_values(label: str, values: Sequence[tuple[str, str, str]]) -> None:
    """Draw figures without a comparison, each as its label, its text and its meaning."""
    draw_tiles(label, [tiles.tile(name, name, text, meaning) for name, text, meaning in values])


def draw_lines(label: str, lines: Sequence[Line]) -> None:
    """Draw figures that add up as lines; `label` names the table for screen readers."""
    _TILES.mount(f"lines of {label}", tiles.lines_payload(label, lines), on_open_change=leave_to_run)
