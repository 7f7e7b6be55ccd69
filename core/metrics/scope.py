"""Whose numbers are asked for, and the parameters that every statement gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.periods import Period


@dataclass(frozen=True, slots=True)
class Scope:
    """One store of one tenant."""

    tenant_id: int
    store_id: int

    @property
    def key(self) -> dict[str, Any]:
        """The parameters of a question about all time."""
        return {"tenant_id": self.tenant_id, "store_id": self.store_id}

    def within(self, period: Period) -> dict[str, Any]:
        """The parameters of a question about a period."""
        return {**self.key, "start": period.start, "end": period.end, "until": period.until}
