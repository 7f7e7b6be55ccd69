"""The stores of a tenant: what connects them, where their deliveries go, and connections that have begun."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, EnumText, Id, StoreId, TenantId, Texts
from core.database.store_key import StoreKey


class StoreState(StrEnum):
    """Whether a store's credentials work."""

    CONNECTED = "connected"
    RECONNECT = "reconnect"
    """Shopify refuses the credentials; somebody has to connect the store again."""
    DISCONNECTED = "disconnected"
    """Somebody ended the connection here; the credentials are deleted, the data stays."""


class Store(Base):
    """A connected Shopify shop of a tenant.

    `sealed_credentials` opens with `core.sealing.crypto.Sealer` only. `revision` grows with every write of its
    commerce: what was read at one revision stays true until the next.
    """

    __tablename__ = "stores"
    __table_args__ = (
        CheckConstraint("state IN ('connected', 'reconnect', 'disconnected')", name="state"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "shop_domain"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    shop_domain: Mapped[str]
    shopify_id: Mapped[Id]
    name: Mapped[str]
    currency: Mapped[str]
    """Shopify's own of now. An order keeps the currency that it was placed in."""
    order_currencies: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """Every currency that an order of the store was ever written in."""
    time_zone: Mapped[str]
    """IANA name; the store's days are cut by it."""
    shop_created_at: Mapped[datetime | None]
    state: Mapped[StoreState] = mapped_column(EnumText(StoreState), server_default=text("'connected'"))
    state_reason: Mapped[str | None]
    """The sentence that tells the merchant what to do when `state` is not connected."""
    credential_kind: Mapped[str]
    sealed_credentials: Mapped[str | None]
    """None once disconnected."""
    sealed_previous_secret: Mapped[str | None]
    """The app's secret before it was changed: it signs webhooks for an hour more, until `previous_secret_until`."""
    previous_secret_until: Mapped[datetime | None]
    sealed_compliance: Mapped[str | None]
    """Once disconnected: what signs the privacy requests that are about the data that is still here, and no more."""
    scopes: Mapped[Texts]
    missing_scopes: Mapped[Texts]
    withheld_fields: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """Fields that Shopify left out of its answers since the store was connected, because an approval is missing."""
    refused_entities: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """Names of `auth.OPTIONAL` that Shopify refused to list since the store was connected."""
    webhook_note: Mapped[str | None]
    """Why webhooks do not (all) arrive, as a sentence; None when every topic is subscribed."""
    webhook_address: Mapped[str | None]
    """Where the webhooks are sent to, as far as we asked for it."""
    webhooks_checked_at: Mapped[datetime | None]
    """When the subscriptions were last looked at, and repaired."""
    webhooks_missed_at: Mapped[datetime | None]
    """When a sync found a new order that no webhook had brought; None again once one brings an order."""
    connected_at: Mapped[datetime]
    disconnected_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    last_ingest_at: Mapped[datetime | None]
    complete_until: Mapped[datetime | None]
    """Every change that Shopify made before this instant is known to be in; None before the first sync ended."""
    mapping_version: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Of the store's orders, none was made by an older version of the mapping, as far as they could be re-read."""

    @property
    def key(self) -> StoreKey:
        return StoreKey(self.tenant_id, self.store_id)


class StoreRoute(Base):
    """Which tenant a shop's deliveries belong to: read before a tenant is known, so outside the policies."""

    __tablename__ = "store_routes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"),
    )

    shop_domain: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[Id]
    store_id: Mapped[Id]


class FormerRoute(Base):
    """Who holds data of a shop that is disconnected: where its privacy requests go, and nothing else of it. Several
    tenants may, beside the one that has it connected."""

    __tablename__ = "former_routes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"),
    )

    shop_domain: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    store_id: Mapped[Id]


class StoreToken(Base):
    """The access token of a store whose token ends, with what renews it, sealed. One row a store: its lock is what
    makes one renewal of two that are wanted at once."""

    __tablename__ = "store_tokens"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    sealed: Mapped[str | None]
    """None before the first token."""
    renew_at: Mapped[datetime | None]
    """When most of its life is over; None if it does not end."""
    renewed_at: Mapped[datetime | None]


class InstallState(Base):
    """An installation that was begun: what Shopify gives back as `state`, by its hash. Used once."""

    __tablename__ = "install_states"

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    shop_domain: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    """Who began; None when it began in Shopify."""
    nonce_hash: Mapped[bytes | None]
    """Of the cookie of the browser that went to Shopify; None before it went."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PendingConnection(Base):
    """A shop that installed the app and waits for a user to connect it to their business. No tenant's yet."""

    __tablename__ = "pending_connections"

    claim_hash: Mapped[bytes] = mapped_column(primary_key=True)
    shop_domain: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    """Who alone may connect it; None when it began in Shopify."""
    client_id: Mapped[str]
    sealed: Mapped[str]
    """The tokens, sealed for no tenant."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
