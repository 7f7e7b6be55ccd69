"""What Shopify's API last answered about orders. Written by `core.ingest` alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_order


class OrderAnswer(Base):
    """An order's node as the API last gave it, compressed (see `core.ingest.answers`).

    A better mapping makes its rows of this, without another request. Only installations with KEEP_ORDER_ANSWERS have
    any. A redacted order has none.
    """

    __tablename__ = "order_answers"
    __table_args__ = (of_order(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    updated_at: Mapped[datetime]
    """The order's own; an answer that is older than the stored order is of no use."""
    read_at: Mapped[datetime]
    is_whole: Mapped[bool]
    documents_version: Mapped[int] = mapped_column(SmallInteger)
    """The version of the fields that were requested (`core.domain.version`)."""
    dictionary: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
