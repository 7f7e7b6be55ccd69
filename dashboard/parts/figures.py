"""The row of figures at the top of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.metrics.changes import Change, change
from core.metrics.definitions import DEFINITIONS
from core.metrics.overview import Point
from dashboard.drawing import formats, frames
from dashboard.filters import Filters


def draw_figures(
    metrics: Sequence[str],
    current: Any,
    previous: Any | None,
    filters: Filters,
    points: Sequence[Point] = (),
) -> None:
    """Draw each metric with its definition and its change, and as a line over time if `points` are given.

    `current` and `previous` have the metrics as attributes; `previous` is None without a comparison.
    """
    with st.grid(4 if len(metrics) == 4 else 3, min_column_width=150, gap="small"):
        for metric in metrics:
            before = getattr(previous, metric) if previous else None
            _draw_figure(metric, getattr(current, metric), before, filters, points)


def _draw_figure(metric: str, value: Any, before: Any, filters: Filters, points: Sequence[Point]) -> None:
    definition = DEFINITIONS[metric]
    difference = change(value, before)
    good = difference.direction * (1 if definition.more_is_better else -1)
    st.metric(
        definition.label,
        formats.metric(metric, value, filters.currency),
        delta=None if difference == Change() else formats.change(difference),
        delta_color={1: "green", 0: "off", -1: "red"}[good],  # type: ignore[arg-type]
        delta_arrow={1: "up", 0: "off", -1: "down"}[difference.direction],  # type: ignore[arg-type]
        help=definition.meaning,
        border=True,
        height="stretch",
        chart_data=frames.spark(points, metric, filters.now) if points else None,
    )
