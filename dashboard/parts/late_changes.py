"""Parts of the What changed page: how the figures of a period changed since an instant, and which rows did."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.accounts import VISIT_GAP
from core.domain.periods import Period
from core.metrics.bridges.known_instants import Reading, first_reading, instant_named, reading
from core.metrics.bridges.late_changes import LARGEST_FIRST, LateChangeKey
from dashboard import reads
from dashboard.addresses import csv_address, order_address, page_address
from dashboard.drawing import formats, late_words
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import ROWS, draw_list, draw_records, list_page

PATH, KNOWN, VISIT = "changes", "known", "visit"
"""The page, the parameter that names the instant, and its value for the viewer's last visit."""
_TIME, _LAST_VISIT = "A time", "My last visit"
_ABOUT_VISIT = (
    f"A visit is your use of this store’s reports without a break of more than {VISIT_GAP.seconds // 60} minutes."
)


def is_chosen() -> bool:
    """Whether the address asks for the changes since an instant."""
    return KNOWN in st.query_params


def draw_link(filters: Filters) -> None:
    """Draw whether the period changed since it ended, with the way to the rows."""
    since = reads.kept_since(*filters.cache_key)
    if since is None:
        return
    at = first_reading(filters.period, since, filters.minute)
    address = page_address(PATH, st.query_params.to_dict(), **{KNOWN: _name(at, filters)})
    with st.container(border=True):
        st.subheader("Late changes", anchor=False)
        known = reading(filters.period, at)
        st.markdown(_words(known, filters) if known else "No day of the period is over yet.")
        # A page link to the page itself would leave the address as it is.
        if st.button("Choose a time, and see the rows that changed", icon=":material/history:"):
            links.open_address(address)


def draw_page(filters: Filters, visited_at: datetime | None) -> None:
    """Draw the changes since the instant in the address, with the way back to all splits.

    `visited_at` is when the viewer's last visit to the store ended; None in the first visit.
    """
    links.draw_page_link(page_address(PATH, st.query_params.to_dict()), "All that changed", ":material/arrow_back:")
    st.subheader("Why did it change since?", anchor=False)
    since = reads.kept_since(*filters.cache_key)
    if since is None:
        st.markdown("Changes are kept from the end of the first sync on. The Stores page shows how far it is.")
        return
    if _draw_kind():
        known = _draw_visit(visited_at, since, filters)
        if known:
            _draw_changes(known, filters)
        return
    at = instant_named(st.query_params.get(KNOWN, ""), filters.period, since, filters.minute)
    at = _draw_choice(at, since, filters)
    first = formats.instant(since, filters.store.time_zone)
    st.caption(f"Changes are kept since {first}. What was known before that time cannot be said.")
    known = reading(filters.period, at)
    if known is None:
        st.markdown("No day of the period was over at that time. Choose a later time, or an earlier period above.")
        return
    if known.period.end < filters.period.end:
        st.caption(f"Compared are the days up to {formats.day(known.period.end)}: later ones were not over.")
    st.markdown(f"**{_words(known, filters)}**")
    _draw_changes(known, filters)


def _draw_kind() -> bool:
    """Draw the choice between a time and the last visit; returns whether it is the visit."""
    shown = _LAST_VISIT if st.query_params[KNOWN] == VISIT else _TIME
    # Without a key, as the time below.
    chosen = st.segmented_control("Compare with", [_TIME, _LAST_VISIT], default=shown, required=True)
    if chosen != shown:
        st.query_params[KNOWN] = VISIT if chosen == _LAST_VISIT else "end"
        st.rerun()
    return shown == _LAST_VISIT


def _draw_visit(visited_at: datetime | None, since: datetime, filters: Filters) -> Reading | None:
    """Draw what changed since the last visit, on all days that were over then; returns these days."""
    if visited_at is None:
        st.markdown("This is your first visit to this store. From the next one on, this page shows what changed.")
        st.caption(_ABOUT_VISIT)
        return None
    zone, at = filters.store.time_zone, max(visited_at, since)
    st.markdown(f"Your last visit ended on {formats.instant(visited_at, zone)}.")
    st.caption(_ABOUT_VISIT)
    if visited_at < since:
        st.caption(f"Changes are kept since {formats.instant(since, zone)}, so the comparison begins there.")
    days = reads.changed_days(*filters.cache_key, zone, at)
    if days is None:
        st.markdown("Nothing changed on the days that were over then.")
        return None
    known = Reading(Period(days.first, days.last, zone), at)
    st.caption(f"Compared are {formats.period(known.period)}, where something changed, and not the period above.")
    st.markdown(f"**{_words(known, filters)}**")
    return known


