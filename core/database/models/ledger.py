"""The ledger: what every figure sums. Made by `core.domain.ledger`, written by `core.ingest` alone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import KEPT, Base, ShopifyKey, StoreId, TenantId, index_of_late, of_order


class Sale(Base):
    """One signed, dated row of the ledger: what `core.domain.ledger` made of an order. Test orders have none.

    `net` is before tax and after discounts, `discount` is before tax; both are signed as they change sales, so
    gross = net + discount. Every money metric is a sum over these rows.
    """

    __tablename__ = "sales"
    __table_args__ = (
        of_order(),
        CheckConstraint("action IN ('order', 'return', 'update')", name="action"),
        Index(
            None,
            "tenant_id",
            "store_id",
            "business_date",
            postgresql_include=[
                *("happened_at", "order_id", "line_type", "action", "reason", "net", "discount", "tax", "currency")
            ],
        ),
        Index(
            "ix_sales_unknown",
            "tenant_id",
            "store_id",
            postgresql_include=["order_id"],
            postgresql_where=text("line_type = 'unknown'"),
        ),
        index_of_late("sales", "happened_at"),
        Index(
            "ix_sales_later_variants",
            *("tenant_id", "store_id", "variant_id"),
            postgresql_where=text("reason <> 'order'"),
        ),
        Index(
            "ix_sales_without_product",
            "tenant_id",
            "store_id",
            "business_date",
            postgresql_where=text("product_id IS NULL AND line_type IN ('product', 'adjustment')"),
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    sale_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
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
    known_at: Mapped[datetime | None] = mapped_column(server_default=text("ledger_time()"), info=KEPT)
    """When the row, with this money, day and type, became known; None before the store kept changes."""


class OrderDiscount(Base):
    """What one code or discount took off an order, computed from its lines. Test and deleted orders have none.

    Amounts contain tax if the order's prices do. `label` is the code, else the discount's title.
    """

    __tablename__ = "order_discounts"
    __table_args__ = (
        of_order(),
        CheckConstraint("kind IN ('code', 'automatic', 'manual', 'script', 'unknown')", name="kind"),
        Index(None, "tenant_id", "store_id", "business_date"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    discount_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    placed_at: Mapped[datetime]
    business_date: Mapped[date]
    """The day of the order."""
    kind: Mapped[str]
    label: Mapped[str]
    off_goods: Mapped[Decimal]
    off_shipping: Mapped[Decimal]
    currency: Mapped[str]
