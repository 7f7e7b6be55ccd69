"""What an order has: its goods and its charges of shipping."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Integer, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_order


class LineItem(Base):
    """A line of an order, as sold."""

    __tablename__ = "line_items"
    __table_args__ = (of_order(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    line_item_id: Mapped[ShopifyKey]
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int | None]
    variant_id: Mapped[int | None]
    title: Mapped[str]
    variant_title: Mapped[str | None]
    sku: Mapped[str | None]
    vendor: Mapped[str | None]
    quantity: Mapped[int]
    current_quantity: Mapped[int | None]
    unit_price: Mapped[Decimal]
    discount: Mapped[Decimal]
    allocations: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """Its shares of discounts, each with its kind, and its code or title."""
    taxes: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    is_gift_card: Mapped[bool]
    is_tip: Mapped[bool] = mapped_column(server_default=false())
    currency: Mapped[str]


class ShippingLine(Base):
    """A shipping charge of an order."""

    __tablename__ = "shipping_lines"
    __table_args__ = (of_order(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    shipping_line_id: Mapped[ShopifyKey]
    title: Mapped[str]
    price: Mapped[Decimal]
    discount: Mapped[Decimal]
    allocations: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    taxes: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    is_removed: Mapped[bool]
    currency: Mapped[str]
