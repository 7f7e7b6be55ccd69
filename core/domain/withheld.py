"""Fields that Shopify withholds from an app, by group: it answers null for them, as for fields without a value."""

from __future__ import annotations

from datetime import datetime

Withheld = tuple[tuple[str, datetime | None], ...]
"""Groups of fields withheld from a version, each with the `updated_at` of the last version that included it, or None
if no version did. Groups are customer, email, place and products of an order, customer of a checkout, name, email and
place of a customer, and costs of a product."""


def withheld(**groups: bool) -> Withheld:
    """Return the groups that are True, as groups that no version has included yet."""
    return tuple((group, None) for group, hidden in groups.items() if hidden)
