"""The calendar of compared days as a plotly figure: a column a week, a row a weekday. Pure.

Equal days are pale and without a sign, so that the others stand out. Each of these has a sign, which is enough by
itself for readers who see no difference of colours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go
from babel.dates import format_date, get_day_names

from core.domain.periods import Grain, Period, bucket
from core.metrics.health import Day, DayState
from dashboard.drawing import formats, theme

SIGNS = {DayState.EQUAL: "=", DayState.REPAIRED: "↻", DayState.DIFFERS: "≠", DayState.UNCOMPARED: "?"}
LABELS = {
    DayState.EQUAL: "Equal",
    DayState.REPAIRED: "Repaired",
    DayState.DIFFERS: "Differs",
    DayState.UNCOMPARED: "Unknown",
}
_COLORS = (theme.QUIET, theme.COMPARED, theme.SECOND, theme.SECOND)
_STATES = tuple(SIGNS)
_TICKS = 5
"""Weeks with a label: more do not fit on a phone."""
_WEEKDAYS = tuple(get_day_names("abbreviated", locale=formats.LOCALE)[number] for number in range(7))


def calendar(days: Sequence[Day], period: Period) -> go.Figure:
    """Draw the days of the period; a day that was not compared is blank.

    Streamlit reports clicks on points, not on cells. So each day, in the order of `days`, has a clear point, too.
    """
    by_day = {day.day: day for day in days}
    weeks = _weeks(period)
    figure = go.Figure(layout=theme.layout(250))
    figure.add_trace(
        go.Heatmap(
            x=[_name(week) for week in weeks],
            y=list(_WEEKDAYS),
            z=_cells(weeks, by_day, lambda day: _STATES.index(day.state)),
            text=_cells(weeks, by_day, lambda day: "" if day.state == DayState.EQUAL else SIGNS[day.state], blank=""),
            texttemplate="%{text}",
            textfont={"size": 13},
            hoverinfo="skip",
            colorscale=_colorscale(),
            zmin=0,
            zmax=len(_STATES) - 1,
            showscale=False,
            xgap=3,
            ygap=3,
        )
    )
    clear = {"marker": {"opacity": 0}}
    figure.add_trace(
        go.Scatter(
            x=[_name(bucket(day.day, Grain.WEEK)) for day in days],
            y=[_WEEKDAYS[day.day.weekday()] for day in days],
            mode="markers",
            marker={"size": 18, "opacity": 0},
            selected=clear,
            unselected=clear,
            customdata=[_hover_text(day) for day in days],
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )
    )
    figure.update_layout(hovermode="closest", clickmode="event+select")
    ticks = weeks[:: -(-len(weeks) // _TICKS)]
    figure.update_xaxes(
        type="category",
        tickmode="array",
        tickvals=[_name(week) for week in ticks],
        ticktext=[format_date(week, "d MMM" if len(weeks) <= 52 else "MMM y", formats.LOCALE) for week in ticks],
        tickangle=0,
        showgrid=False,
    )
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, nticks=7)
    return figure


def _weeks(period: Period) -> list[date]:
    first, last = bucket(period.start, Grain.WEEK), bucket(period.end, Grain.WEEK)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def _name(week: date) -> str:
    """The week's key on the axis; unlike the label, it names the year."""
    return formats.day(week)


def _cells(
    weeks: Sequence[date], by_day: Mapping[date, Day], cell: Callable[[Day], object], blank: object = None
) -> list[list[object]]:
    """The cells, a row a weekday and a column a week; `blank` for a day that was not compared."""
    return [
        [cell(by_day[day]) if (day := week + timedelta(days=n)) in by_day else blank for week in weeks]
        for n in range(len(_WEEKDAYS))
    ]


def _hover_text(day: Day) -> str:
    theirs = "not known" if day.theirs is None else formats.count(day.theirs)
    orders = f"{formats.count(day.ours)} here, {theirs} at Shopify"
    return f"{formats.weekday(day.day)}: <b>{LABELS[day.state]}</b><br>{orders}"


def _colorscale() -> list[tuple[float, str]]:
    """One colour a state, with sharp edges between."""
    width = 1 / len(_COLORS)
    return [
        (edge, color) for n, color in enumerate(_COLORS) for edge in (round(n * width, 6), round((n + 1) * width, 6))
    ]
