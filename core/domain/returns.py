"""Goods that a customer sends back, and why."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class ReturnLine(Struct, frozen=True, gc=False):
    """Units of a line that a customer returns, or asked to return.

    `reason` (size_too_small, defective, unwanted, …) and `status` (requested, open, closed, declined, canceled) are
    Shopify's enums in lower case. `reason_name` is the reason in the merchant's words, where Shopify has a definition
    of it. `note` is what the customer or the merchant wrote. `line_item_id` is None where Shopify did not match the
    goods with a line.
    """

    return_line_id: int
    return_id: int
    requested_at: datetime
    status: str
    quantity: int
    reason: str
    reason_name: str | None = None
    note: str | None = None
    line_item_id: int | None = None
