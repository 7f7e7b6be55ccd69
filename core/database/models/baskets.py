"""What is bought together, and what customers begin with: counts that `core.rollups.baskets` rebuilds each night.

A nightly job writes them and no trigger: one older order can change which order of a customer is the first. The page
says as of when they are.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_store


class BasketBuild(Base):
    """The last rebuild: the days of its orders, how many there are, and how many were too large to count pairs of.

    `customers` began in the days from `first_start` to `first_end`; `repeat_customers` of them bought again in time.
    """

    __tablename__ = "basket_builds"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    built_at: Mapped[datetime]
    start: Mapped[date]
    end: Mapped[date]
    orders: Mapped[int]
    large_orders: Mapped[int]
    first_start: Mapped[date]
    first_end: Mapped[date]
    customers: Mapped[int]
    repeat_customers: Mapped[int]


class BasketProduct(Base):
    """How many of the counted orders have a product."""

    __tablename__ = "basket_products"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    product_id: Mapped[ShopifyKey]
    orders: Mapped[int]


class ProductPair(Base):
    """How many of the counted orders have both products; the smaller id comes first."""

    __tablename__ = "product_pairs"
    __table_args__ = (
        of_store(),
        Index("ix_product_pairs_orders", "tenant_id", "store_id", "orders"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    product_id: Mapped[ShopifyKey]
    other_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    orders: Mapped[int]


class RecentSale(Base):
    """What sold of a variant in the last 28 whole days before the count; variant 0 is goods without one."""

    __tablename__ = "recent_sales"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[ShopifyKey]
    variant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    units: Mapped[int]
    net_sales: Mapped[Decimal]


class RecentStock(Base):
    """What the days of `RecentSale` say of a variant's stock at a location; `location_id` is 0 for all together.

    `days_out` began without stock; at all together, nothing was sold on them either. `units_left` sums the drops of
    the stock from one day to the next. A day without a known stock is in neither.
    """

    __tablename__ = "recent_stock"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    variant_id: Mapped[ShopifyKey]
    location_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days_out: Mapped[int]
    units_left: Mapped[int]


class FirstProduct(Base):
    """How many customers began with a product, and how many of them bought again in time."""

    __tablename__ = "first_products"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    product_id: Mapped[ShopifyKey]
    customers: Mapped[int]
    repeat_customers: Mapped[int]


class NextProduct(Base):
    """How many customers who began with a product bought the other one in their second order."""

    __tablename__ = "next_products"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    product_id: Mapped[ShopifyKey]
    next_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customers: Mapped[int]