def _draw_choice(at: datetime, since: datetime, filters: Filters) -> datetime:
    """Draw the choice of the time; returns it."""
    zone = filters.store.time_zone
    shown, first, last = (_on_clock(instant, filters) for instant in (at, since, filters.minute))
    # Without a key: another time in the address makes another widget, which shows that time.
    chosen = st.datetime_input(
        "As known on",
        shown,
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD",
        help="In the store’s time. By default the end of the period.",
        width=260,
    )
    if chosen is None or chosen == shown:
        return at
    st.query_params[KNOWN] = chosen.isoformat(timespec="minutes")
    return max(chosen.replace(tzinfo=zone), since)


def _draw_changes(known: Reading, filters: Filters) -> None:
    arguments = (*filters.cache_key, known.period, known.at)
    since, kinds = reads.figures_since(*arguments), reads.kinds_of_change(*arguments)
    count = sum(kind.rows for kind in kinds)
    if since is None or not (count or since.change.orders):
        return
    left, right = st.columns(2)
    with left:
        figures = late_words.figure_records(since, reads.customers_since(*arguments), filters.currency)
        draw_records("Then and now", figures, _FIGURES, filters.store)
        st.caption(late_words.ABOUT_CUSTOMERS)
    with right:
        records = late_words.kind_records(kinds)
        draw_records("By kind of change", records, _KINDS, filters.store, currency=filters.currency)
    page = list_page(LARGEST_FIRST, count, filters.store.store_id, known.period, known.at)
    rows = reads.late_changes(*arguments, ROWS, page.offset, page.sort)
    shop, query = filters.store.shop_domain, st.query_params.to_dict()
    given = {**filters.currency_filter, KNOWN: _name(known.at, filters), "sort": page.sort_parameter}
    draw_list(
        formats.counted(count, "row"),
        late_words.row_records(rows),
        {
            "name": Column(
                "Order", sort=LateChangeKey.NAME, link=lambda row: order_address(shop, row["order_id"], query)
            ),
            "day": Column("Day", sort=LateChangeKey.DAY),
            "kind": Column("What happened"),
            "line": Column("Line"),
            "changed_at": Column("Known since", Kind.INSTANT, sort=LateChangeKey.CHANGED),
            "then": Column("Then", Kind.MONEY, "Its part of net sales as known then."),
            "now": Column("Now", Kind.MONEY, "Its part of net sales now."),
            "change": Column("Net sales", Kind.MONEY, "Now less then.", sort=LateChangeKey.CHANGE),
            "total_change": Column("Total sales", Kind.MONEY, "What it changed total sales by.", LateChangeKey.TOTAL),
        },
        page,
        filters,
        csv=csv_address("late-changes", filters.store.store_id, known.period, **given),
        empty="No row changed net or total sales.",
    )


_FIGURES = {
    "name": Column("Figure"),
    "then": Column("Then", Kind.TEXT),
    "now": Column("Now", Kind.TEXT),
    "change": Column("Difference", Kind.TEXT),
}
_KINDS = {
    "name": Column("What happened", note="meaning"),
    "orders": Column("Orders", Kind.COUNT),
    "change": Column("Net sales", Kind.MONEY),
    "total_change": Column("Total sales", Kind.MONEY),
}


def _words(known: Reading, filters: Filters) -> str:
    arguments = (*filters.cache_key, known.period, known.at)
    since = reads.figures_since(*arguments)
    if since is None:
        return "What was known then cannot be said."
    rows = sum(kind.rows for kind in reads.kinds_of_change(*arguments))
    return plain(late_words.sentence(known, since, rows, filters.currency))


def _name(at: datetime, filters: Filters) -> str:
    """The instant as an address has it."""
    return at.astimezone(filters.store.time_zone).replace(tzinfo=None).isoformat()


def _on_clock(at: datetime, filters: Filters) -> datetime:
    """The minute of an instant on the store's clock."""
    return at.astimezone(filters.store.time_zone).replace(tzinfo=None, second=0, microsecond=0)
