"""The look, where code needs it: chart colours by meaning, and the plotly template. The colours themselves stand in
.streamlit/config.toml, once for light and once for dark.

A figure is drawn before anybody knows which of the two the reader has. Streamlit's plotly theme has a placeholder for
each of the configured chart colours, which the browser replaces, also when the reader switches: a figure that names
placeholders is right in both.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from streamlit.elements.lib.streamlit_plotly_theme import CATEGORY_0, CATEGORY_1, CATEGORY_2

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"

THIS_PERIOD = CATEGORY_0
COMPARED = CATEGORY_1
SECOND = CATEGORY_2
"""A second kind beside the first, in one chart: told apart by lightness too, not by hue alone."""

CLEAR = "rgba(0, 0, 0, 0)"


@cache
def template() -> go.layout.Template:
    """What all charts share: no background, no frame, few grid lines, one hover box for all lines."""
    return go.layout.Template(
        layout={
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "colorway": [THIS_PERIOD, COMPARED, SECOND],
            "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
            "hovermode": "x unified",
            "dragmode": False,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None},
            "xaxis": {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True, "title": None},
            "yaxis": {"zeroline": False, "fixedrange": True, "automargin": True, "nticks": 5, "title": None},
        }
    )


@cache
def configured(mode: str) -> dict[str, Any]:
    """The theme's settings for "light" or "dark", as they stand in the configuration."""
    theme: dict[str, Any] = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][mode]
    return theme
