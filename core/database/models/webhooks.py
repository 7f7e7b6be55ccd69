"""Webhooks: the deliveries, and what they leave behind: orders to re-fetch, merged and redacted people, privacy
requests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, EnumText, Ids, ShopifyKey, StoreId, TenantId, of_store
from core.domain import Refusal


class DeliveryState(StrEnum):
    """Where a delivery is in its life. `core.webhooks.states` moves it on."""

    PENDING = "pending"
    """It waits to be applied."""
    UNCONFIRMED = "unconfirmed"
    """It waits until Shopify confirms it."""
    APPLIED = "applied"
    IGNORED = "ignored"
    """It is stored only: nothing is made of its topic or body, Shopify denied it, or its body was erased."""
    FAILED = "failed"
    """It could not be read or written; `retry_at` says when it is retried."""


class Delivery(Base):
    """One webhook received, its body raw as it was signed. Stored before Shopify gets its answer; can be retried."""

    __tablename__ = "deliveries"
    __table_args__ = (
        of_store(),
        UniqueConstraint("tenant_id", "store_id", "webhook_id"),
        CheckConstraint("state IN ('pending', 'applied', 'ignored', 'failed', 'unconfirmed')", name="state"),
        CheckConstraint(f"refusal IN ({', '.join(repr(refusal.value) for refusal in Refusal)})", name="refusal"),
        Index(
            "ix_deliveries_pending",
            "tenant_id",
            "store_id",
            "delivery_id",
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_deliveries_received", "tenant_id", "store_id", "received_at"),
        Index(
            "ix_deliveries_record",
            "tenant_id",
            "store_id",
            "record_id",
            postgresql_where=text("record_id IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_retry",
            "tenant_id",
            "store_id",
            "retry_at",
            postgresql_where=text("retry_at IS NOT NULL"),
        ),
    )

    tenant_id: Mapped[TenantId]
    delivery_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    store_id: Mapped[int]
    webhook_id: Mapped[str]
    event_id: Mapped[str | None]
    topic: Mapped[str]
    api_version: Mapped[str | None]
    triggered_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    body: Mapped[bytes]
    record_id: Mapped[int | None]
    """The record that the body is about (see `core.shopify.body_records`); kept when the body is deleted."""
    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState), server_default=text("'pending'"))
    reason: Mapped[str | None]
    """Why it was not applied, as a sentence for the merchant."""
    refusal: Mapped[Refusal | None] = mapped_column(EnumText(Refusal))
    """Why it was not applied, or not in full, as a value to count; None if it was, or still waits."""
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    applied_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    """When a failed delivery is retried, or Shopify asked about an unconfirmed one; None where neither helps."""
    confirmed_at: Mapped[datetime | None]
    """When Shopify confirmed the delivery, if that was needed (see `core.webhooks.confirm`)."""


class UnsettledOrder(Base):
    """An order that a webhook reported and that awaits its re-fetch. `reported_at` is the latest webhook's time."""

    __tablename__ = "unsettled_orders"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When to re-fetch it."""
    tries: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class CustomerMerge(Base):
    """Two customers became one: every mention of `merged_id` means `kept_id`, which was not merged itself."""

    __tablename__ = "customer_merges"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    merged_id: Mapped[ShopifyKey]
    kept_id: Mapped[int]
    merged_at: Mapped[datetime]


class Redaction(Base):
    """A redacted customer or order: later versions are written without their personal fields."""

    __tablename__ = "redactions"
    __table_args__ = (of_store(), CheckConstraint("kind IN ('customer', 'order')", name="kind"))

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    kind: Mapped[str] = mapped_column(primary_key=True)
    shopify_id: Mapped[ShopifyKey]
    redacted_at: Mapped[datetime]


class PrivacyRequest(Base):
    """The receipt of one of Shopify's privacy webhooks: the request and its outcome. It outlives its store."""

    __tablename__ = "privacy_requests"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "webhook_id"),
        CheckConstraint("topic IN ('customers/data_request', 'customers/redact', 'shop/redact')", name="topic"),
    )

    tenant_id: Mapped[TenantId]
    request_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    store_id: Mapped[int]
    shop_domain: Mapped[str]
    webhook_id: Mapped[str]
    topic: Mapped[str]
    customer_id: Mapped[int | None]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    """None while stored webhooks are still being erased."""
    outcome: Mapped[str]
    """The outcome, as a sentence without personal data."""
    export: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Everything stored about the person who asked, until the person is redacted."""


class Erasure(Base):
    """A redacted person whose stored webhooks are not erased yet. Once they are, the request's receipt says so, and
    the row, with the address, is deleted."""

    __tablename__ = "erasures"
    __table_args__ = (
        of_store(),
        ForeignKeyConstraint(
            ["tenant_id", "request_id"],
            ["privacy_requests.tenant_id", "privacy_requests.request_id"],
            ondelete="CASCADE",
        ),
    )

    tenant_id: Mapped[TenantId]
    request_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    store_id: Mapped[int]
    customer_id: Mapped[int | None]
    email: Mapped[str | None]
    order_ids: Mapped[Ids]
    orders: Mapped[int]
    """How many orders were redacted, for the receipt."""
    bodies: Mapped[int]
    """How many bodies were erased so far, for the receipt."""
    seen_id: Mapped[int]
    """The last delivery that was read; 0 before the first."""
    last_id: Mapped[int]
    """The store's last delivery when the person was redacted. Later ones are erased when they are applied."""
