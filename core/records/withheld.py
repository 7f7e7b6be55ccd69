"""What a reading was not allowed to see, by group of fields: Shopify gives null for it, as for what is not there."""

from __future__ import annotations

from datetime import datetime

Withheld = tuple[tuple[str, datetime | None], ...]
"""Groups of fields that a version was not shown, each with the `updated_at` of the version that told it last; None
where none did. Groups are customer, email, place and products of an order, customer of a checkout, name, email and
place of a customer, and costs of a product."""


def withheld(**groups: bool) -> Withheld:
    """The groups that are True; no version told them yet."""
    return tuple((group, None) for group, hidden in groups.items() if hidden)
