"""The bar above a page about one store: store, period, comparison and currency."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.database import StoreKey
from core.domain.periods import Comparison, Period, local_day, preset
from core.stores import StoreView
from dashboard.addresses import store_handle
from dashboard.filters.period import (
    COMPARISONS,
    CUSTOM,
    DEFAULT,
    EARLIEST,
    NARROW,
    PRESETS,
    WIDTH,
    draw_comparison,
    draw_days,
    draw_period,
    draw_refusal,
    parse_day,
)
from dashboard.state import Viewer, browser, carried, shown_days, shown_store

_STORE_NAME = "store by name"


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
    def minute(self) -> datetime:
        """`now` without its seconds: reads that name it find their answers in the cache for a minute."""
        return self.now.replace(second=0, microsecond=0)

    @property
    def is_today(self) -> bool:
        """Whether the period is the running day alone."""
        return self.period.start == self.period.end == local_day(self.now, self.store.time_zone)

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
            case Comparison.PREVIOUS_MONTH:
                return "vs previous month"
            case Comparison.PREVIOUS_YEAR:
                return "vs previous year"
            case Comparison.NONE:
                return ""


def draw_bar(viewer: Viewer, now: datetime, compares: bool = True, has_period: bool = True) -> Filters | None:
    """Draw the filters in one row and return the choice; None without a store.

    A page that `compares` nothing has no choice of comparison and currency, and one of all orders to date no choice
    of the period. The URL keeps them for the next page.
    """
    if not viewer.stores:
        return None
    # Cut to the minute. With seconds, the comparison of an unfinished period would miss the cache in every run.
    minute = now.replace(second=0, microsecond=0)
    # Read before the widgets are drawn: Streamlit takes days that a widget refuses out of the address.
    named = [st.query_params.get(key, "") for key in ("start", "end")]
    with (
        browser.shared_by_pages(),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="period-bar"),
    ):
        store = _draw_store(viewer.stores)
        chosen = draw_period() if has_period else DEFAULT
        days = draw_days(named, store, minute) if chosen == CUSTOM else None
        comparison = draw_comparison() if compares else Comparison.NONE
        currency = _draw_currency(store) if compares else store.currency
    if isinstance(days, str):
        draw_refusal(days)
    if isinstance(days, Period):
        period = days
    else:
        period = preset(PRESETS.get(chosen, PRESETS[DEFAULT]), store.time_zone, minute)
    if has_period and chosen != CUSTOM:
        shown_days.save(period.start, period.end)
    return Filters(store, period, comparison, period.compared(comparison, minute), now, currency)


def take_over(viewer: Viewer, now: datetime) -> None:
    """Begin with the filters of the list behind the record that was shown before, where the tab has none of its own.

    A tab that opened with a record, by a bookmark or Back, has never drawn the bar.
    """
    kept = carried.take()
    choices: dict[str, Collection[str]] = {
        "range": (*PRESETS, CUSTOM),
        "compare": COMPARISONS,
        "store": [store_handle(store.shop_domain) for store in viewer.stores],
    }
    for name, names in choices.items():
        if kept.get(name) in names:
            carried.choose(name, kept[name])
    days = [day for day in (parse_day(kept.get(name, "")) for name in ("start", "end")) if day]
    today = min((local_day(now, store.time_zone) for store in viewer.stores), default=EARLIEST)
    if len(days) == 2 and EARLIEST <= days[0] <= days[1] <= today:
        shown_days.save(days[0], days[1])
        st.query_params.update({"start": kept["start"], "end": kept["end"]})


def _draw_store(stores: tuple[StoreView, ...]) -> StoreView:
    """The viewer's store that the URL names, or the first one.

    The URL has the first part of its address, which is unique and never changes; a name may. Streamlit writes the
    text of a choice into the URL. So the choice of the URL is hidden by the page's styles (`dashboard.web.shell`),
    and the one with the names sets it.
    """
    by_handle = {store_handle(store.shop_domain): store for store in stores}
    if len(stores) == 1:
        return stores[0]
    handle = st.selectbox("Store in the address", list(by_handle), key="store", bind="query-params")
    store = by_handle.get(handle, stores[0])
    names = [store.name for store in stores]
    labels = {
        name: store.name if names.count(store.name) == 1 else f"{store.name} ({name})"
        for name, store in by_handle.items()
    }
    shown_store.set_choice(_STORE_NAME, store_handle(store.shop_domain))
    st.selectbox(
        "Store",
        list(labels),
        format_func=lambda name: labels.get(name, name),
        key=_STORE_NAME,
        width=WIDTH,
        on_change=shown_store.copy_choice,
        args=("store", _STORE_NAME),
    )
    return store


def _draw_currency(store: StoreView) -> str:
    """The currency of the figures. A store with orders in several has a choice, because they are never added up."""
    if len(store.currencies) == 1:
        return store.currency
    typed = st.query_params.get("currency", "")
    if shown_store.is_another(store.store_id, typed):
        # Streamlit keeps a choice that the new store has too: its few orders in euros would look like all of them.
        shown_store.set_choice("currency", store.currency)
    shown_store.save(store.store_id, typed)
    chosen = st.selectbox("Currency", store.currencies, key="currency", bind="query-params", width=NARROW)
    return chosen if chosen in store.currencies else store.currency
