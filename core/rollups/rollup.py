"""A table of kept sums, and how to recompute it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rollup:
    """A kept table: its columns behind tenant and store, and the SELECT that recomputes them, in the same order."""

    table: str
    columns: tuple[str, ...]
    select: str
