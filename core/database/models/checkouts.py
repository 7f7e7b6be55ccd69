"""Checkouts and carts. Written by `core.ingest` alone, like the rest of commerce.

`core.privacy.retention` deletes old carts.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, Texts


class Checkout(Base):
    """A checkout in its newest known version; `completed_at` is set where it became an order."""

    __tablename__ = "checkouts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"),
        Index(None, "tenant_id", "store_id", "business_date"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    checkout_id: Mapped[ShopifyKey]
    created_at: Mapped[datetime]
    business_date: Mapped[date]
    """The store's day on which it began."""
    updated_at: Mapped[datetime]
    withheld: Mapped[dict[str, str | None] | None] = mapped_column(JSONB(none_as_null=True))
    """Groups of fields that Shopify withheld from this version, each with the `updated_at` of the last version that
    included it; None where none was withheld."""
    read_at: Mapped[datetime | None]
    """When this version was fetched from the API; None where a webhook brought it."""
    completed_at: Mapped[datetime | None]
    customer_id: Mapped[int | None]
    country: Mapped[str | None]
    discount_codes: Mapped[Texts]
    taxes_included: Mapped[bool]
    currency: Mapped[str]
    subtotal: Mapped[Decimal]
    discounts: Mapped[Decimal]
    tax: Mapped[Decimal | None]
    total: Mapped[Decimal]
    source: Mapped[str]
    deleted_at: Mapped[datetime | None]


class CheckoutLine(Base):
    """A line of a checkout."""

    __tablename__ = "checkout_lines"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "store_id", "checkout_id"],
            ["checkouts.tenant_id", "checkouts.store_id", "checkouts.checkout_id"],
            ondelete="CASCADE",
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    checkout_id: Mapped[ShopifyKey]
    checkout_line_id: Mapped[ShopifyKey]
    product_id: Mapped[int | None]
    variant_id: Mapped[int | None]
    title: Mapped[str | None]
    variant_title: Mapped[str | None]
    sku: Mapped[str | None]
    quantity: Mapped[int]
    unit_price: Mapped[Decimal]
    total: Mapped[Decimal]
    currency: Mapped[str]


class Cart(Base):
    """A cart of the online store in its newest known version. Shopify does not name its customer."""

    __tablename__ = "carts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    cart_token: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    units: Mapped[int]
    total: Mapped[Decimal]
    currency: Mapped[str | None]
    """The shop's currency; None where the source named none."""
    source: Mapped[str]
