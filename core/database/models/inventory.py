"""Locations and stock. Written by `core.ingest` alone, like the rest of commerce."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_store


class Location(Base):
    """A location with the name that the API last gave it. There is none where the app may not read locations."""

    __tablename__ = "locations"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    location_id: Mapped[ShopifyKey]
    name: Mapped[str]


class InventoryLevel(Base):
    """The stock of a variant's inventory item at one location, in its newest known version.

    A variant's own quantity is a figure of Shopify's, not the sum of these.
    """

    __tablename__ = "inventory_levels"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    inventory_item_id: Mapped[ShopifyKey]
    location_id: Mapped[ShopifyKey]
    available: Mapped[int | None]
    """The quantity that can be sold; below zero where more was sold, None where Shopify does not count it."""
    on_hand: Mapped[int | None]
    """The quantity at the location, sold or not; None where the newest version is a webhook's, which lacks it."""
    updated_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When this version was fetched from the API; None where a webhook brought it."""
    source: Mapped[str]


class StockByDay(Base):
    """The stock of an inventory item at a location, as it stood at the first reading of a day of the store."""

    __tablename__ = "stock_by_day"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    business_date: Mapped[date] = mapped_column(primary_key=True)
    inventory_item_id: Mapped[ShopifyKey]
    location_id: Mapped[ShopifyKey]
    available: Mapped[int | None]
    on_hand: Mapped[int | None]
