"""The rows of the ledger.

Signs: a row's `net` (before tax, after discounts) and `tax` are positive where they add to sales, negative where they
take away. `discount` (before tax) is positive where it lowered a price. Gross sales are net + discount.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class Action(StrEnum):
    """How a sale row changes sales."""

    ORDER = "order"
    UPDATE = "update"
    RETURN = "return"


class LineType(StrEnum):
    """What a sale row is about."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    TIP = "tip"
    GIFT_CARD = "gift_card"
    DUTY = "duty"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    UNKNOWN = "unknown"
    """A kind of sale that this version does not know. It is in no figure, and Data health names its order."""


class SaleRow(Struct, frozen=True, gc=False):
    """One row of the ledger. `reason` is order, order_edit, refund or return."""

    happened_at: datetime
    reason: str
    action: Action
    line_type: LineType
    quantity: int
    net: Decimal
    discount: Decimal
    tax: Decimal
    line_item_id: int | None = None
    product_id: int | None = None
    variant_id: int | None = None
