"""Counts the attacks and their effects. Every test asserts its own; the sums are printed at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass
class Tally:
    """`attempts` by attack; `crossings`: changed rows of a victim; `failures`: answers of 5xx and connections that
    ended without one; `lost`: acknowledged deliveries that are not in the database."""

    attempts: dict[str, int] = field(default_factory=dict)
    crossings: int = 0
    failures: int = 0
    lost: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def note(self, attack: str, status: int | None) -> int | None:
        """Count one attempt and the status of its answer, None where there was none; returns the status."""
        with self._lock:
            self.attempts[attack] = self.attempts.get(attack, 0) + 1
            self.failures += status is None or status >= 500
        return status

    def crossed(self, rows: int) -> int:
        """Count changed rows of a victim; returns their number."""
        self.crossings += rows
        return rows

    def lose(self, deliveries: int) -> int:
        """Count lost deliveries; returns their number."""
        self.lost += deliveries
        return deliveries

    def sums(self) -> dict[str, Any]:
        """Return the counts as plain values, which a worker process may send."""
        return {"attempts": self.attempts, "crossings": self.crossings, "failures": self.failures, "lost": self.lost}

    def add(self, sums: dict[str, Any]) -> None:
        """Add the `sums` of a worker process."""
        for attack, count in sums["attempts"].items():
            self.attempts[attack] = self.attempts.get(attack, 0) + count
        self.crossings += sums["crossings"]
        self.failures += sums["failures"]
        self.lost += sums["lost"]

    def lines(self) -> list[str]:
        """Return the sums, and the attempts by attack."""
        sums = f"crossings {self.crossings}, 5xx {self.failures}, lost {self.lost}"
        by_attack = [f"  {attack}: {count}" for attack, count in sorted(self.attempts.items())]
        return [f"attempts {sum(self.attempts.values())}, {sums}", *by_attack]
