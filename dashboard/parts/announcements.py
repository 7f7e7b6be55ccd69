"""Announces new orders on an open page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.domain.periods import Period, local_day
from core.metrics.orders import OrderRow
from core.stores import StoreView
from dashboard import reads
from dashboard.drawing import formats
from dashboard.parts.live import Toast
from dashboard.state import arrivals

_MOST = 50
"""The latest orders of a store, among which new ones are looked for."""


def announce_orders(page: str, store: StoreView, now: datetime) -> Toast | None:
    """The announcement of the orders that were placed since this tab's last look at the page.

    During the first load there is none: its orders are new here, not in the shop.
    """
    today = local_day(now, store.time_zone)
    days = Period(today - timedelta(days=1), today, store.time_zone)
    latest = reads.order_list(store.key, store.revision, store.currency, days, limit=_MOST)
    placed_at = {row.order_id: row.processed_at for row in latest}
    new_ids = arrivals.find_new((page, store.key), placed_at, now)
    if new_ids and store.complete_until is not None:
        arrivals.keep_announcement(announcement([row for row in latest if row.order_id in new_ids]), now)
    announced = arrivals.last_announcement()
    return announced and Toast(announced[0].isoformat(), announced[1])


def announcement(orders: Sequence[OrderRow]) -> str:
    """One order by its name and total; several by their number."""
    if len(orders) == 1:
        return f"New order {orders[0].name}, {formats.money(orders[0].total, orders[0].currency)}"
    number = formats.count(len(orders))
    return f"{number} or more new orders" if len(orders) == _MOST else f"{number} new orders"
