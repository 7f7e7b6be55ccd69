"""The comparison on the Simulator page: each figure here and by the simulator's own arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.demo.simulator_client import FigureComparison
from core.metrics.definitions import DEFINITIONS
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.filters import Filters


def draw_comparison(figures: Sequence[FigureComparison], filters: Filters) -> None:
    """Draw whether every figure equals the simulator's, and the figures side by side."""
    unequal = [figure for figure in figures if not figure.equal]
    if unequal:
        st.warning(
            f"**{formats.count(len(unequal))} of {formats.count(len(figures))} figures differ.** Changes of the last "
            "seconds may still be under way: compare again. Changes without a webhook come with the next sync, "
            "deletions with the nightly check.",
            icon=":material/difference:",
        )
    else:
        st.success(
            f"All {formats.count(len(figures))} figures equal the simulator’s.", icon=":material/check_circle:"
        )
    # st.table wraps on a phone, where a dataframe would hide the last column.
    st.table(_table(figures, filters), border="horizontal")


def _table(figures: Sequence[FigureComparison], filters: Filters) -> pd.DataFrame:
    def text(metric: str, value: Any) -> str:
        return plain(formats.metric(metric, value, filters.currency))

    return pd.DataFrame(
        {
            "Here": [text(figure.name, figure.ours) for figure in figures],
            "Simulator": [text(figure.name, figure.true) for figure in figures],
        },
        index=[f"{'=' if figure.equal else '≠'} {DEFINITIONS[figure.name].label}" for figure in figures],
    )
