"""What was refunded. Written by `core.ingest` alone, as the rest of commerce."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_store


class Refund(Base):
    """A refund. It may be known before its order is: no foreign key to it, and no sale row until then."""

    __tablename__ = "refunds"
    __table_args__ = (
        of_store(),
        Index(None, "tenant_id", "store_id", "order_id"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    refund_id: Mapped[ShopifyKey]
    order_id: Mapped[int]
    processed_at: Mapped[datetime]
    business_date: Mapped[date]
    created_at: Mapped[datetime | None]
    note: Mapped[str | None]
    refunded: Mapped[Decimal]
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    currency: Mapped[str]


class RefundLine(Base):
    """Units of a line item that came back."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "store_id", "refund_id"],
            ["refunds.tenant_id", "refunds.store_id", "refunds.refund_id"],
            ondelete="CASCADE",
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    refund_id: Mapped[ShopifyKey]
    refund_line_id: Mapped[ShopifyKey]
    line_item_id: Mapped[int]
    quantity: Mapped[int]
    subtotal: Mapped[Decimal]
    tax: Mapped[Decimal]
    restock_type: Mapped[str]
    currency: Mapped[str]
