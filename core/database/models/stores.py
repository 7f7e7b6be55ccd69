"""The stores of a tenant: what connects them, where their deliveries go, and connections that have begun."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, EnumText, Id, StoreId, TenantId, Texts, of_store
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

    `core.sealing.crypto.Sealer` alone opens `sealed_credentials`. `revision` grows with every write of the store's
    commerce, so a cached result is valid for as long as the revision is the same.
    """

    __tablename__ = "stores"
    __table_args__ = (
        CheckConstraint("state IN ('connected', 'reconnect', 'disconnected')", name="state"),
        CheckConstraint("abandoned_after IN (10, 15, 30, 60, 120, 180, 360, 720, 1440)", name="abandoned_after"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "shop_domain"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    shop_domain: Mapped[str]
    shopify_id: Mapped[Id]
    name: Mapped[str]
    currency: Mapped[str]
    """The shop's present currency. An order keeps the currency that it was placed in."""
    order_currencies: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """Every currency that an order of the store was ever written in."""
    abandoned_after: Mapped[int] = mapped_column(Integer, server_default=text("60"))
    """After how many minutes an open checkout counts as abandoned."""
    time_zone: Mapped[str]
    """IANA name; it decides where the store's days begin."""
    shop_created_at: Mapped[datetime | None]
    state: Mapped[StoreState] = mapped_column(EnumText(StoreState), server_default=text("'connected'"))
    state_reason: Mapped[str | None]
    """A sentence for the merchant with the cure, where `state` is not connected."""
    credential_kind: Mapped[str]
    sealed_credentials: Mapped[str | None]
    """None once disconnected."""
    sealed_previous_secret: Mapped[str | None]
    """The app's secret before its rotation: it signs webhooks for an hour more, until `previous_secret_until`."""
    previous_secret_until: Mapped[datetime | None]
    sealed_compliance: Mapped[str | None]
    """Once disconnected: the secret, or the app's id, that verifies privacy requests about the remaining data."""
    scopes: Mapped[Texts]
    missing_scopes: Mapped[Texts]
    withheld_fields: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """Fields that Shopify left out of its answers since the store was connected, because an approval is missing."""
    refused_entities: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """Names of `auth.OPTIONAL` that Shopify refused to list since the store was connected."""
    webhook_note: Mapped[str | None]
    """Why webhooks do not (all) arrive, as a sentence; None when every topic is subscribed."""
    webhook_address: Mapped[str | None]
    """The address that the webhook subscriptions were last set to."""
    webhooks_checked_at: Mapped[datetime | None]
    """When the subscriptions were last checked and repaired."""
    webhooks_missed_at: Mapped[datetime | None]
    """When a sync found a new order without a webhook; None again once a webhook brings an order."""
    connected_at: Mapped[datetime]
    disconnected_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    last_ingest_at: Mapped[datetime | None]
    complete_until: Mapped[datetime | None]
    """Every change at Shopify before this instant is stored; None before the first sync has ended."""
    changes_kept_since: Mapped[datetime | None]
    """Since when changes of the ledger are kept (see `FormerSale`); None until the first load has ended."""
    mapping_version: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """The oldest mapping version of the store's orders, apart from orders that could not be re-read."""

    @property
    def key(self) -> StoreKey:
        return StoreKey(self.tenant_id, self.store_id)


class StoreRoute(Base):
    """The tenant that a shop's deliveries belong to. Read before the tenant is known, so outside the policies."""

    __tablename__ = "store_routes"
    __table_args__ = (of_store(),)

    shop_domain: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[Id]
    store_id: Mapped[Id]


class FormerRoute(Base):
    """A tenant that still has data of a disconnected shop, so that the shop's privacy requests reach it.

    Several tenants may have some, beside the tenant that has the shop connected.
    """

    __tablename__ = "former_routes"
    __table_args__ = (of_store(),)

    shop_domain: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    store_id: Mapped[Id]


class StoreToken(Base):
    """The expiring access token of a store with its refresh token, sealed.

    One row a store: its lock turns two renewals at the same time into one.
    """

    __tablename__ = "store_tokens"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    sealed: Mapped[str | None]
    """None before the first token."""
    renew_at: Mapped[datetime | None]
    """When most of its life is over; None if it never expires."""
    renewed_at: Mapped[datetime | None]


class InstallState(Base):
    """An installation that has begun: the hash of the `state` that Shopify returns. Used once."""

    __tablename__ = "install_states"

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    shop_domain: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    """The user who began; None if it began in Shopify."""
    nonce_hash: Mapped[bytes | None]
    """The hash of a cookie of the browser that was sent to Shopify; None before that."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PendingConnection(Base):
    """A shop that installed the app and waits for a user to connect it. It belongs to no tenant yet."""

    __tablename__ = "pending_connections"

    claim_hash: Mapped[bytes] = mapped_column(primary_key=True)
    shop_domain: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    """The only user who may connect it; None if it began in Shopify."""
    client_id: Mapped[str]
    sealed: Mapped[str]
    """The tokens, sealed for `NO_TENANT`."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
