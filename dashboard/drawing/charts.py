"""Plotly figures of DataFrames. Pure: no Streamlit, no reads; the colours come from `theme`.

Names that people typed are escaped, because plotly reads them as HTML.
"""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.domain.periods import Grain
from dashboard.drawing import axis, formats, theme

HEIGHT = 300
_FEW = 14
"""Most points that get a dot each: a line through three points alone hides where they are."""
_LONGEST_NAME = 30
_MOST_TICKS = 7


def over_time(frame: pd.DataFrame, grain: Grain, money: str | None, this: str, other: str) -> go.Figure:
    """Draw a line over the period, dotted at points that are not complete, and a dotted one for its comparison.

    `frame` is of `frames.over_time`; `money` is a currency, None for a count; `this` and `other` name the two lines.
    """
    figure = go.Figure(layout=theme.layout(HEIGHT))
    if frame["compared"].notna().any():
        figure.add_trace(_line(frame, "compared", "compared_name", other, money, color=theme.COMPARED, dash="dot"))
    dotted = _dotted(frame)
    if dotted["value"].notna().any():
        figure.add_trace(_line(dotted, "value", "name", _why_dotted(frame, grain), money, theme.THIS_PERIOD, "dot"))
    figure.add_trace(_line(_complete(frame), "value", "name", this, money, color=theme.THIS_PERIOD))
    figure.update_layout(legend_traceorder="reversed")
    # No header in the hover box: each of the two lines names its own day.
    figure.update_xaxes(hoverformat=" ", **_ticks(frame, grain))
    figure.update_yaxes(rangemode="tozero", tickformat="~s")
    if money:
        axis.name_amounts(figure, [*frame["value"], *frame["compared"]], money)
    return figure


def bars(frame: pd.DataFrame, name: str, value: str, currency: str) -> go.Figure:
    """Draw amounts by name, the first on top. Each has its figure beside it, so there is no axis."""
    names = [_short(text) for text in frame[name]]
    texts = [formats.short_money(formats.exact(amount), currency) for amount in frame[value]]
    figure = go.Figure(layout=theme.layout(max(120, 34 * len(frame) + 16)))
    figure.add_trace(
        go.Bar(
            x=frame[value],
            # By position, not by name: plotly would merge two products of the same name into one bar.
            y=list(range(len(frame))),
            orientation="h",
            marker={"color": theme.THIS_PERIOD},
            text=texts,
            textposition="outside",
            cliponaxis=False,
            customdata=[[escape(text)] for text in frame[name]],
            hovertemplate="%{customdata[0]}: <b>%{text}</b><extra></extra>",
        )
    )
    figure.update_layout(hovermode="closest", bargap=0.35, showlegend=False)
    # Room for the figure beside the longest bar, in pixels: a share of the width is too little on a phone.
    figure.update_layout(margin_r=80)
    figure.update_xaxes(visible=False, range=[min([0, *frame[value]]), max([0, *frame[value]])])
    figure.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=list(range(len(frame))), ticktext=names, showgrid=False
    )
    return figure


def new_and_repeat(frame: pd.DataFrame, grain: Grain) -> go.Figure:
    """Draw customers over the period: repeat ones at the bottom, new ones on top."""
    figure = go.Figure(layout=theme.layout(HEIGHT, barmode="stack", bargap=0.25))
    # An incomplete bar is hatched, as an incomplete line is dotted.
    shapes = ["/" if is_open else "" for is_open in frame["is_running"] | frame["is_part"]]
    for column, name, color in (("repeat", "Repeat", theme.THIS_PERIOD), ("new", "New", theme.SECOND)):
        figure.add_trace(
            go.Bar(
                x=frame["start"],
                y=frame[column],
                name=name,
                marker={"color": color, "pattern": {"shape": shapes, "size": 5}},
                customdata=frame["name"],
                hovertemplate=f"{name}, %{{customdata}}: <b>%{{y:,}}</b><extra></extra>",
            )
        )
    figure.update_xaxes(hoverformat=" ", **_ticks(frame, grain))
    figure.update_yaxes(rangemode="tozero", tickformat="~s")
    return figure


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the values of points that are running, or a part of a week or month."""
    return frame.assign(value=frame["value"].mask(frame["is_running"] | frame["is_part"]))


def _dotted(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with only the values that `_complete` lacks, and those beside them: a line needs both ends."""
    is_open = frame["is_running"] | frame["is_part"]
    is_drawn = is_open | is_open.shift(-1, fill_value=False) | is_open.shift(1, fill_value=False)
    return frame.assign(value=frame["value"].where(is_drawn))


def _why_dotted(frame: pd.DataFrame, grain: Grain) -> str:
    reasons = ["so far"] * bool(frame["is_running"].any()) + [f"part of a {grain}"] * bool(frame["is_part"].any())
    return ", ".join(reasons).capitalize()


def _ticks(frame: pd.DataFrame, grain: Grain) -> dict[str, Any]:
    """The labels of the time axis. Weeks and months are labelled at points: plotly would name a month twice.

    A part of one has no label: it stands too close to the next point.
    """
    if grain in (Grain.HOUR, Grain.DAY):
        return {"tickformat": _TICKS[grain], "nticks": 8}
    starts = list(frame["start"][~frame["is_part"]])
    return {"tickformat": _TICKS[grain], "tickvals": starts[:: -(-len(starts) // _MOST_TICKS) or 1]}


# Below "\n", plotly writes the year only where it changes.
_TICKS = {Grain.HOUR: "%H:%M", Grain.DAY: "%-d %b", Grain.WEEK: "%-d %b\n%Y", Grain.MONTH: "%b\n%Y"}


def _line(
    frame: pd.DataFrame, column: str, name_column: str, name: str, money: str | None, color: str, dash: str = "solid"
) -> go.Scatter:
    values = [formats.exact(value) for value in frame[column]]
    texts = [formats.money(value, money) if money else formats.count(int(value or 0)) for value in values]
    return go.Scatter(
        x=frame["start"],
        y=frame[column],
        name=name,
        mode="lines+markers" if len(frame) <= _FEW or frame[column].notna().sum() == 1 else "lines",
        line={"color": color, "dash": dash, "width": 2.5 if dash == "solid" else 2},
        marker={"size": 6},
        customdata=list(zip(frame[name_column], texts, strict=True)),
        hovertemplate="%{customdata[0]}: <b>%{customdata[1]}</b><extra></extra>",
    )


def _short(text: str) -> str:
    """A name that leaves room for its bar on a phone."""
    return escape(text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1].rstrip()}…")
