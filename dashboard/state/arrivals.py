"""The orders that this tab has seen on its page, so that each new one is announced once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import streamlit as st

_KEY = "orders seen"
_MOST_KNOWN = 1000
_ON_ITS_WAY = timedelta(minutes=15)
"""The longest time from an order to its arrival here; one that arrives later is old, not new."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement of new orders, and its time."""

    at: datetime
    text: str
    order_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Look:
    """The last look of this tab at a page of a store: its time, and the orders that were there."""

    place: tuple[object, ...]
    at: datetime
    order_ids: frozenset[int]
    announced: Announced | None = None
    """The last announcement of this page. It stays, because a run may be cut off by the next one."""


def find_new(place: tuple[object, ...], placed_at: Mapping[int, datetime], now: datetime) -> frozenset[int]:
    """The ids of the orders placed since the last look at this `place`; none at the first look.

    `placed_at` has the latest orders of the store, by id. A first look is one after another page or store, too.
    """
    last: Look | None = st.session_state.get(_KEY)
    if last is None or last.place != place:
        st.session_state[_KEY] = Look(place, now, frozenset(placed_at))
        return frozenset()
    # Known orders stay known: one may leave the latest orders and come back, when a later one is deleted.
    known = last.order_ids if len(last.order_ids) < _MOST_KNOWN else frozenset[int]()
    st.session_state[_KEY] = replace(last, at=now, order_ids=known | placed_at.keys())
    since = last.at - _ON_ITS_WAY
    return frozenset(order_id for order_id, at in placed_at.items() if order_id not in last.order_ids and at >= since)


def keep_announcement(announced: Announced) -> None:
    """Keep the announcement of the orders that `find_new` returned."""
    st.session_state[_KEY] = replace(st.session_state[_KEY], announced=announced)


def last_announcement() -> Announced | None:
    """The last announcement of the present page."""
    last: Look | None = st.session_state.get(_KEY)
    return last.announced if last else None
