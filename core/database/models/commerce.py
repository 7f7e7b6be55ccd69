"""What was sold. Written by `core.ingest` alone; every key begins with the tenant, then the store.

`business_date` is the day in the store's time zone, stored because it is what every question filters by.
Money is in the store's currency, in columns of tables that carry `currency`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Computed,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from core.database.models.base import (
    KEPT,
    Base,
    ShopifyKey,
    StoreId,
    TenantId,
    Texts,
    index_of_late,
    index_where_set,
    of_store,
    thousandths,
)


def _searched(value: str) -> MappedColumn[str | None]:
    """A text that people search by: PostgreSQL derives it. See `core.metrics.searching`."""
    return mapped_column(Text(collation="C"), Computed(f'"left"(lower({value}), 120)', persisted=True), deferred=True)


_NAME = "coalesce((first_name || ' ') || last_name, first_name, last_name, email)"
_NAME_ORDER = f'normalize("left"(lower({_NAME}), 120), NFD)'
"""How lists of customers are sorted by name. The index has this in the order of characters."""

_PLACED = ("business_date", "processed_at")
_FULFILLMENT = """
CASE
    WHEN cancelled_at IS NULL THEN COALESCE(fulfillment_status, 'unfulfilled')
    ELSE '~'
END"""
"""Broken into lines as PostgreSQL shows it, because a test compares the two."""
_UNFULFILLED = text("cancelled_at IS NULL AND coalesce(fulfillment_status, 'unfulfilled') <> 'fulfilled'")


class Product(Base):
    """A product; `deleted_at` is its tombstone: what was sold of it stays."""

    __tablename__ = "products"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    product_id: Mapped[ShopifyKey]
    title: Mapped[str]
    handle: Mapped[str | None]
    vendor: Mapped[str | None]
    product_type: Mapped[str | None]
    status: Mapped[str | None]
    tags: Mapped[Texts]
    created_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    withheld: Mapped[dict[str, str | None] | None] = mapped_column(JSONB(none_as_null=True))
    """Groups of fields that Shopify withheld from this version, each with the `updated_at` of the last version that
    included it; None where none was withheld."""
    read_at: Mapped[datetime | None]
    """When Shopify's API was asked for this version; None where a webhook brought it."""
    source: Mapped[str]
    deleted_at: Mapped[datetime | None]


