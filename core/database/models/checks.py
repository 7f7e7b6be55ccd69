"""How a store's days compare with what Shopify counts itself, and the runs that compare them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, EnumText, StoreId, TenantId, of_store
from core.database.models.runs import RetriedRun, Trigger


class CheckRun(RetriedRun, Base):
    """One comparison of a span of days, asked for by the schedule or a button. At most one of a store is running: a
    unique index, so a double click is one run. How far it is stands in the days themselves."""

    __tablename__ = "check_runs"
    __table_args__ = (
        of_store(),
        CheckConstraint("trigger IN ('schedule', 'button')", name="trigger"),
        CheckConstraint("state IN ('running', 'succeeded', 'failed')", name="state"),
        Index(None, "tenant_id", "store_id", "run_id"),
        Index(
            "uq_check_runs_running",
            "tenant_id",
            "store_id",
            unique=True,
            postgresql_where=text("state = 'running'"),
        ),
    )

    run_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    trigger: Mapped[Trigger] = mapped_column(EnumText(Trigger))
    first_day: Mapped[date]
    last_day: Mapped[date]
    is_whole: Mapped[bool]
    """Whether it compares every day that can be compared, not the recent ones only."""
    cursors: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """How far it has looked for deleted records, once its days are compared."""


class DayState(StrEnum):
    """How a day's figures here compare with Shopify's."""

    EQUAL = "equal"
    REPAIRED = "repaired"
    """Equal after orders were re-fetched."""
    DIFFERS = "differs"
    """Not equal, even after a repair."""
    UNCOMPARED = "uncompared"
    """Shopify's answer for the day could not be used."""


class DayCheck(Base):
    """One day of a store as last compared. A day that was repaired stays so while nothing else is found.

    One that could not be compared is "uncompared"; what is known of it is the count here, and the reason.
    """

    __tablename__ = "day_checks"
    __table_args__ = (
        of_store(),
        CheckConstraint("state IN ('equal', 'repaired', 'differs', 'uncompared')", name="state"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    day: Mapped[date] = mapped_column(primary_key=True)
    """The store's day, by its time zone."""
    state: Mapped[DayState] = mapped_column(EnumText(DayState))
    ours: Mapped[int]
    """Orders placed that day, test orders too, after any repair."""
    theirs: Mapped[int | None]
    our_total: Mapped[Decimal | None]
    """Total sales of the day; None where Shopify does not let the app ask for its own."""
    their_total: Mapped[Decimal | None]
    currency: Mapped[str]
    orders: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The orders that were repaired, or that differ: order_id, name, what was wrong, and the reason where there is
    one."""
    checked_at: Mapped[datetime]
    repaired_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    """Why it could not be compared, as a sentence for the merchant."""


class Arrival(Base):
    """How many changes of orders, of one day, were first heard of in which way: by webhook, or by asking the API."""

    __tablename__ = "arrivals"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    day: Mapped[date] = mapped_column(primary_key=True)
    """The store's day on which Shopify changed the order."""
    source: Mapped[str] = mapped_column(primary_key=True)
    changes: Mapped[int]
