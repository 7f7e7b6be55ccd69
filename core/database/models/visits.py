"""When users looked at stores: so that pages can say what changed since a user's last visit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, Id, StoreId, TenantId, of_store


class StoreVisit(Base):
    """The present visit of a user to a store's pages. Written by `core.accounts.visits` alone.

    `previous_ended_at` is when the user was last active in the visit before; None in the first one.
    """

    __tablename__ = "store_visits"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, index=True)
    last_active_at: Mapped[datetime]
    previous_ended_at: Mapped[datetime | None]
