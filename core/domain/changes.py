"""Events about a record that do not carry the record."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """The kind of record that an event is about. Shopify reports no deletion of an inventory item or a return."""

    ORDER = "order"
    CUSTOMER = "customer"
    PRODUCT = "product"
    CHECKOUT = "checkout"
    INVENTORY_ITEM = "inventory item"
    RETURN = "return"


class Deleted(Struct, frozen=True, gc=False):
    """This order, customer, product or checkout was deleted; its tombstone refuses late versions.

    Shopify reported the deletion, unless it `is_inferred`: asked for the record, Shopify had none. An inferred
    deletion ends when the API returns the record.
    """

    kind: Kind
    shopify_id: int
    deleted_at: datetime
    is_inferred: bool = False


class Merged(Struct, frozen=True, gc=False):
    """Shopify merged two customers: `kept_id` has everything that `merged_id` had, and replaces it everywhere."""

    kept_id: int
    merged_id: int
    merged_at: datetime


class Reread(Struct, frozen=True, gc=False):
    """Shopify reported a change without its content: the record has to be re-fetched from the API."""

    kind: Kind
    shopify_id: int


class Unreadable(Struct, frozen=True, gc=False):
    """A record from Shopify that lacks a field it needs. `shopify_id` is 0 if the id is missing, too.

    `reason` names fields, never values: they may be a person's. If the record `may_heal`, it is an order that is
    re-fetched, because a part of Shopify's answer was missing.
    """

    kind: Kind
    shopify_id: int
    reason: str
    may_heal: bool = False
