"""The payments of an order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct


class Transaction(Struct, frozen=True, gc=False):
    """One movement of an order's money, or an attempt at one.

    `amount` is in the order's currency and positive, a refund's too. `kind` (sale, authorization, capture, refund,
    void, …) and `status` (success, pending, failure, …) are Shopify's enums in lower case. `gateway` is the payment
    provider's handle, such as shopify_payments or gift_card. `parent_id` is the transaction that this one continues,
    such as the authorization of a capture. `fee` is what the payment provider kept of it, without `fee_tax`, in
    `fee_currency`; None where it is not known: Shopify has the fees of Shopify Payments alone.
    """

    transaction_id: int
    kind: str
    status: str
    processed_at: datetime
    amount: Decimal
    gateway: str | None = None
    parent_id: int | None = None
    test: bool = False
    fee: Decimal | None = None
    fee_tax: Decimal | None = None
    fee_currency: str | None = None
