"""Which store, which days, compared with what: from the sidebar and the URL, checked against what the viewer may see.

The widgets keep their values in the URL, so a view can be bookmarked and shared, and stays when the page changes.
What comes from there is believed in nothing: a store that is not the viewer's is replaced by their first one, days
that make no period by the last 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import streamlit as st

from core.database import StoreKey
from core.domain.periods import Comparison, Period, Preset, local_day, preset
from core.errors import InvalidInput
from core.stores import StoreView
from dashboard.drawing import formats
from dashboard.drawing.words import sentence
from dashboard.state import Viewer

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
COMPARISONS = {
    "Previous period": Comparison.PREVIOUS_PERIOD,
    "Previous year": Comparison.PREVIOUS_YEAR,
    "No comparison": Comparison.NONE,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page shows. `compared` is None where nothing is compared; `now` is of this run.

    `currency` is that of the figures: the store's own, unless another of its orders' currencies was chosen.
    """

    store: StoreView
    period: Period
    comparison: Comparison
    compared: Period | None
    now: datetime
    currency: str

    @property
    def cache_key(self) -> tuple[StoreKey, int, str]:
        """The first arguments of every cached read: the store, its revision, and the currency."""
        return self.store.key, self.store.revision, self.currency

    @property
    def currency_filter(self) -> dict[str, str]:
        """The parameter of a download's address; empty for the store's own currency."""
        return {} if self.currency == self.store.currency else {"currency": self.currency}

    @property
    def versus(self) -> str:
        """What the figures are compared with, in two words; empty for nothing."""
        match self.comparison:
            case Comparison.PREVIOUS_PERIOD:
                return "vs previous period"
            case Comparison.PREVIOUS_YEAR:
                return "vs previous year"
            case Comparison.NONE:
                return ""


def draw_sidebar(viewer: Viewer, now: datetime, compares: bool = True) -> Filters | None:
    """Draw the filters and read them; None when there is no store to filter.

    A page that compares nothing asks neither with what nor in which currency; what was chosen elsewhere is there
    again on the next one.
    """
    if not viewer.stores:
        return None
    with st.sidebar:
        store = _store(viewer.stores)
        chosen = st.selectbox(
            "Period", [*PRESETS, CUSTOM], index=list(PRESETS).index(DEFAULT), key="range", bind="query-params"
        )
        # Cut at the minute, or what an unfinished period is compared with would be another question in every run.
        minute = now.replace(second=0, microsecond=0)
        period = _custom(store, minute) if chosen == CUSTOM else None
        period = period or preset(PRESETS.get(chosen, PRESETS[DEFAULT]), store.time_zone, minute)
        comparison = _comparison() if compares else Comparison.NONE
        currency = _currency(store) if compares else store.currency
        st.caption(f"{formats.period(period)}, in the store’s time ({store.time_zone.key})")
    return Filters(store, period, comparison, period.compared(comparison, minute), now, currency)


def _comparison() -> Comparison:
    versus = st.selectbox("Compared with", list(COMPARISONS), key="compare", bind="query-params")
    return COMPARISONS.get(versus, Comparison.PREVIOUS_PERIOD)


def _store(stores: tuple[StoreView, ...]) -> StoreView:
    """The store that is named in the URL, if it is one of the viewer's.

    By the first part of its address: that is unique and, unlike the name, never changes under a bookmark.
    """
    by_handle = {store.shop_domain.removesuffix(".myshopify.com"): store for store in stores}
    if len(stores) == 1:
        return stores[0]
    chosen = st.selectbox("Store", list(by_handle), key="store", bind="query-params")
    return by_handle.get(chosen, stores[0])


def _currency(store: StoreView) -> str:
    """The currency of the figures: asked for where the store has orders in several, as they are never added up."""
    if len(store.currencies) == 1:
        return store.currency
    chosen = st.selectbox("Currency", store.currencies, key="currency", bind="query-params")
    return chosen if chosen in store.currencies else store.currency


def _custom(store: StoreView, now: datetime) -> Period | None:
    """The days chosen by hand; None, with a notice, when they make no period. The calendar ends today."""
    today = local_day(now, store.time_zone)
    bounds: dict[str, Any] = {
        "min_value": EARLIEST,
        "max_value": today,
        "format": "YYYY-MM-DD",
        "bind": "query-params",
    }
    start = st.date_input("From", None, key="start", **bounds)
    end = st.date_input("To, included", None, key="end", **bounds)
    if not (isinstance(start, date) and isinstance(end, date)):
        st.caption(f"Choose the first and the last day; until then, the {DEFAULT.lower()} are shown.")
        return None
    try:
        return Period(start, end, store.time_zone)
    except InvalidInput as error:
        st.warning(f"{sentence(error)} Until then, the {DEFAULT.lower()} are shown.", icon=":material/event_busy:")
        return None
