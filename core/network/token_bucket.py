"""A rate limit that one process keeps in its memory."""

from __future__ import annotations

import time
from collections.abc import Callable

_ROUNDING = 1e-6
"""Seconds. After years of uptime, sums of floats differ by less. Without it, the last token of a burst would at times
be refused."""


class TokenBucket:
    """Allows `burst` events at once, and `per_second` after that. Not thread-safe."""

    __slots__ = ("_burst_seconds", "_clock", "_full_at", "_token_seconds")

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._token_seconds = 1 / per_second
        self._burst_seconds = burst / per_second
        self._clock = clock
        self._full_at = clock()

    def take(self) -> float | None:
        """Take one token. Returns None, or, if the bucket is empty, the seconds until it has a token."""
        now = self._clock()
        full_at = max(self._full_at, now) + self._token_seconds
        wait = full_at - now - self._burst_seconds
        if wait > _ROUNDING:
            return wait
        self._full_at = full_at
        return None
