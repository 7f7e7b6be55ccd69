"""Read values of a bulk operation's lines as records have them."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(instant: datetime) -> datetime:
    """Return an instant in UTC; Shopify writes most of them so."""
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def text(value: str | None) -> str | None:
    """Return a text without spaces around it; blank is None."""
    return (value.strip() or None) if value else None


def lower(value: str | None) -> str | None:
    """Return an enum's value in lower case."""
    return (value.strip().lower() or None) if value else None
