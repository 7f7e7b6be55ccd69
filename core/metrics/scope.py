"""Name whose figures a question asks for, and give every statement its parameters."""

from __future__ import annotations

from dataclasses import dataclass

from core.database import StoreKey
from core.domain.periods import Period


@dataclass(frozen=True, slots=True)
class Scope:
    """One store, and the currency of the figures; None is the store's own currency."""

    store: StoreKey
    currency: str | None = None

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters of a question about all time."""
        return {**self.store.parameters, "currency": self.currency}

    def within(self, period: Period) -> dict[str, object]:
        """The parameters of a question about a period."""
        return {**self.parameters, "start": period.start, "end": period.end, "until": period.until}
