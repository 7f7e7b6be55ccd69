"""What happened to orders after they were placed; triggers keep it, see `core.metrics.returns.later_sales`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_order

_SUMMED = (
    *("currency", "kind", "product_id"),
    *("returned", "units_returned", "gross_added", "units_added", "refunded"),
)
"""In both indexes, so that a sum reads no rows."""


class LaterSale(Base):
    """A row of the ledger that returned or added goods later, or a refund that paid money, of a counted order.

    `number` is the row's `sale_no`, or the refund's id. `reason` is what refunds of the day have as their note.
    """

    __tablename__ = "later_sales"
    __table_args__ = (
        of_order(),
        Index(
            *("ix_later_sales_happened_on", "tenant_id", "store_id", "happened_on", "order_id"),
            postgresql_include=["happened_at", "placed_on", "placed_at", *_SUMMED],
        ),
        Index(
            *("ix_later_sales_placed_on", "tenant_id", "store_id", "placed_on", "order_id"),
            postgresql_include=["placed_at", "happened_on", "happened_at", *_SUMMED],
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    placed_at: Mapped[datetime]
    placed_on: Mapped[date]
    happened_at: Mapped[datetime]
    happened_on: Mapped[date]
    currency: Mapped[str]
    line_item_id: Mapped[int | None]
    product_id: Mapped[int | None]
    variant_id: Mapped[int | None]
    reason: Mapped[str | None]
    returned: Mapped[Decimal]
    units_returned: Mapped[int]
    gross_added: Mapped[Decimal]
    units_added: Mapped[int]
    refunded: Mapped[Decimal]
