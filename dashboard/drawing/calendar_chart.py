"""The calendar of compared days as a plotly figure: a column a week, a row a weekday. Pure.

A state has a sign and a colour; blue, grey and orange stay apart for every kind of eye, and the sign says it alone:
both kinds of days that somebody should look at are orange.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

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
_COLORS = (theme.THIS_PERIOD, theme.COMPARED, theme.SECOND, theme.SECOND)
_STATES = tuple(SIGNS)
_TICKS = 5
"""Weeks named below the calendar: more do not fit on a phone."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def calendar(days: Sequence[Day], shown: Period) -> go.Figure:
    """The days of `shown`, those that were not compared blank."""
    by_day = {day.day: day for day in days}
    weeks = _weeks(shown)
    figure = go.Figure(layout={"template": theme.template(), "height": 250})
    figure.add_trace(
        go.Heatmap(
            x=[_name(week) for week in weeks],
            y=list(_WEEKDAYS),
            z=_cells(weeks, by_day, lambda day: _STATES.index(day.state)),
            text=_cells(weeks, by_day, lambda day: SIGNS[day.state], blank=""),
            customdata=_cells(weeks, by_day, _said),
            texttemplate="%{text}",
            textfont={"size": 13},
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorscale=_steps(),
            zmin=0,
            zmax=len(_STATES) - 1,
            showscale=False,
            xgap=3,
            ygap=3,
        )
    )
    figure.update_layout(hovermode="closest")
    ticks = weeks[:: -(-len(weeks) // _TICKS)]
    figure.update_xaxes(
        type="category",
        tickmode="array",
        tickvals=[_name(week) for week in ticks],
        ticktext=[f"{week.day} {week:%b}" if len(weeks) <= 52 else f"{week:%b %Y}" for week in ticks],
        tickangle=0,
        showgrid=False,
    )
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, nticks=7)
    return figure


def _weeks(shown: Period) -> list[date]:
    first, last = bucket(shown.start, Grain.WEEK), bucket(shown.end, Grain.WEEK)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def _name(week: date) -> str:
    """What stands for the week on the axis: unlike what is read there, it is of one year."""
    return formats.day(week)


def _cells(
    weeks: Sequence[date], by_day: Mapping[date, Day], cell: Callable[[Day], object], blank: object = None
) -> list[list[object]]:
    """A row a weekday, a cell a week; `blank` where no day was compared."""
    return [
        [cell(by_day[day]) if (day := week + timedelta(days=n)) in by_day else blank for week in weeks]
        for n in range(len(_WEEKDAYS))
    ]


def _said(day: Day) -> str:
    theirs = "not known" if day.theirs is None else formats.count(day.theirs)
    here = f"{formats.count(day.ours)} here, {theirs} at Shopify"
    return f"{day.day:%a} {formats.day(day.day)}: <b>{LABELS[day.state]}</b><br>{here}"


def _steps() -> list[tuple[float, str]]:
    """One plain colour a state, with a sharp edge between."""
    width = 1 / len(_COLORS)
    return [
        (edge, color) for n, color in enumerate(_COLORS) for edge in (round(n * width, 6), round((n + 1) * width, 6))
    ]
