"""Ids and their range. Shopify's and ours are PostgreSQL's bigint."""

from __future__ import annotations

LARGEST_ID = (1 << 63) - 1
"""PostgreSQL refuses a statement with a larger number, so an id from outside is compared with it first."""


def parse_id(text: str) -> int | None:
    """Read an id from an address; None for anything but digits that PostgreSQL can hold."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0
    return number if 0 < number <= LARGEST_ID else None
