"""How far the running day is, beside other days: running totals by the time on the store's clock. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.metrics.sales.pace import Pace, Running
from dashboard.drawing import axis, formats
from dashboard.drawing.plot import Ending, Look, Plot, Series, Shape, Tick
from dashboard.drawing.records import Record

_NOTHING_YET = Running(Decimal(0), Decimal(0), 0)
TODAY, COMPARED, WEEK_BEFORE = "today", "compared", "week_before"
_LOOKS: Mapping[str, Look] = {TODAY: Look.THIS, COMPARED: Look.COMPARED, WEEK_BEFORE: Look.SECOND}
"""From the front to the back."""
_DAY = timedelta(days=1)


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


def pace(records: Sequence[Record], names: Mapping[str, str], money: str | None) -> Plot:
    """Draw `pace_records` as lines; `names` has the lines to draw, `money` is a currency, None for a count."""
    # The whole day from the first minute on: a line that fills the width at 00:51 would look like a day.
    places = tuple((row["at"] - records[0]["at"]) / _DAY for row in records)
    series = tuple(_line(records, name, names[name], look, money) for name, look in _LOOKS.items() if name in names)
    values = [row[name] for row in records for name in names]
    latest = max(number for number, row in enumerate(records) if row[TODAY] is not None)
    return Plot(
        Shape.LINES,
        places,
        tuple(Tick(hour / 24, f"{hour:02}:00") for hour in range(25)),
        axis.levels(values, money),
        axis.bounds(values),
        series,
        (1, 2, 3, 6, 12),
        # At 00:51 the line itself is short.
        Ending(places[latest], float(records[latest][TODAY]), _text(records[latest][TODAY], money)),
    )


def _line(records: Sequence[Record], name: str, label: str, look: Look, money: str | None) -> Series:
    return Series(
        label,
        look,
        tuple(row[name] for row in records),
        tuple(f"{label}, {row['time']}" for row in records),
        tuple(_text(row[name], money) for row in records),
    )


def _text(value: Any, money: str | None) -> str:
    return formats.money(value, money) if money else formats.count(value)
