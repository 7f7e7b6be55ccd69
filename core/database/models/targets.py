"""Targets of a store's months, typed in by its members."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, EnumText, StoreId, TenantId, of_store


class TargetMetric(StrEnum):
    """A figure that a month can have a target for."""

    NET_SALES = "net_sales"
    ORDERS = "orders"


class Target(Base):
    """What a member set as a month's target, and when. The newest row of a month and metric counts.

    Rows are added and never changed, so that they are the history. `month` is its first day. `currency` is the
    store's of that time. `amount` is None where the target was removed.
    """

    __tablename__ = "targets"
    __table_args__ = (
        CheckConstraint("metric IN ('net_sales', 'orders')", name="metric"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        of_store(),
        Index(None, "tenant_id", "store_id", "month", "metric"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    target_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    month: Mapped[date]
    metric: Mapped[TargetMetric] = mapped_column(EnumText(TargetMetric))
    amount: Mapped[Decimal | None]
    currency: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
