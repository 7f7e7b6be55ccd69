"""The progress of a remap: after an upgrade, stored orders of an older mapping version are re-read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, StoreId, TenantId, of_store


class Remap(Base):
    """A store whose orders are re-fetched, because an older mapping wrote their rows. Deleted at the end.

    Which orders are left is not here, it is in their own rows: so a killed process loses nothing.
    """

    __tablename__ = "improvements"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    version: Mapped[int] = mapped_column(SmallInteger)
    """The version of the mapping that the orders are re-read with."""
    requested_at: Mapped[datetime]
    worked_at: Mapped[datetime | None]
    orders_total: Mapped[int]
    orders_left: Mapped[int]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    error: Mapped[str | None]
    """Why it waits, as a sentence for the merchant."""
    before: Mapped[datetime | None]
    """Orders created from here on were in a bulk operation already; None before the first one."""
    operation_id: Mapped[str | None]
    """The bulk operation under way; it reads orders created from `since` on, and before `before`."""
    since: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
