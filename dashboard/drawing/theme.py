"""Colours and the template of Plotly's charts. The colours stand in .streamlit/config.toml, light and dark.

The server does not know which of the two the reader uses. So figures name placeholders of Streamlit's plotly theme,
which the browser replaces by the configured colours, also when the reader switches.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from streamlit.elements.lib.streamlit_plotly_theme import (
    CATEGORY_0,
    CATEGORY_1,
    CATEGORY_2,
    CATEGORY_3,
    CATEGORY_4,
    CATEGORY_5,
    CATEGORY_6,
)

from dashboard.drawing import locales

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"

SERIES = (CATEGORY_0, CATEGORY_2, CATEGORY_3, CATEGORY_4, CATEGORY_5, CATEGORY_1)
"""The colours of series, the grey of comparisons last. Dashes and patterns differ, too: see `split_figure`."""
TEXT = CATEGORY_6
"""Texts in charts."""
CLEAR = "rgba(0, 0, 0, 0)"


def layout(height: int, **others: Any) -> dict[str, Any]:
    """The layout of a new figure with its height in pixels, and `others` of its own."""
    # In each figure, because Streamlit's theme replaces the text colours of a template.
    text = {"color": TEXT}
    axis = {"tickfont": text}
    colors = {"font": text, "hoverlabel": {"font": text}, "xaxis": axis, "yaxis": axis}
    return {"template": template(), "height": height, **colors, **others}


def template() -> go.layout.Template:
    """The template of all charts, with the separators of the reader's locale."""
    return _template(locales.numbers().separators)


@cache
def _template(separators: str) -> go.layout.Template:
    """The template of all charts: no background, no frame, few grid lines, one hover box for all lines."""
    return go.layout.Template(
        layout={
            "separators": separators,
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "colorway": list(SERIES),
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
    """The configured theme settings for "light" or "dark"."""
    theme: dict[str, Any] = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][mode]
    return theme
