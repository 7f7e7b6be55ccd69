"""The gross profit of each order, which `core.rollups.profits` keeps; see `core.metrics.money.profit_ranks`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, StoreId, TenantId, of_store


class StaleProfitDay(Base):
    """A store's day of whose orders a profit is stale or missing. A day of `stale_money_days` is always here, too."""

    __tablename__ = "stale_profit_days"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    business_date: Mapped[date] = mapped_column(primary_key=True)


class OrderProfit(Base):
    """An order by the day on which it was placed, with its gross profit to date; None if no line has a known cost."""

    __tablename__ = "order_profits"
    __table_args__ = (
        of_store(),
        Index(
            "ix_order_profits_known",
            *("tenant_id", "store_id", "currency", "gross_profit", "business_date", "order_id"),
            postgresql_where=text("gross_profit IS NOT NULL"),
        ),
        Index(
            "ix_order_profits_unknown",
            *("tenant_id", "store_id", "currency", "business_date", "order_id"),
            postgresql_where=text("gross_profit IS NULL"),
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    business_date: Mapped[date] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str]
    gross_profit: Mapped[Decimal | None]
    net_with_cost: Mapped[Decimal]
    """Net sales to date of the lines whose cost is known; zero without any."""
