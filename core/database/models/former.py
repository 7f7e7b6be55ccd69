"""Former rows of the ledger and of orders: what was replaced or removed. Triggers keep them.

A row was known from `known_at` until `until`; `known_at` is None if the store did not keep changes yet. Former rows
have no personal data, and are kept as long as orders are.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_store


def _by_day(table: str) -> Index:
    return Index(f"ix_{table}_business_date", "tenant_id", "store_id", "business_date", "until")


class FormerSale(Base):
    """A row of the ledger as it was, until its money, day or type changed, or it was removed. As `Sale`."""

    __tablename__ = "former_sales"
    __table_args__ = (of_store(), _by_day("former_sales"))

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    until: Mapped[datetime] = mapped_column(primary_key=True)
    sale_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    known_at: Mapped[datetime | None]
    happened_at: Mapped[datetime]
    business_date: Mapped[date]
    reason: Mapped[str]
    action: Mapped[str]
    line_type: Mapped[str]
    line_item_id: Mapped[int | None]
    product_id: Mapped[int | None]
    variant_id: Mapped[int | None]
    quantity: Mapped[int]
    net: Mapped[Decimal]
    discount: Mapped[Decimal]
    tax: Mapped[Decimal]
    currency: Mapped[str]


class FormerOrder(Base):
    """The day and currency in which an order counted, until they changed, or it was deleted or became a test."""

    __tablename__ = "former_orders"
    __table_args__ = (of_store(), _by_day("former_orders"))

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    until: Mapped[datetime] = mapped_column(primary_key=True)
    known_at: Mapped[datetime | None]
    processed_at: Mapped[datetime]
    business_date: Mapped[date]
    currency: Mapped[str]
