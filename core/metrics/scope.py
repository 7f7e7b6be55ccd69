"""Whose numbers are asked for, and the parameters that every statement gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.domain.periods import Period


@dataclass(frozen=True, slots=True)
class Scope:
    """One store of one tenant, and the currency of the figures: None is the store's own."""

    tenant_id: int
    store_id: int
    currency: str | None = None

    @property
    def key(self) -> dict[str, Any]:
        """The parameters of a question about all time."""
        return {"tenant_id": self.tenant_id, "store_id": self.store_id, "currency": self.currency}

    def within(self, period: Period) -> dict[str, Any]:
        """The parameters of a question about a period."""
        return {**self.key, "start": period.start, "end": period.end, "until": period.until}
