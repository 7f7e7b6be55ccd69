"""How far the running day is, beside other days: running totals by the time on the store's clock. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from core.metrics.pace import Pace, Running
from dashboard.drawing import axis, formats, theme
from dashboard.drawing.records import Record

_NOTHING_YET = Running(Decimal(0), Decimal(0), 0)
TODAY, COMPARED, WEEK_BEFORE = "today", "compared", "week_before"
_LINES: Mapping[str, dict[str, Any]] = {
    WEEK_BEFORE: {"color": theme.SECOND, "dash": "dash", "width": 2},
    COMPARED: {"color": theme.COMPARED, "dash": "dot", "width": 2},
    TODAY: {"color": theme.THIS_PERIOD, "dash": "solid", "width": 3},
}
"""From the back to the front. They differ by their dashes too, for readers who do not see the hue."""


def pace_records(paces: Mapping[str, Pace], metric: str, now: datetime, zone: ZoneInfo) -> list[Record]:
    """A row an hour from 00:00 to 24:00, and one for the minute of `now`; None where today has not come yet.

    `paces` has the days by the names of the lines, cut at the time of day of `now`. `at` is that time on the day of
    today's line, without a zone: all days stand on one clock.
    """
    local = now.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    midnight = datetime.combine(local.date(), time())
    rows = [
        _row(paces, metric, midnight, hour, local) for hour in range(25) if midnight + timedelta(hours=hour) != local
    ]
    current: Record = {"at": local, "time": f"{local:%H:%M} (now)"}
    rows.append(current | {name: getattr(pace.so_far, metric) for name, pace in paces.items()})
    return sorted(rows, key=lambda row: row["at"])


def _row(paces: Mapping[str, Pace], metric: str, midnight: datetime, hour: int, now: datetime) -> Record:
    at = midnight + timedelta(hours=hour)
    row: Record = {"at": at, "time": f"{hour:02}:00"}
    for name, pace in paces.items():
        value = getattr(pace.hours[hour - 1] if hour else _NOTHING_YET, metric)
        row[name] = None if name == TODAY and at > now else value
    return row


def pace(records: Sequence[Record], names: Mapping[str, str], money: str | None) -> go.Figure:
    """Draw `pace_records` as lines; `names` has the lines to draw, `money` is a currency, None for a count."""
    figure = go.Figure(layout=theme.layout(300))
    for name, look in _LINES.items():
        if name in names:
            figure.add_trace(_line(records, name, names[name], look, money))
    latest = next(row for row in reversed(records) if row[TODAY] is not None)
    figure.add_trace(_now(latest, money))
    figure.update_layout(legend_traceorder="reversed")
    start = records[0]["at"]
    # The whole day from the first minute on: a line that fills the width at 00:51 would look like a day.
    figure.update_xaxes(range=[start, start + timedelta(days=1)], tickformat="%H:%M", hoverformat=" ", nticks=8)
    figure.update_yaxes(rangemode="tozero", tickformat="~s")
    if money:
        axis.name_amounts(figure, (row[name] for row in records for name in names), money)
    return figure


def _line(records: Sequence[Record], name: str, label: str, look: dict[str, Any], money: str | None) -> go.Scatter:
    return go.Scatter(
        x=[row["at"] for row in records],
        y=[None if row[name] is None else float(row[name]) for row in records],
        name=label,
        mode="lines",
        line=look,
        customdata=[(row["time"], _text(row[name], money)) for row in records],
        hovertemplate=f"{label}, %{{customdata[0]}}: <b>%{{customdata[1]}}</b><extra></extra>",
    )


def _now(row: Record, money: str | None) -> go.Scatter:
    """The end of today's line with its amount: at 00:51 the line itself is short."""
    is_late = row["at"].hour >= 18
    return go.Scatter(
        x=[row["at"]],
        y=[float(row[TODAY])],
        mode="markers+text",
        marker={"size": 9, "color": theme.THIS_PERIOD},
        text=[f"<b>{_text(row[TODAY], money)}</b>"],
        textposition="top left" if is_late else "top right",
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )


def _text(value: Any, money: str | None) -> str:
    return formats.money(value, money) if money else formats.count(value)
