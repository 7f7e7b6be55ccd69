"""The currencies that a store's orders are in."""

from __future__ import annotations

from collections.abc import Iterable

from core.database.models import Store
from core.domain import Order


def note(store: Store, written: Iterable[Order]) -> None:
    """Note the currencies of these orders, so that pages can name the orders their figures leave out."""
    found = {order.currency for order in written}
    if not found <= set(store.order_currencies):
        store.order_currencies = sorted(found.union(store.order_currencies))
