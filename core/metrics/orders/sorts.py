"""What a list of orders can be narrowed to and sorted by, and which sorts an index has in order."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.metrics.paging import Column, Columns, Kind
from core.metrics.sorting import MOST_SORTED, Sort


class Status(StrEnum):
    """A filter of the list of orders; all names but `ALL` are Shopify's."""

    ALL = "all"
    PAID = "paid"
    PENDING = "pending"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    UNFULFILLED = "unfulfilled"
    CANCELLED = "cancelled"


class OrderKey(StrEnum):
    """What a list of orders can be sorted by."""

    NAME = "name"
    TOTAL = "total"
    CUSTOMER = "customer"
    PLACED = "placed"
    NET_SALES = "net_sales"
    ITEMS = "items"
    PAYMENT = "payment"
    FULFILLMENT = "fulfillment"


NEWEST_FIRST = Sort(OrderKey.PLACED, is_descending=True)

FULFILLMENT_STATE = "CASE WHEN o.cancelled_at IS NULL THEN coalesce(o.fulfillment_status, 'unfulfilled') ELSE '~' END"
"""Cancelled orders come behind every state of fulfillment, whatever theirs is."""

_ID = Column("o.order_id", Kind.INTEGER)
_PLACED = (Column("o.business_date", Kind.DAY), Column("o.processed_at", Kind.INSTANT), _ID)
COLUMNS: Mapping[OrderKey, Columns] = {
    # The day is the first column after the store in the index: a page of any period reads its own rows only.
    OrderKey.PLACED: _PLACED,
    OrderKey.NAME: (Column("o.number", Kind.INTEGER, is_nullable=True), Column("o.name_norm", Kind.TEXT), _ID),
    OrderKey.TOTAL: (Column("o.total_sorted", Kind.INTEGER), _ID),
    OrderKey.NET_SALES: (Column("k.net_sales_sorted", Kind.INTEGER), Column("k.order_id", Kind.INTEGER)),
    OrderKey.PAYMENT: (Column("o.financial_status", Kind.TEXT, is_nullable=True, is_state=True), *_PLACED),
    OrderKey.FULFILLMENT: (Column(FULFILLMENT_STATE, Kind.TEXT, is_state=True), *_PLACED),
}
"""The keys that an index has in order, and so the keys with cursors."""


def sortable(count: int) -> tuple[OrderKey, ...]:
    """The keys by which a list of so many orders can be sorted: the others are sums and names beside each order."""
    return tuple(key for key in OrderKey if key in COLUMNS or count <= MOST_SORTED)
