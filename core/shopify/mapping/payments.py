"""Map an order's transactions in the API's answers."""

from __future__ import annotations

from core.domain import Transaction
from core.shopify.mapping.fields import Fields


def of_order(order: Fields) -> tuple[Transaction, ...]:
    """Return the transactions that were requested whole, without the refunds that Shopify only suggests."""
    return tuple(
        Transaction(
            transaction_id=paid.gid(),
            kind=paid.text("kind").lower(),
            status=paid.text("status").lower(),
            # Null while nothing was processed.
            processed_at=paid.time_or_none("processedAt") or paid.time("createdAt"),
            amount=paid.shop_amount("amountSet"),
            gateway=paid.text_or_none("gateway"),
            parent_id=paid.gid_of("parentTransaction"),
            test=paid.flag("test"),
        )
        for paid in order.each("transactions")
        if paid.has("createdAt") and paid.text("kind") != "SUGGESTED_REFUND"
    )
