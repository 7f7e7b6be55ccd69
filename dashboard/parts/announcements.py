"""Announces new orders on an open page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.domain.periods import Period, local_day
from core.metrics.orders.listing import OrderQuestion
from core.metrics.orders.rows import OrderRow
from core.stores import StoreView
from dashboard import reads
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.parts.live import Toast
from dashboard.state import arrivals
from dashboard.state.arrivals import Announced

_MOST = 50
"""The latest orders of a store, among which new ones are looked for."""
_HIGHLIGHTED = timedelta(seconds=10)


def announce_orders(page: str, store: StoreView, now: datetime) -> Toast | None:
    """The announcement of the orders that were placed since this tab's last look at the page.

    During the first load there is none: its orders are new here, not in the shop.
    """
    today = local_day(now, store.time_zone)
    days = Period(today - timedelta(days=1), today, store.time_zone)
    latest = reads.order_list(store.key, store.revision, store.currency, OrderQuestion(days, limit=_MOST)).rows
    placed_at = {row.order_id: row.processed_at for row in latest}
    new_ids = arrivals.find_new((page, store.key), placed_at, now)
    if new_ids and store.complete_until is not None:
        text = announcement([row for row in latest if row.order_id in new_ids])
        arrivals.keep_announcement(Announced(now, text, new_ids))
    announced = arrivals.last_announcement()
    return Toast(announced.at.isoformat(), announced.text) if announced else None


def mark_new(records: Iterable[Record], now: datetime) -> list[Record]:
    """The records of orders, with `just_came_in` for those just announced; a table highlights their rows."""
    announced = arrivals.last_announcement()
    is_recent = announced is not None and now - announced.at < _HIGHLIGHTED
    new_ids = announced.order_ids if announced and is_recent else frozenset[int]()
    return [record | {"just_came_in": record["order_id"] in new_ids} for record in records]


def announcement(orders: Sequence[OrderRow]) -> str:
    """One order by its name and total; several by their number."""
    if len(orders) == 1:
        return f"New order {orders[0].name}, {formats.money(orders[0].total, orders[0].currency)}"
    number = formats.count(len(orders))
    return f"{number} or more new orders" if len(orders) == _MOST else f"{number} new orders"
