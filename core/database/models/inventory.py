"""Where goods lie. Written by `core.ingest` alone, like the rest of commerce."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId


class Location(Base):
    """A place where goods lie, as the API last called it; there is none where the app may not know that."""

    __tablename__ = "locations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    location_id: Mapped[ShopifyKey]
    name: Mapped[str]


class InventoryLevel(Base):
    """The stock of an inventory item, which is a variant's, at one location, by its newest known version.

    A variant's own quantity is Shopify's word on the variant; it is not made of these.
    """

    __tablename__ = "inventory_levels"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    inventory_item_id: Mapped[ShopifyKey]
    location_id: Mapped[ShopifyKey]
    available: Mapped[int | None]
    """What can be sold; below zero where more was sold than there is, None where it is not counted."""
    on_hand: Mapped[int | None]
    """What lies there, sold or not; None where the newest version is a webhook's, which does not tell it."""
    updated_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When Shopify's API was asked for this version; None where a webhook brought it."""
    source: Mapped[str]
