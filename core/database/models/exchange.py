"""Exchange rates that a tenant enters, and the currency that its stores are summed in. Written by `core.exchange`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, TenantId


class ReportCurrency(Base):
    """The currency in which a tenant sums its stores."""

    __tablename__ = "report_currencies"

    tenant_id: Mapped[TenantId] = mapped_column(ForeignKey("tenants.tenant_id", ondelete="CASCADE"))
    currency: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)


class ExchangeRate(Base):
    """What one unit of `currency` is in `into`: on `day`, or on every day without a rate of its own if that is None.

    No row is changed or deleted when a rate is: it gets `replaced_at`, and a new row the new rate. So a figure that
    was converted before can be explained later.
    """

    __tablename__ = "exchange_rates"
    __table_args__ = (
        CheckConstraint("rate > 0", name="rate"),
        Index(
            "uq_exchange_rates_current",
            *("tenant_id", "into", "currency", "day"),
            unique=True,
            postgresql_where=text("replaced_at IS NULL AND day IS NOT NULL"),
        ),
        Index(
            "uq_exchange_rates_fixed",
            *("tenant_id", "into", "currency"),
            unique=True,
            postgresql_where=text("replaced_at IS NULL AND day IS NULL"),
        ),
    )

    tenant_id: Mapped[TenantId] = mapped_column(ForeignKey("tenants.tenant_id", ondelete="CASCADE"))
    rate_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    currency: Mapped[str]
    into: Mapped[str]
    day: Mapped[date | None]
    rate: Mapped[Decimal]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    replaced_at: Mapped[datetime | None]
    """When it was changed or removed; None while it counts."""
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
