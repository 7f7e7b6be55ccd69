"""A metric's definition: what it is called, what it means, and in which unit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """The unit of a metric."""

    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    """A fraction, shown in percent."""
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric's name on pages, its meaning, its unit, and whether a rise is good news."""

    label: str
    meaning: str
    unit: Unit = Unit.MONEY
    more_is_better: bool = True
