"""Compare a figure with that of an earlier period."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_LEAST_SHOWN = Decimal("0.0005")
"""The smallest size of a change that is shown as 0.1 %."""


@dataclass(frozen=True, slots=True)
class Change:
    """The growth of a figure as a fraction of the earlier figure's size (0.25 is a quarter more).

    `fraction` is None if one of the figures has no value, or if the earlier one is zero: any growth from zero would
    be infinite. `is_new` is True if the earlier figure is zero and the current one is not.
    """

    fraction: Decimal | None = None
    is_new: bool = False

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 neither, also for a change that reads as 0.0 %."""
        if self.fraction is None or abs(self.fraction) < _LEAST_SHOWN:
            return 0
        return 1 if self.fraction > 0 else -1


def change(current: Decimal | int | None, earlier: Decimal | int | None) -> Change:
    """(current - earlier) ÷ |earlier|."""
    if current is None or earlier is None:
        return Change()
    if earlier == 0:
        return Change(is_new=current != 0)
    return Change((Decimal(current) - Decimal(earlier)) / abs(Decimal(earlier)))
