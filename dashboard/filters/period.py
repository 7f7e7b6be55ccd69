"""The choices of period and comparison that the bars share, checked: nothing from the address is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import streamlit as st

from core.domain.periods import Comparison, Period, Preset, local_day
from core.errors import InvalidInput
from core.stores import StoreView
from dashboard.drawing import formats
from dashboard.drawing.words import sentence
from dashboard.state import shown_days

EARLIEST = date(2000, 1, 1)
CUSTOM = "Custom"
PRESETS = {
    "Today": Preset.TODAY,
    "Yesterday": Preset.YESTERDAY,
    "Last 7 days": Preset.LAST_7_DAYS,
    "Last 30 days": Preset.LAST_30_DAYS,
    "Last 90 days": Preset.LAST_90_DAYS,
    "Last 12 months": Preset.LAST_12_MONTHS,
    "This month": Preset.THIS_MONTH,
    "Last month": Preset.LAST_MONTH,
    "This year": Preset.THIS_YEAR,
}
DEFAULT = "Last 30 days"
WIDTH, NARROW = 165, 100
"""Pixels: two choices stand beside each other on a phone of 390."""
COMPARISONS = {
    "Previous period": Comparison.PREVIOUS_PERIOD,
    "Previous month": Comparison.PREVIOUS_MONTH,
    "Previous year": Comparison.PREVIOUS_YEAR,
    "No comparison": Comparison.NONE,
}


def draw_period() -> str:
    """Draw the choice of the period; return its name, one of `PRESETS` or `CUSTOM`, or any text of an address."""
    names = [*PRESETS, CUSTOM]
    return st.selectbox("Period", names, names.index(DEFAULT), key="range", bind="query-params", width=WIDTH)


def draw_refusal(why: str) -> None:
    """Draw why the days of an address make no period; the default period stands in."""
    st.warning(f"{why} Until then, the {DEFAULT.lower()} are shown.", icon=":material/event_busy:")


def draw_comparison() -> Comparison:
    """Draw the choice of the compared period; the address may have any text."""
    versus = st.selectbox("Compared with", list(COMPARISONS), key="compare", bind="query-params", width=WIDTH)
    return COMPARISONS.get(versus, Comparison.PREVIOUS_PERIOD)


def draw_days(named: Sequence[str], store: StoreView, now: datetime) -> Period | str:
    """Draw the choice of the first and last day; return the period, or the sentence why the days make none.

    It begins with the days that the page showed before. An address that names days (`named`) opens with these. The
    calendar ends today.
    """
    today = local_day(now, store.time_zone)
    bounds: dict[str, Any] = {
        "min_value": EARLIEST,
        "max_value": today,
        "format": "YYYY-MM-DD",
        "bind": "query-params",
        "width": WIDTH,
    }
    first, last = shown_days.load() or (None, None)
    start = st.date_input("From", first, key="start", **bounds)
    end = st.date_input("To", last, key="end", **bounds)
    try:
        if isinstance(start, date) and isinstance(end, date):
            return Period(start, end, store.time_zone)
        return _refusal_of([day for day in map(parse_day, named) if day], store, today)
    except InvalidInput as error:
        return sentence(error)


def _refusal_of(days: Sequence[date], store: StoreView, today: date) -> str:
    """The sentence why the calendar refuses the days of an address.

    Raises:
        InvalidInput: they make no period in any calendar.
    """
    if days and max(days) > today:
        future = formats.day(max(days))
        return f"{future} is in the future. Choose the first and the last day, up to today."
    if len(days) < 2:
        return "Choose the first and the last day."
    Period(days[0], days[1], store.time_zone)
    return f"Choose the first and the last day, from {formats.day(EARLIEST)} on."


def parse_day(text: str) -> date | None:
    """Read a day in ISO 8601; None for any other text."""
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
