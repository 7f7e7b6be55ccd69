"""What needs attention: a card of a line a problem, each with the page that helps; no card without a problem."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import streamlit as st

from core.domain.periods import local_day
from core.stores import StoreState
from dashboard import live_reads, reads
from dashboard.addresses import page_address, product_address
from dashboard.drawing import formats, late_words
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import late_changes, links


def draw_attention(filters: Filters, visited_at: datetime | None) -> None:
    """Draw the problems of the store, if there are any. `visited_at` is when the viewer's last visit ended."""
    problems = [*_problems(filters), *_changed_days(filters, visited_at)]
    if not problems:
        return
    with st.container(border=True):
        st.markdown("**Needs attention**")
        for icon, text, address in problems:
            links.draw_page_link(address, plain(text), f":material/{icon}:")


def _problems(filters: Filters) -> Iterator[tuple[str, str, str]]:
    """Each problem with its icon, its sentence, and the address of the page that helps."""
    query, store = st.query_params.to_dict(), filters.store
    if store.state != StoreState.CONNECTED:
        yield "link_off", f"{store.state_reason or 'The store is not connected.'} Connect it again.", "/stores"
    faults = live_reads.faults(store.key)
    if faults.failed_webhooks:
        failed = formats.counted(faults.failed_webhooks, "webhook")
        yield "inbox", f"{failed} failed; see why and retry.", page_address("deliveries", query, state="Failed")
    if faults.differing_days:
        differ = "differs" if faults.differing_days == 1 else "differ"
        days = formats.counted(faults.differing_days, "day")
        yield "event_busy", f"{days} {differ} from Shopify or could not be compared.", page_address("health", query)
    yield from _sold_out(filters, query)


def _changed_days(filters: Filters, visited_at: datetime | None) -> Iterator[tuple[str, str, str]]:
    """Say what changed the days that were over at the last visit."""
    zone = filters.store.time_zone
    found = reads.changed_days(*filters.cache_key, zone, visited_at) if visited_at else None
    if found is None or visited_at is None:
        return
    address = page_address(late_changes.PATH, st.query_params.to_dict(), known=late_changes.VISIT)
    yield "history", late_words.since_visit(found, local_day(visited_at, zone), filters.currency), address


def _sold_out(filters: Filters, query: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    rows = reads.sold_out(*filters.cache_key, local_day(filters.now, filters.store.time_zone))
    if not rows:
        return
    first = rows[0]
    if len(rows) == 1:
        sold = formats.counted(first.units_lately, "unit")
        address = product_address(filters.store.shop_domain, first.product_id, query)
        yield "production_quantity_limits", f"{first.title} is sold out; {sold} sold in 28 days.", address
        return
    text = f"{formats.count(len(rows))} best sellers are sold out, {first.title} first."
    yield "production_quantity_limits", text, page_address("stock", query)
