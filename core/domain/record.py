"""The union of everything that a source of a store's data can say."""

from __future__ import annotations

from core.domain.catalog import Cart, Checkout, Customer, InventoryLevel, Product
from core.domain.changes import Deleted, Merged, Reread, Unreadable
from core.domain.orders import Order, Refund

Record = (
    Order | Refund | Customer | Product | InventoryLevel | Checkout | Cart | Deleted | Merged | Reread | Unreadable
)
