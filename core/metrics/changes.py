"""Compare a figure with that of an earlier period."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


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
        """1 up, -1 down, 0 neither."""
        if self.fraction is None or self.fraction == 0:
            return 0
        return 1 if self.fraction > 0 else -1


def change(current: Decimal | int | None, earlier: Decimal | int | None) -> Change:
    """(current - earlier) ÷ |earlier|."""
    if current is None or earlier is None:
        return Change()
    if earlier == 0:
        return Change(is_new=current != 0)
    return Change((Decimal(current) - Decimal(earlier)) / abs(Decimal(earlier)))
