"""The filters in the sidebar: store, period, comparison and currency, checked against the viewer's stores.

The widgets keep their values in the URL, so a view can be bookmarked and shared, and stays when the page changes.
Nothing from the URL is trusted: a store of another business is replaced by the viewer's first one, and days that make
no period by the last 30 days.
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
    """The store, period and comparison of a page. `compared` is None without a comparison; `now` is of this run.

    `currency` is the store's own, unless the viewer chose another one that the store has orders in.
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
        """The comparison in words; empty without one."""
        match self.comparison:
            case Comparison.PREVIOUS_PERIOD:
                return "vs previous period"
            case Comparison.PREVIOUS_YEAR:
                return "vs previous year"
            case Comparison.NONE:
                return ""


def draw_sidebar(viewer: Viewer, now: datetime, compares: bool = True) -> Filters | None:
    """Draw the filters and return the choice; None without a store.

    A page that `compares` nothing has no choice of comparison and currency. The URL keeps both for the next page.
    """
    if not viewer.stores:
        return None
    with st.sidebar:
        store = _draw_store(viewer.stores)
        chosen = st.selectbox(
            "Period", [*PRESETS, CUSTOM], index=list(PRESETS).index(DEFAULT), key="range", bind="query-params"
        )
        # Cut to the minute. With seconds, the comparison of an unfinished period would miss the cache in every run.
        minute = now.replace(second=0, microsecond=0)
        period = _draw_days(store, minute) if chosen == CUSTOM else None
        period = period or preset(PRESETS.get(chosen, PRESETS[DEFAULT]), store.time_zone, minute)
        comparison = _draw_comparison() if compares else Comparison.NONE
        currency = _draw_currency(store) if compares else store.currency
        st.caption(f"{formats.period(period)}, in the store’s time ({store.time_zone.key})")
    return Filters(store, period, comparison, period.compared(comparison, minute), now, currency)


def _draw_comparison() -> Comparison:
    versus = st.selectbox("Compared with", list(COMPARISONS), key="compare", bind="query-params")
    return COMPARISONS.get(versus, Comparison.PREVIOUS_PERIOD)


def _draw_store(stores: tuple[StoreView, ...]) -> StoreView:
    """The viewer's store that the URL names, or the first one.

    The URL has the first part of its address, which is unique and never changes; a name may.
    """
    by_handle = {store.shop_domain.removesuffix(".myshopify.com"): store for store in stores}
    if len(stores) == 1:
        return stores[0]
    chosen = st.selectbox("Store", list(by_handle), key="store", bind="query-params")
    return by_handle.get(chosen, stores[0])


def _draw_currency(store: StoreView) -> str:
    """The currency of the figures. A store with orders in several has a choice, because they are never added up."""
    if len(store.currencies) == 1:
        return store.currency
    chosen = st.selectbox("Currency", store.currencies, key="currency", bind="query-params")
    return chosen if chosen in store.currencies else store.currency


def _draw_days(store: StoreView, now: datetime) -> Period | None:
    """Draw the choice of the first and last day; None, with a notice, without a period. The calendar ends today."""
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
