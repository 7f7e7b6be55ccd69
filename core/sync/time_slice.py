"""The time that one job has for a run, and what each step in it leaves to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step leaves to do. Compare it with `GO_ON` and `DONE`; `wait` makes the others."""

    is_done: bool = False
    pause: timedelta = timedelta(0)


GO_ON = Outcome()
"""The next step can follow at once."""
DONE = Outcome(is_done=True)
"""No step is left: the run has succeeded."""


def wait(pause: timedelta) -> Outcome:
    """The next step makes sense only after `pause`; the worker is free until then."""
    return Outcome(pause=pause)


@dataclass(frozen=True, slots=True)
class TimeSlice:
    """The time that one job has for a run, so that no store keeps a worker from the others."""

    stop: threading.Event
    ends: float
    """By the monotonic clock."""

    @classmethod
    def of(cls, stop: threading.Event, length: timedelta) -> TimeSlice:
        return cls(stop, time.monotonic() + length.total_seconds())

    @property
    def is_over(self) -> bool:
        return self.stop.is_set() or time.monotonic() >= self.ends


Step = Callable[[TimeSlice], Outcome]


def take_steps(take_step: Step, time_slice: TimeSlice) -> Outcome:
    """Take steps until one has to wait, none is left, or the slice is over; returns the outcome of the last one."""
    while (outcome := take_step(time_slice)) == GO_ON:
        # Only after a step: every slice makes progress, however long Shopify took.
        if time_slice.is_over:
            break
    return outcome
