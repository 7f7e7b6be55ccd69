"""Parts of the Cohorts page: what the table shows, the table itself, and how to read it."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.domain.periods import local_day
from core.metrics.customers import cohorts as metrics
from core.metrics.customers.cohorts import Cohort, Width
from dashboard.addresses import csv_address
from dashboard.components import Component
from dashboard.drawing import cohort_table
from dashboard.drawing.cohort_table import Measure
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head

_WIDTHS = {"Weeks": Width.WEEK, "Months": Width.MONTH, "Quarters": Width.QUARTER}
_TABLE = Component("cohorts")


def draw_width() -> Width:
    """Draw the choice of the width of a cohort."""
    chosen = st.segmented_control(
        "Group by first order", list(_WIDTHS), default="Months", required=True, key="cohorts-by", bind="query-params"
    )
    return _WIDTHS.get(chosen or "", Width.MONTH)


def draw_measure() -> Measure:
    """Draw the choice of what the cells show."""
    names = [measure.value for measure in Measure]
    chosen = st.segmented_control(
        "Show", names, default=names[0], required=True, key="cohorts-show", bind="query-params"
    )
    return Measure(chosen) if chosen in names else Measure.SHARE


def first_open_day(filters: Filters) -> date:
    """The store's first day that is not complete: today, or the day that the last sync reached if it is earlier."""
    store, now = filters.store, filters.now
    return local_day(min(now, store.complete_until or now), store.time_zone)


def draw_table(found: tuple[Cohort, ...], width: Width, measure: Measure, filters: Filters) -> None:
    """Draw the table in its card, and below it how to read it."""
    csv = csv_address(f"cohorts-by-{width}", filters.store.store_id, filters.period, **filters.currency_filter)
    averages = metrics.averages(found)
    with st.container(border=True):
        draw_head(f"{measure.value}, by {width.value}", csv)
        st.caption(cohort_table.ABOUT[measure])
        _TABLE.mount("cohorts", cohort_table.payload(found, averages, width, measure, filters.currency))
        st.caption(
            f"Darker is more. Hatched: the {width.value} has not ended, so its number still grows. "
            f"“Same {width.value}” counts second orders only. "
            f"“Few customers”: fewer than {metrics.SMALL}, so one customer more or less moves the share much."
        )
    st.caption("Returns lower the period of the order that came back. Customers by account, else by email.")
