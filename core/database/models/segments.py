"""Segments of customers: scores of a night, which `core.rollups.segments` writes. The page says as of when they are.

No trigger keeps them: each order moves the scores of others, because a score is a fifth of all customers.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, StoreId, TenantId, of_store


class SegmentBuild(Base):
    """The last scoring of a store's customers: its time, the currency of the orders, and the number of customers."""

    __tablename__ = "segment_builds"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    built_at: Mapped[datetime]
    currency: Mapped[str]
    customers: Mapped[int]


class SegmentSum(Base):
    """A segment's customers, with their orders and net sales to date."""

    __tablename__ = "segment_sums"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    segment: Mapped[str] = mapped_column(primary_key=True)
    customers: Mapped[int]
    orders: Mapped[int]
    net_sales: Mapped[Decimal]


class CustomerScore(Base):
    """A customer's scores from 1 to 5, and what they were computed from, as of the last build."""

    __tablename__ = "customer_scores"
    __table_args__ = (
        of_store(),
        *(
            Index(f"ix_customer_scores_{column}", "tenant_id", "store_id", "segment", column, "customer_key")
            for column in ("net_sales", "orders", "last_order_at")
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    customer_key: Mapped[str] = mapped_column(primary_key=True)
    segment: Mapped[str]
    recency: Mapped[int] = mapped_column(SmallInteger)
    frequency: Mapped[int] = mapped_column(SmallInteger)
    monetary: Mapped[int] = mapped_column(SmallInteger)
    orders: Mapped[int]
    net_sales: Mapped[Decimal]
    last_order_at: Mapped[datetime]
