"""Addresses of the CSV files: the same filters as the page that links to them. Pure."""

from __future__ import annotations

from urllib.parse import urlencode

from core.domain.periods import Period

PREFIX = "/exports"


def address(name: str, store_id: int, period: Period, **narrowed: str | int) -> str:
    """Where the file `name` of this store and period is; `narrowed` is what else the page filters by."""
    asked: dict[str, str | int] = {
        "store": store_id,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
    }
    return f"{PREFIX}/{name}.csv?{urlencode(asked | {key: value for key, value in narrowed.items() if value})}"
