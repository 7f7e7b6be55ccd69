"""Addresses of our routes that pages link or post to. Pure."""

from __future__ import annotations

from urllib.parse import urlencode

from core.domain.periods import Period

EXPORTS = "/exports"
IMPORTS = "/imports"


def csv_address(name: str, store_id: int, period: Period, **parameters: str | int) -> str:
    """The address of the file `name` of this store and period; `parameters` are the other filters of the page."""
    query: dict[str, str | int] = {
        "store": store_id,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
    }
    return f"{EXPORTS}/{name}.csv?{urlencode(query | {key: value for key, value in parameters.items() if value})}"
