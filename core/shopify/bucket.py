"""What Shopify last told of an app's points at one shop, and how long to wait before a document is affordable."""

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
        self._told: Cost | None = None
        self._told_at = 0.0
        self._last_cost: dict[str, int] = {}

    def learn(self, document: str, cost: Cost | None) -> int:
        """Note what an answer said; gives the points that it really took."""
        if cost is None:
            return 0
        self._told, self._told_at = cost, self._clock()
        # What counts is the requested cost: Shopify takes it first and gives the difference back afterwards.
        self._last_cost[document] = cost.requested
        return cost.actual

    def wait_for(self, document: str) -> float:
        """Seconds until the points restored by then cover what this document last cost; 0 if that is not known."""
        told, needed = self._told, self._last_cost.get(document)
        if told is None or needed is None:
            return 0.0
        restored = told.available + (self._clock() - self._told_at) * told.restore_rate
        missing = min(needed, told.maximum) - min(restored, told.maximum)
        return max(0.0, missing / told.restore_rate)

    def forget(self, document: str) -> None:
        """Its last cost says nothing any more: it will be asked for less."""
        self._last_cost.pop(document, None)
