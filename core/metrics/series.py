"""The shape of every report over time: figures as a whole, and point by point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class SeriesPoint(Protocol):
    """One point: from `start` (UTC) until the next point's; `figures` has the metrics as attributes."""

    @property
    def start(self) -> datetime: ...
    @property
    def figures(self) -> Any: ...


class Series(Protocol):
    """The figures of a period, and point by point."""

    @property
    def whole(self) -> Any: ...
    @property
    def points(self) -> Sequence[SeriesPoint]: ...
