"""Checkouts and carts. Written by `core.ingest` alone, like the rest of commerce.

`core.privacy.retention` deletes old carts.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import KEPT, Base, ShopifyKey, StoreId, TenantId, Texts, of_store


class Checkout(Base):
    """A checkout in its newest known version; `completed_at` is set where it became an order."""

    __tablename__ = "checkouts"
    __table_args__ = (
        of_store(),
        Index(None, "tenant_id", "store_id", "business_date", "created_at"),
        Index(None, "tenant_id", "store_id", "token"),
        Index(None, "tenant_id", "store_id", "customer_id"),
        Index(
            "ix_checkouts_order_id",
            "tenant_id",
            "store_id",
            "order_id",
            postgresql_where=text("order_id IS NOT NULL"),
        ),
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
    token: Mapped[str | None]
    """Shopify's token of the checkout, which stands on the order that ends it, too."""
    cart_token: Mapped[str | None]
    recovery_path: Mapped[str | None]
    """The link by which the customer continues it, without its host. It opens the checkout, so it is in no log."""
    source: Mapped[str]
    deleted_at: Mapped[datetime | None]

    # The order with the checkout's token, kept by triggers on checkouts, orders and sales.
    order_id: Mapped[int | None] = mapped_column(info=KEPT)
    ordered_at: Mapped[datetime | None] = mapped_column(info=KEPT)
    """When the order was created, as Shopify says it."""
    order_date: Mapped[date | None] = mapped_column(info=KEPT)
    order_currency: Mapped[str | None] = mapped_column(info=KEPT)
    order_net: Mapped[Decimal | None] = mapped_column(info=KEPT)
    """The net sales of the order to date, in the currency of the checkout."""
    ended_after: Mapped[int | None] = mapped_column(SmallInteger, info=KEPT)
    """How many of the delays to choose from (`core.domain.checkouts.DELAYS`) it took until it was completed; None
    while it is open."""


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
    __table_args__ = (of_store(), Index("ix_carts_created_at", "tenant_id", "store_id", "created_at"))

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
