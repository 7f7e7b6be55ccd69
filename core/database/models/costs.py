"""Costs that a merchant enters. Written by `core.costs` alone.

No row is changed or deleted when a cost is: it gets `replaced_at`, and a new row the new values. So every figure can
be explained later.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, EnumText, ShopifyKey, StoreId, TenantId, of_store


class CostKind(StrEnum):
    """What a cost is for: each is a line between gross and net profit."""

    PAYMENT_FEES = "payment_fees"
    SHIPPING = "shipping"
    PACKAGING = "packaging"
    ADVERTISING = "advertising"
    OTHER = "other"


class CostBasis(StrEnum):
    """What the amount of a cost is counted by. A month's amount is spread evenly over its days."""

    ORDER = "order"
    DAY = "day"
    MONTH = "month"


class Cost(Base):
    """A cost of a store in the days from `valid_from` to `valid_to`, both included; None is without an end.

    `percent` is of the totals of paid orders, and only payment fees have it.
    """

    __tablename__ = "costs"
    __table_args__ = (
        of_store(),
        CheckConstraint("kind IN ('payment_fees', 'shipping', 'packaging', 'advertising', 'other')", name="kind"),
        CheckConstraint("basis IN ('order', 'day', 'month')", name="basis"),
        CheckConstraint("valid_to >= valid_from", name="days"),
        CheckConstraint("amount >= 0 AND percent >= 0", name="amounts"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    cost_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[CostKind] = mapped_column(EnumText(CostKind))
    name: Mapped[str]
    basis: Mapped[CostBasis] = mapped_column(EnumText(CostBasis))
    amount: Mapped[Decimal]
    percent: Mapped[Decimal] = mapped_column(server_default=text("0"))
    currency: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    replaced_at: Mapped[datetime | None]
    """When it was changed or removed; None while it counts."""
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)


class UnitCost(Base):
    """The cost of one unit of a variant, for sales from `valid_from` on, where Shopify had none at the sale."""

    __tablename__ = "unit_costs"
    __table_args__ = (
        of_store(),
        CheckConstraint("unit_cost >= 0", name="unit_cost"),
        Index(
            "uq_unit_costs_current",
            *("tenant_id", "store_id", "variant_id", "valid_from"),
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    unit_cost_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    variant_id: Mapped[int]
    valid_from: Mapped[date]
    unit_cost: Mapped[Decimal]
    currency: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    replaced_at: Mapped[datetime | None]
    """When a later file replaced or removed it; None while it counts."""
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)


class FormerUnitCost(Base):
    """The unit cost that a variant had in Shopify until it changed or the variant was deleted; triggers write it.

    So a sale keeps the cost that it had, whatever Shopify says later. None where Shopify had no cost until then.
    """

    __tablename__ = "former_unit_costs"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    variant_id: Mapped[ShopifyKey]
    until: Mapped[datetime] = mapped_column(primary_key=True)
    """When the change was learned."""
    unit_cost: Mapped[Decimal | None]
    currency: Mapped[str]


class UnitCostFile(Base):
    """An uploaded file of unit costs: shown as a preview until it is applied or discarded."""

    __tablename__ = "unit_cost_files"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    file_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    content: Mapped[str | None]
    """The text of the file; None once it was applied."""
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    applied_at: Mapped[datetime | None]
    rows_changed: Mapped[int | None]
