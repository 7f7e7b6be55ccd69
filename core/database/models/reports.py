"""Reports that the members of a business saved for one another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, TenantId


class SavedReport(Base):
    """A question of Explore under a name. `name_norm` is the name in lower case, unique in the business.

    `definition` is what `core.metrics.explore.Question.to_json` wrote, and is validated again when it is read.
    """

    __tablename__ = "saved_reports"
    __table_args__ = (UniqueConstraint("tenant_id", "name_norm"),)

    tenant_id: Mapped[TenantId] = mapped_column(ForeignKey("tenants.tenant_id", ondelete="CASCADE"))
    report_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    name_norm: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
