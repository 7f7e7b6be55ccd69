"""Payments of orders. Written by `core.ingest` alone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_order


class Transaction(Base):
    """A payment of an order, as the API last returned it (see `core.domain.Transaction`); webhooks have none.

    Payments received are the successful sales and captures less the successful refunds, without `test`.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        of_order(),
        Index(None, "tenant_id", "store_id", "business_date"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    transaction_id: Mapped[ShopifyKey]
    parent_id: Mapped[int | None]
    kind: Mapped[str]
    status: Mapped[str]
    gateway: Mapped[str | None]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    processed_at: Mapped[datetime]
    business_date: Mapped[date]
    """The day of `processed_at` in the store's time zone."""
    test: Mapped[bool]
    fee: Mapped[Decimal | None]
    """What the payment provider kept, without `fee_tax`; None where it is not known."""
    fee_tax: Mapped[Decimal | None]
    fee_currency: Mapped[str | None]
