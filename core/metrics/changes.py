"""How a figure changed against what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """By which fraction of the earlier figure's size the figure grew (0.25 is a quarter more).

    `fraction` is None where it says nothing: one of the two has no value, or the earlier one was zero; then `is_new`
    tells whether there is something now where there was nothing.
    """

    fraction: Decimal | None = None
    is_new: bool = False

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 neither."""
        if self.fraction is None or self.fraction == 0:
            return 0
        return 1 if self.fraction > 0 else -1


def change(now: Decimal | int | None, before: Decimal | int | None) -> Change:
    """(now - before) ÷ |before|."""
    if now is None or before is None:
        return Change()
    if before == 0:
        return Change(is_new=now != 0)
    return Change((Decimal(now) - Decimal(before)) / abs(Decimal(before)))
