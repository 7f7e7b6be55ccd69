"""Recomputes the sums of stale days batch by batch, each in its own transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.errors import Stopping


def refresh_all(refresh_some: Callable[[], int], work: str, stop: threading.Event | None) -> int:
    """Call `refresh_some` until it refreshes no day; returns the number of days. `work` names it in the error.

    Raises:
        Stopping: `stop` was set; the next run continues.
    """
    done = 0
    while days := refresh_some():
        done += days
        if stop is not None and stop.is_set():
            raise Stopping(f"{work} pauses here and continues at the next start.")
    return done
