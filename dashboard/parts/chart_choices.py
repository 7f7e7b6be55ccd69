"""What a reader chooses for a chart over time: its metric and the width of a point. The address keeps both."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.domain.periods import Grain, Period
from core.metrics.definitions import DEFINITIONS
from dashboard.state import browser

METRICS = ("net_sales", "total_sales", "orders")


def draw_metric(metrics: Sequence[str] = METRICS) -> str:
    """Draw the choice of the metric; the first is the default."""
    labels = {DEFINITIONS[metric].label: metric for metric in metrics}
    if len(labels) < 2:
        return metrics[0]
    with browser.shared_by_pages():
        chosen = st.segmented_control(
            "Metric of the chart",
            list(labels),
            default=next(iter(labels)),
            required=True,
            key="metric",
            bind="query-params",
            label_visibility="collapsed",
        )
    return labels.get(chosen or "", metrics[0])


def draw_grain(period: Period) -> Grain:
    """Draw the choice of the width of a point, if more than one fits the period (see `Period.grains`)."""
    labels = {grain.capitalize(): grain for grain in period.grains}
    if len(labels) < 2:
        return period.grain
    with browser.shared_by_pages():
        chosen = st.segmented_control(
            "A point of the chart is a",
            list(labels),
            default=period.grain.capitalize(),
            required=True,
            key="grain",
            bind="query-params",
            label_visibility="collapsed",
        )
    return labels.get(chosen or "", period.grain)
