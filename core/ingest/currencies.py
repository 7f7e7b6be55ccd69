"""The currencies that a store's orders are in."""

from __future__ import annotations

from collections.abc import Iterable

from core.database.models import Store
from core.domain import Order


def note_currencies(store: Store, written: Iterable[Order]) -> None:
    """Note the currencies of these orders, so that pages can name the orders their figures leave out."""
    currencies = {order.currency for order in written}
    if not currencies <= set(store.order_currencies):
        store.order_currencies = sorted(currencies.union(store.order_currencies))
