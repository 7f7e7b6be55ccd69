"""Map an order's transactions in the API's answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

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
            **_fees(paid),
        )
        for paid in order.each("transactions")
        if paid.has("createdAt") and paid.text("kind") != "SUGGESTED_REFUND"
    )


def _fees(paid: Fields) -> dict[str, Any]:
    """Sum the fees of a payment. Fees in several currencies have no sum."""
    fees = [(fee.object("amount"), fee.object_or_none("taxAmount")) for fee in paid.each("fees") if fee.has("amount")]
    currencies = {amount.text("currencyCode") for amount, _ in fees}
    if len(currencies) != 1:
        return {}
    return {
        "fee": sum((amount.decimal("amount") for amount, _ in fees), Decimal(0)),
        "fee_tax": sum((tax.decimal("amount") for _, tax in fees if tax), Decimal(0)),
        "fee_currency": currencies.pop(),
    }
