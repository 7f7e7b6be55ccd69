"""Sums of discounts by day, which `core.rollups.discounts` keeps; see `core.metrics.orders.discount_days`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, StoreId, TenantId, of_store


class StaleDiscountDay(Base):
    """A store's day whose kept sums of discounts are stale or missing."""

    __tablename__ = "stale_discount_days"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    business_date: Mapped[date] = mapped_column(primary_key=True)


class DiscountDay(Base):
    """The orders of a day that used one discount, as typed. Without kind and label: those with any discount.

    `net_sales` is to date. `value_with_cost` is the part of `placed_value` whose unit cost is known.
    """

    __tablename__ = "discount_days"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    orders: Mapped[int]
    discount_given: Mapped[Decimal]
    net_sales: Mapped[Decimal]
    placed_value: Mapped[Decimal]
    value_with_cost: Mapped[Decimal]
    cost_of_goods: Mapped[Decimal]
    orders_new: Mapped[int]
    orders_repeated: Mapped[int]
