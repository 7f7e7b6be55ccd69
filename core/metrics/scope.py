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
        return {**self.parameters, **period_parameters(period)}


def period_parameters(period: Period, prefix: str = "") -> dict[str, object]:
    """The parameters of a period; of the compared one, the prefix is `compared_`."""
    return {
        f"{prefix}start": period.start,
        f"{prefix}end": period.end,
        f"{prefix}until": period.until,
        f"{prefix}last_whole_day": period.last_whole_day,
    }
