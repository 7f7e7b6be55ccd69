"""Goods that customers send back, and why. Written by `core.ingest` alone."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_order


class ReturnLine(Base):
    """Units of a line that a customer returns (see `core.domain.ReturnLine`).

    What a return changes in sales stands in `sales`; this says why. Only orders that were read whole have any.
    """

    __tablename__ = "return_lines"
    __table_args__ = (
        of_order(),
        Index(None, "tenant_id", "store_id", "business_date"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    return_line_id: Mapped[ShopifyKey]
    return_id: Mapped[int]
    line_item_id: Mapped[int | None]
    requested_at: Mapped[datetime]
    business_date: Mapped[date]
    """The day of `requested_at` in the store's time zone."""
    status: Mapped[str]
    quantity: Mapped[int]
    reason: Mapped[str]
    reason_name: Mapped[str | None]
    note: Mapped[str | None]
