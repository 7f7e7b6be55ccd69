"""The points that an app has left at one shop, and how long to wait until a document is affordable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """`extensions.cost` of one answer, in points; `restore_rate` is points a second."""

    requested: int
    actual: int
    available: float
    maximum: float
    restore_rate: float


class Bucket:
    """The points of one client; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cost: Cost | None = None
        self._cost_at = 0.0
        self._last_cost: dict[str, int] = {}

    def learn(self, document: str, cost: Cost | None) -> int:
        """Store the cost of an answer; return the points that it took."""
        if cost is None:
            return 0
        self._cost, self._cost_at = cost, self._clock()
        # Shopify takes the requested cost first and returns the difference later, so the request must afford all of
        # it.
        self._last_cost[document] = cost.requested
        return cost.actual

    def wait_for(self, document: str) -> float:
        """Return the seconds until the bucket can pay for this document's last cost; 0 if it is unknown."""
        cost, needed = self._cost, self._last_cost.get(document)
        if cost is None or needed is None:
            return 0.0
        restored = cost.available + (self._clock() - self._cost_at) * cost.restore_rate
        missing = min(needed, cost.maximum) - min(restored, cost.maximum)
        return max(0.0, missing / cost.restore_rate)

    def forget(self, document: str) -> None:
        """Forget the document's last cost, because the next request asks for less."""
        self._last_cost.pop(document, None)
