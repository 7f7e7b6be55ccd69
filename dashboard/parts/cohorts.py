"""Parts of the Cohorts page: what a customer is worth, what the table shows, the table, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import streamlit as st

from core.domain.periods import Period, local_day
from core.exports.cohorts import file_of
from core.metrics.customers import acquisition
from core.metrics.customers import cohorts as metrics
from core.metrics.customers.cohort_profits import CohortProfits, coverage
from core.metrics.customers.cohorts import Cohort, ReturnsOn, Width
from core.metrics.customers.values import YEARS
from core.metrics.definitions import DEFINITIONS
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.components import Component
from dashboard.drawing import cohort_table, formats
from dashboard.drawing.cohort_table import Measure
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head
from dashboard.parts.figures import draw_tiles

_WIDTHS = {"Weeks": Width.WEEK, "Months": Width.MONTH, "Quarters": Width.QUARTER}
_RETURNS = {"With their order": ReturnsOn.ORDER_DAY, "On their own day": ReturnsOn.RETURN_DAY}
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


def draw_returns(measure: Measure) -> ReturnsOn:
    """Draw whether a return counts in the period of its order or in its own; only net sales differ by it."""
    if measure not in (Measure.VALUE, Measure.NET_SALES):
        return ReturnsOn.ORDER_DAY
    chosen = st.segmented_control(
        "Count returns",
        list(_RETURNS),
        default="With their order",
        required=True,
        key="cohorts-returns",
        bind="query-params",
        help="With their order: what the orders of a period are worth to date. On their own day: as on Overview.",
    )
    return _RETURNS.get(chosen or "", ReturnsOn.ORDER_DAY)


def draw_values(filters: Filters) -> None:
    """Draw what a customer is worth within so many days of the first order, in its card."""
    store, currency = filters.store, filters.currency
    values = reads.customer_values(*filters.cache_key, first_open_day(filters))
    if not values:
        return
    with st.container(border=True):
        draw_head(
            "What a customer is worth",
            csv_address("customer-values", store.store_id, filters.period, **filters.currency_filter),
            help=DEFINITIONS["customer_value"].meaning,
        )
        draw_tiles("What a customer is worth", [cohort_table.value_tile(one, currency) for one in values])
        st.caption(
            f"Net sales per new customer of the last {YEARS} years, from the day of the first order on. "
            "Only customers whose days are over count. A return lowers the value, also if it came later."
        )


def draw_table(
    found: tuple[Cohort, ...], width: Width, measure: Measure, returns_on: ReturnsOn, filters: Filters
) -> None:
    """Draw the table in its card, and below it how to read it."""
    name = file_of(width, returns_on, measure.needs_costs)
    csv = csv_address(name, filters.store.store_id, filters.period, **filters.currency_filter)
    averages = metrics.averages(found)
    profits: CohortProfits | None = {}
    advertising: Mapping[date, Decimal] = {}
    if measure.needs_costs:
        profits = reads.cohort_profits(*filters.cache_key, width, first_open_day(filters))
        advertising = _read_advertising(found, width, filters) if measure is Measure.PROFIT else {}
    if profits is None:
        st.markdown(":material/hourglass: Profits are being computed. Open this page again in a few minutes.")
        return
    with st.container(border=True):
        draw_head(f"{measure.value}, by {width.value}", csv)
        st.caption(cohort_table.ABOUT[measure])
        table = cohort_table.payload(found, averages, width, measure, filters.currency, profits, advertising)
        _TABLE.mount("cohorts", table)
        st.caption(
            f"Darker is more. Hatched: the {width.value} has not ended, so its number still changes. "
            f"{f'“Same {width.value}” counts second orders only. ' if measure.counts_customers else ''}"
            f"“Few customers”: fewer than {metrics.SMALL}, so one customer more or less moves the share much."
        )
    st.caption(plain(_notes(found, measure, returns_on, profits, filters.currency)))
    if measure is Measure.PROFIT and not any(advertising.values()):
        st.caption(
            "Enter your advertising on the page Profit, under “Costs”: each cohort then shows what a customer cost, "
            "and when the cohort had paid for it."
        )


def _read_advertising(found: tuple[Cohort, ...], width: Width, filters: Filters) -> Mapping[date, Decimal]:
    """Read the advertising of each cohort's period, by its first day."""
    zone = filters.store.time_zone
    period = Period(found[0].start, local_day(filters.now, zone), zone)
    report = reads.profit(*filters.cache_key, period, acquisition.GRAINS[width])
    return acquisition.advertising_by_cohort(report.points, width, zone)


def _notes(
    found: tuple[Cohort, ...], measure: Measure, returns_on: ReturnsOn, profits: CohortProfits, currency: str
) -> str:
    notes = ["Customers by account, else by email."]
    if measure.needs_costs:
        known = formats.percent(coverage(found, profits))
        notes.insert(0, f"The cost of {known} of net sales is known. Returns lower the period of their order.")
    elif returns_on is ReturnsOn.RETURN_DAY:
        moved = sum((cell.moved_in for cohort in found for cell in cohort.cells), Decimal(0))
        amount = formats.money(moved, currency)
        notes.insert(0, f"Returns and edits of {amount} count in another period than that of their order.")
    else:
        notes.insert(0, "Returns lower the period of the order that came back.")
    return " ".join(notes)