class Variant(Base):
    """A variant as it is now; `unit_cost` is None where Shopify has none, which is not zero.

    `currency` is the store's of when it was written. Shopify does not convert prices when a store changes its
    currency, so pages show them in the present one.
    """

    __tablename__ = "variants"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "store_id", "product_id"],
            ["products.tenant_id", "products.store_id", "products.product_id"],
            ondelete="CASCADE",
        ),
        Index(None, "tenant_id", "store_id", "product_id"),
        Index(None, "tenant_id", "store_id", "sku"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    variant_id: Mapped[ShopifyKey]
    product_id: Mapped[int]
    title: Mapped[str]
    sku: Mapped[str | None]
    barcode: Mapped[str | None]
    price: Mapped[Decimal]
    compare_at_price: Mapped[Decimal | None]
    unit_cost: Mapped[Decimal | None]
    currency: Mapped[str]
    position: Mapped[int | None] = mapped_column(Integer)
    inventory_item_id: Mapped[int | None]
    inventory_quantity: Mapped[int | None]


class Customer(Base):
    """A customer; personal fields are None where they may not be seen or were redacted."""

    __tablename__ = "customers"
    __table_args__ = (
        of_store(),
        Index(None, "tenant_id", "store_id", "email"),
        *(
            Index(f"ix_customers_{name}", "tenant_id", "store_id", name)
            for name in ("email_norm", "name_norm", "last_name_norm")
        ),
        Index(*("ix_customers_name", "tenant_id", "store_id"), text(_NAME_ORDER)),
        Index(
            *("ix_customers_statistics_read_at", "tenant_id", "store_id"),
            text("statistics_read_at NULLS FIRST"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    customer_id: Mapped[ShopifyKey]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    email: Mapped[str | None]
    state: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """None until the API was read: webhooks lack them."""
    locale: Mapped[str | None]
    country: Mapped[str | None]
    province: Mapped[str | None]
    city: Mapped[str | None]
    orders_count: Mapped[int | None]
    """Shopify's own count; ours is counted from the orders."""
    amount_spent: Mapped[Decimal | None]
    currency: Mapped[str | None]
    rfm_group: Mapped[str | None]
    """Shopify's own segment, and its guess of what the customer will spend within a year; None before Shopify has
    computed them."""
    predicted_spend_tier: Mapped[str | None]
    statistics_read_at: Mapped[datetime | None]
    """When Shopify's API was last asked for these two, which change without a new version; None before the first
    time."""
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    withheld: Mapped[dict[str, str | None] | None] = mapped_column(JSONB(none_as_null=True))
    """Groups of fields that Shopify withheld from this version, each with the `updated_at` of the last version that
    included it; None where none was withheld."""
    read_at: Mapped[datetime | None]
    """When Shopify's API was asked for this version; None where a webhook brought it."""
    source: Mapped[str]
    deleted_at: Mapped[datetime | None]
    email_norm: Mapped[str | None] = _searched("email")
    name_norm: Mapped[str | None] = _searched("coalesce(first_name || ' ' || last_name, first_name, last_name)")
    last_name_norm: Mapped[str | None] = _searched("last_name")


class Order(Base):
    """An order, by its newest known version.

    `customer_key` says who bought, by the rule of the returning rate: "c:<customer id>", else "e:<email>",
    else "o:<order id>". Money columns are as placed (see `core.domain.Order`); what the periods sum is `sales`.
    """

    __tablename__ = "orders"
    __table_args__ = (
        of_store(),
        Index(None, "tenant_id", "store_id", "business_date", "processed_at"),
        Index(None, "tenant_id", "store_id", "customer_key", "processed_at"),
        *(Index(f"ix_orders_{name}", "tenant_id", "store_id", name) for name in ("name_norm", "email_norm")),
        Index(
            *("ix_orders_total", "tenant_id", "store_id", "total_sorted", "order_id"),
            postgresql_include=_PLACED,
            postgresql_where=text("NOT test AND deleted_at IS NULL"),
        ),
        Index(
            *("ix_orders_number", "tenant_id", "store_id", "number", "order_id"),
            postgresql_include=[*_PLACED, "name_norm"],
            postgresql_where=text("NOT test AND deleted_at IS NULL"),
        ),
        Index(
            "ix_orders_financial_status", "tenant_id", "store_id", "financial_status", "business_date", "processed_at"
        ),
        Index("ix_orders_fulfillment", "tenant_id", "store_id", text(_FULFILLMENT), *_PLACED),
        Index("ix_orders_unfulfilled", "tenant_id", "store_id", *_PLACED, postgresql_where=_UNFULFILLED),
        index_where_set("ix_orders_refunds_undated", "refunds_undated", postgresql_include=["refunds_undated"]),
        index_where_set("ix_orders_checkout_token", "checkout_token", "checkout_token"),
        index_where_set("ix_orders_location_id", "location_id", "location_id", postgresql_include=["location_name"]),
        index_of_late("orders", "processed_at"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    name: Mapped[str]
    number: Mapped[int | None]
    test: Mapped[bool]
    created_at: Mapped[datetime]
    processed_at: Mapped[datetime]
    business_date: Mapped[date]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    financial_status: Mapped[str | None]
    fulfillment_status: Mapped[str | None]
    source_name: Mapped[str | None]
    checkout_token: Mapped[str | None]
    cart_token: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    location_id: Mapped[int | None]
    """The shop where it was sold; None if it was sold online. An imported file has `location_name` alone."""
    location_name: Mapped[str | None]
    journey: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    """The first and the last visit before it, and the days from the first one; None where no visit is known."""
    visit_source: Mapped[str | None]
    """Where the last visitor came from: the label of the campaign, else the source; in lower case."""
    visit_campaign: Mapped[str | None]
    customer_id: Mapped[int | None]
    customer_key: Mapped[str]
    email: Mapped[str | None]
    country: Mapped[str | None]
    province: Mapped[str | None]
    city: Mapped[str | None]
    discount_codes: Mapped[Texts]
    taxes_included: Mapped[bool]
    currency: Mapped[str]
    subtotal: Mapped[Decimal | None]
    discounts: Mapped[Decimal | None]
    tax: Mapped[Decimal | None]
    shipping: Mapped[Decimal | None]
    tip: Mapped[Decimal | None]
    duties: Mapped[Decimal | None]
    fees: Mapped[Decimal | None]
    total: Mapped[Decimal]
    current_total: Mapped[Decimal | None]
    presentment_currency: Mapped[str | None]
    presentment_total: Mapped[Decimal | None]
    refunds_undated: Mapped[Decimal | None]
    """Money refunded on unknown days, from an imported CSV: in no day's returns. None where all is dated."""
    agreements: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """Shopify's own ledger of the order where it was read; None where the ledger is computed."""
    agreed_refunds: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    """The refunds listed by the reading of `agreements`, which already include them."""
    agreed_at: Mapped[datetime | None]
    """The `updated_at` of that reading; the row's own is later where webhooks came since."""
    withheld: Mapped[dict[str, str | None] | None] = mapped_column(JSONB(none_as_null=True))
    """Groups of fields that Shopify withheld from this version, each with the `updated_at` of the last version that
    included it; None where none was withheld."""
    read_at: Mapped[datetime | None]
    """When Shopify's API was asked for this version; None where a webhook or a file brought it."""
    is_whole: Mapped[bool] = mapped_column(server_default=text("true"))
    """False after a bulk operation that could not read the order's ledger and refunds: they are read next."""
    mapping_version: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """The version of the mapping that made this row and its parts (see `core.domain.version`)."""
    ledger_version: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """The version of the rules that computed its sale rows. Higher than `mapping_version` if Shopify no longer
    returns the order: its sales were recomputed, its other fields were not."""
    source: Mapped[str]
    known_at: Mapped[datetime | None] = mapped_column(server_default=text("ledger_time()"), info=KEPT)
    """When it became known that the order counts on this day in this currency; None before the store kept changes."""
    deleted_at: Mapped[datetime | None]
    total_sorted: Mapped[int] = thousandths("total")
    name_norm: Mapped[str | None] = _searched("ltrim(name, '#')")
    email_norm: Mapped[str | None] = _searched("email")
