"""Sums of checkouts. Triggers keep them; nothing else writes them, but a rebuild."""

from __future__ import annotations

from datetime import date

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, StoreId, TenantId, of_store
from core.database.models.rollups import Amount, Count


class CheckoutsByDay(Base):
    """The sums of the checkouts that began on a store's day and were completed after this many delays, -1 for open
    ones (see `Checkout.ended_after`). `order_net` is the net sales of their orders to date."""

    __tablename__ = "checkouts_by_day"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    ended_after: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    total: Mapped[Amount]
    order_net: Mapped[Amount]
    checkouts: Mapped[Count]
    with_order: Mapped[Count]


class CheckoutOrdersByDay(Base):
    """How many orders of a store's day came from a checkout, and how many of these checkouts are stored."""

    __tablename__ = "checkout_orders_by_day"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    orders: Mapped[Count]
    with_checkout: Mapped[Count]
