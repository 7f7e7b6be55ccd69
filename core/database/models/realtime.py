"""What webhooks leave to be done or remembered: orders to read back, people merged or redacted, privacy requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, Ids, ShopifyKey, StoreId, TenantId


def _of_store() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"
    )


class UnsettledOrder(Base):
    """An order that a webhook told of and that was not read back yet. `told_at` is when it was last told of."""

    __tablename__ = "unsettled_orders"
    __table_args__ = (_of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    told_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When to read it (again)."""
    tries: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class CustomerMerge(Base):
    """Two customers became one: whoever names `merged_id` means `kept_id`, which was not merged itself."""

    __tablename__ = "customer_merges"
    __table_args__ = (_of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    merged_id: Mapped[ShopifyKey]
    kept_id: Mapped[int]
    merged_at: Mapped[datetime]


class Redaction(Base):
    """A customer, or an order, whose personal fields are not to be known again, whoever tells them."""

    __tablename__ = "redactions"
    __table_args__ = (_of_store(), CheckConstraint("kind IN ('customer', 'order')", name="kind"))

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    kind: Mapped[str] = mapped_column(primary_key=True)
    shopify_id: Mapped[ShopifyKey]
    redacted_at: Mapped[datetime]


class PrivacyRequest(Base):
    """The receipt of a compliance webhook of Shopify's: what was asked and what was done. It outlives its store."""

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
    """None while stored webhooks are still looked through."""
    outcome: Mapped[str]
    """What was done, as a sentence without personal data."""
    export: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """All that was kept of the person who asked, until they are redacted."""


class Erasure(Base):
    """Stored webhooks have yet to be looked through for somebody who was redacted. Gone, with the address, once all
    of them are; then their request's receipt says so."""

    __tablename__ = "erasures"
    __table_args__ = (
        _of_store(),
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
    """… and how many bodies erased so far."""
    seen_id: Mapped[int]
    """The last delivery that was looked at; 0 before the first."""
    last_id: Mapped[int]
    """The last one that there was: what came later is erased when it is applied."""
