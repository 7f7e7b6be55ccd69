"""What Shopify tells of a record without telling the record: gone, merged, or changed somehow."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What a record is of that tells of something without telling it. Inventory items are never told as deleted."""

    ORDER = "order"
    CUSTOMER = "customer"
    PRODUCT = "product"
    CHECKOUT = "checkout"
    INVENTORY_ITEM = "inventory item"


class Deleted(Struct, frozen=True, gc=False):
    """This order, customer, product or checkout is gone; a tombstone keeps later news of it out.

    Either Shopify says so, or it `is_inferred`, because Shopify, asked for it, has none: then it comes back when the
    API tells of it once more.
    """

    kind: Kind
    shopify_id: int
    deleted_at: datetime
    is_inferred: bool = False


class Merged(Struct, frozen=True, gc=False):
    """Shopify made one customer of two: `kept_id` has what `merged_id` had, and whoever names the latter means it."""

    kept_id: int
    merged_id: int
    merged_at: datetime


class Reread(Struct, frozen=True, gc=False):
    """Shopify told that something changed but not how: it has to be read back through the API."""

    kind: Kind
    shopify_id: int


class Unreadable(Struct, frozen=True, gc=False):
    """Shopify told of a record that lacks what is needed of it. `shopify_id` is 0 where it lacks even that.

    `reason` names fields, never values: they may be a person's. One that `may_heal` is an order that is asked for
    again, because it was Shopify's answer that was missing.
    """

    kind: Kind
    shopify_id: int
    reason: str
    may_heal: bool = False
