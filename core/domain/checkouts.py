"""When a checkout that was begun counts as abandoned. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from core.errors import InvalidInput

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (10, 15, 30, 60, 120, 180, 360, 720, 1440))
"""The delays that a store can choose from. Kept sums have these steps, so that another delay needs no recount."""


class CheckoutState(StrEnum):
    """What became of a checkout: each has one state at a time."""

    COMPLETED = "completed"
    """Completed within the delay."""
    RECOVERED = "recovered"
    """Abandoned, then completed."""
    ABANDONED = "abandoned"
    """Still open after the delay."""
    PENDING = "pending"
    """Open, and younger than the delay."""


def step_of(delay: timedelta) -> int:
    """Return the place of a delay among `DELAYS`, from 0: the steps up to it are completions in time.

    Raises:
        InvalidInput: it is none of them.
    """
    try:
        return DELAYS.index(delay)
    except ValueError:
        raise InvalidInput("Choose one of the offered delays.") from None
