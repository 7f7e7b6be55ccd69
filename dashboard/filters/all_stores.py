"""The bar above a page about all stores: period and comparison, which each store has on its own calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.domain.periods import Comparison, Period, local_day, preset
from core.stores import StoreView
from dashboard.filters.period import CUSTOM, DEFAULT, PRESETS, draw_comparison, draw_days, draw_period, draw_refusal
from dashboard.state import Viewer, browser, shown_days


@dataclass(frozen=True, slots=True)
class Days:
    """The choice of a page about all stores: each store has the days on its own calendar.

    "Today" is another day in Tokyo than in Los Angeles, so a period is made for each store.
    """

    name: str
    chosen: Period | None
    comparison: Comparison
    now: datetime

    def period_of(self, store: StoreView) -> Period:
        """The days of a store."""
        if self.chosen:
            return Period(self.chosen.start, self.chosen.end, store.time_zone)
        return preset(PRESETS[self.name], store.time_zone, self.now)

    def compared_of(self, store: StoreView) -> Period | None:
        """The days that a store is compared with; None without a comparison."""
        return self.period_of(store).compared(self.comparison, self.now)


def draw_days_bar(viewer: Viewer, now: datetime) -> Days:
    """Draw the choice of period and comparison for a page about all stores of a viewer who has some."""
    minute = now.replace(second=0, microsecond=0)
    named = [st.query_params.get(key, "") for key in ("start", "end")]
    # The calendar ends with the latest day that has begun anywhere.
    latest = max(viewer.stores, key=lambda store: local_day(minute, store.time_zone))
    with (
        browser.shared_by_pages(),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="period-bar"),
    ):
        name = draw_period()
        days = draw_days(named, latest, minute) if name == CUSTOM else None
        comparison = draw_comparison()
    chosen = days if isinstance(days, Period) else None
    if isinstance(days, str):
        draw_refusal(days)
    if name not in PRESETS:
        return Days(DEFAULT, chosen, comparison, minute)
    period = preset(PRESETS[name], latest.time_zone, minute)
    shown_days.save(period.start, period.end)
    return Days(name, None, comparison, minute)
