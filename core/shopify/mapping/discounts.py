"""Map the shares that discounts have of a line, in the API's answers and in webhook bodies."""

from __future__ import annotations

from decimal import Decimal

from core.domain import Allocation, DiscountKind
from core.shopify.mapping.fields import Fields

_ZERO = Decimal(0)
_IN_API = {
    "DiscountCodeApplication": DiscountKind.CODE,
    "AutomaticDiscountApplication": DiscountKind.AUTOMATIC,
    "ManualDiscountApplication": DiscountKind.MANUAL,
    "ScriptDiscountApplication": DiscountKind.SCRIPT,
}
_IN_BODIES = {
    "discount_code": DiscountKind.CODE,
    "automatic": DiscountKind.AUTOMATIC,
    "manual": DiscountKind.MANUAL,
    "script": DiscountKind.SCRIPT,
}


def total_in_api(line: Fields) -> Decimal:
    """Sum the line's shares of all discounts: its own, the order's, and codes (`totalDiscountSet` has only its
    own)."""
    shares = line.each("discountAllocations")
    return sum((share.shop_amount("allocatedAmountSet") for share in shares), _ZERO)


def shares_in_api(line: Fields) -> tuple[Allocation, ...]:
    """Map the line's shares of discounts that the answer names."""
    return tuple(
        Allocation(kind_in_api(discount.text_or_none("__typename")), _label(discount), amount)
        for share in line.each("discountAllocations")
        if (discount := share.object_or_none("discountApplication"))
        for amount in [share.shop_amount("allocatedAmountSet")]
    )


def kind_in_api(typename: str | None) -> DiscountKind:
    """Return the kind of a discount application, by its type's name."""
    return _IN_API.get(typename or "", DiscountKind.UNKNOWN)


def total_in_body(line: Fields) -> Decimal:
    """Sum the line's shares of all discounts. `total_discount` lacks some: of the refund sample's 10.00 it has
    5.00."""
    return sum((share.amount_or_set("amount") for share in line.each("discount_allocations")), _ZERO)


def shares_in_body(line: Fields, order_body: Fields) -> tuple[Allocation, ...]:
    """Map the line's shares of discounts; each names its discount by its place in the order's list."""
    discounts = list(order_body.each("discount_applications"))
    shares = []
    for share in line.each("discount_allocations"):
        place = share.integer_or_none("discount_application_index")
        if place is not None and 0 <= place < len(discounts):
            kind = _IN_BODIES.get(discounts[place].lower_or_none("type") or "", DiscountKind.UNKNOWN)
            shares.append(Allocation(kind, _label(discounts[place]), share.amount_or_set("amount")))
    return tuple(shares)


def _label(discount: Fields) -> str:
    return discount.text_or_none("code") or discount.text_or_none("title") or ""
