"""Why an order is named where a day was compared with Shopify."""

from __future__ import annotations

from enum import StrEnum


class Finding(StrEnum):
    """How an order was repaired, or why its day still differs. The values are stored with the day."""

    MISSING = "missing"
    """Repaired: the order was not stored here."""
    CHANGED = "changed"
    """Repaired: an older version was stored here."""
    MOVED = "moved"
    """Repaired: the order belongs to another day."""
    REWRITTEN = "rewritten"
    """Repaired: its amounts changed although Shopify's `updated_at` had not."""
    NOT_AT_SHOPIFY = "gone"
    """Repaired: Shopify does not know the order; its row was deleted here."""
    NOT_LISTED = "not listed"
    """Still differs: Shopify does not list an order that is stored here."""
    NOT_FETCHED = "not fetched"
    """Still differs: a re-fetch returned no order."""
    UNREADABLE = "unreadable"
    """Still differs: the order lacks a field that a record needs."""
    DELETED = "deleted"
    """Still differs: Shopify reported the deletion of an order that it lists."""
    TAKEN_FOR_DELETED = "taken for deleted"
    """Still differs: an earlier re-fetch returned no order, so its deletion was inferred."""
    REFUSED = "refused"
    """Still differs: an earlier version of Xeno stored this; new checks give one of the reasons above."""
