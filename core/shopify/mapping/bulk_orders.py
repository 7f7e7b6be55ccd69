"""Map lines of a bulk operation's orders to records, decoded by type: a first load has millions of them.

A line with any surprise is left to `core.shopify.mapping.nodes`, which accepts more and names the fault. Both map a
line to the same record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import UNSET, MsgspecError, UnsetType, defstruct
from msgspec.json import Decoder

from core.domain import (
    Allocation,
    LineItem,
    Order,
    OrderAnswer,
    ShippingLine,
    Source,
    TaxLine,
    Transaction,
    Withheld,
    tips,
    withheld,
)
from core.shopify.mapping import bulk_form as form
from core.shopify.mapping import discounts, journeys
from core.shopify.mapping.bulk_values import lower as _lower
from core.shopify.mapping.bulk_values import text as _text
from core.shopify.mapping.bulk_values import utc as _utc
from core.shopify.mapping.plain_fields import PLAIN_FIELDS

_GID = re.compile(r"\Agid://shopify/\w+/(\d+)\Z", re.ASCII)
_ZERO = Decimal(0)

T = TypeVar("T")


_ORDER_TYPE: Any = defstruct("_OrderLine", [(f.in_api, str | None, None) for f in PLAIN_FIELDS], bases=(form.Order,))
_order: Callable[[bytes], form.Order] = Decoder(_ORDER_TYPE).decode
_line = Decoder(form.Line).decode
_NOWHERE = form.Place(None, None, None)


class Unexpected(Exception):
    """A line does not have exactly the expected form; `nodes` may be able to map it."""


def order(line: bytes, children: Sequence[bytes]) -> tuple[Order, bool]:
    """Map an order. The flag is True if the line and its children hold all of the order's sales: see `long_lists`.

    Raises:
        Unexpected: see there.
    """
    try:
        node = _order(line)
        decoded = [_line(child) for child in children]
        lines = [_line_item(child) for child in decoded]
    except (MsgspecError, UnicodeDecodeError):
        raise Unexpected from None
    return _record(node, lines, _withheld(node, decoded), OrderAnswer(line, children)), _is_plain(node)


def _plain_fields(node: form.Order) -> dict[str, Any]:
    return {f.name: (_lower if f.is_enum else _text)(getattr(node, f.in_api)) for f in PLAIN_FIELDS}


def _withheld(node: form.Order, lines: list[form.Line]) -> Withheld:
    """List the groups that the operation left out for lack of a scope; as `core.shopify.mapping.withholding`."""
    products = any(line.product is UNSET or line.variant is UNSET for line in lines)
    shipping_address, billing_address = node.shippingAddress, node.billingAddress
    no_address = shipping_address is UNSET or (shipping_address is None and billing_address is UNSET)
    no_place = no_address or UNSET in _parts(_place(node))
    if not (node.customer is UNSET or node.email is UNSET or no_place or products):
        return ()
    return withheld(customer=node.customer is UNSET, email=node.email is UNSET, place=no_place, products=products)


def _place(node: form.Order) -> form.Place:
    """Return the shipping address, or the billing address of an order that ships nothing."""
    for address in (node.shippingAddress, node.billingAddress):
        if isinstance(address, form.Place):
            return address
    return _NOWHERE


def _parts(place: form.Place) -> tuple[str | UnsetType | None, ...]:
    return place.countryCodeV2, place.provinceCode, place.city


def _is_plain(node: form.Order) -> bool:
    charges = _amount(node.originalTotalDutiesSet) or _amount(node.originalTotalAdditionalFeesSet)
    needs_split = charges or (node.taxesIncluded is True and _amount(node.totalDiscountsSet))
    return not (node.edited or node.cancelledAt or node.refunds or node.returnStatus != "NO_RETURN" or needs_split)


def _record(node: form.Order, lines: list[LineItem], hidden: Withheld, answer: OrderAnswer) -> Order:
    place = _place(node)
    total = node.originalTotalPriceSet or node.totalPriceSet
    shipping = node.shippingLine
    tip = _amount(node.totalTipReceivedSet)
    return Order(
        order_id=_number(node.id),
        name=node.name,
        number=node.number,
        currency=node.currencyCode,
        created_at=_utc(node.createdAt),
        processed_at=_utc(node.processedAt),
        updated_at=_utc(node.updatedAt),
        test=node.test is True,
        cancelled_at=_utc(node.cancelledAt) if node.cancelledAt else None,
        taxes_included=node.taxesIncluded is True,
        fulfillment_status=_lower(node.displayFulfillmentStatus),
        tags=tuple(node.tags or ()),
        location_id=_number(node.retailLocation.id) if node.retailLocation else None,
        location_name=_text(node.retailLocation.name) if node.retailLocation else None,
        journey=journeys.of_line(node.customerJourneySummary),
        customer_id=_number_of(node.customer),
        withheld=hidden,
        email=_text(_present(node.email)),
        country=_text(_present(place.countryCodeV2)),
        province=_text(_present(place.provinceCode)),
        city=_text(_present(place.city)),
        discount_codes=tuple(node.discountCodes or ()),
        presentment_total=_finite(total.presentmentMoney.amount) if total.presentmentMoney else None,
        total=_finite(total.shopMoney.amount),
        subtotal=_amount(node.subtotalPriceSet),
        discounts=_amount(node.totalDiscountsSet),
        tax=_amount(node.totalTaxSet),
        shipping=_amount(node.totalShippingPriceSet),
        tip=tip,
        duties=_amount(node.originalTotalDutiesSet),
        fees=_amount(node.originalTotalAdditionalFeesSet),
        current_total=_amount(node.currentTotalPriceSet),
        line_items=tips.marked(lines, tip),
        shipping_lines=(_shipping_line(shipping),) if shipping else (),
        transactions=_transactions(node.transactions),
        source=Source.API,
        answer=answer,
        **_plain_fields(node),
    )


def _line_item(line: form.Line) -> LineItem:
    return LineItem(
        line_item_id=_number(line.id),
        title=line.title,
        variant_title=_text(line.variantTitle),
        sku=_text(line.sku),
        vendor=_text(line.vendor),
        quantity=line.quantity,
        current_quantity=line.currentQuantity,
        unit_price=_finite(line.originalUnitPriceSet.shopMoney.amount),
        discount=_allocated(line.discountAllocations),
        allocations=_allocations(line.discountAllocations),
        taxes=_taxes(line.taxLines),
        product_id=_number_of(line.product),
        variant_id=_number_of(line.variant),
        is_gift_card=line.isGiftCard is True,
    )


def _shipping_line(line: form.Shipping) -> ShippingLine:
    return ShippingLine(
        # The summary of several shipping lines has no id of its own.
        shipping_line_id=_number(line.id) if line.id else 0,
        title=line.title,
        price=_finite(line.originalPriceSet.shopMoney.amount),
        discount=_allocated(line.discountAllocations),
        allocations=_allocations(line.discountAllocations),
        taxes=_taxes(line.taxLines),
        is_removed=line.isRemoved is True,
    )


def _transactions(payments: list[form.Payment] | None) -> tuple[Transaction, ...]:
    if not payments:
        return ()
    return tuple([_transaction(paid) for paid in payments if paid.kind != "SUGGESTED_REFUND"])


def _transaction(paid: form.Payment) -> Transaction:
    return Transaction(
        transaction_id=_number(paid.id),
        kind=paid.kind.lower(),
        status=paid.status.lower(),
        processed_at=_utc(paid.processedAt or paid.createdAt),
        amount=_finite(paid.amountSet.shopMoney.amount),
        gateway=_text(paid.gateway),
        parent_id=_number_of(paid.parentTransaction),
        test=paid.test is True,
        **_fees(paid.fees),
    )


def _fees(fees: list[form.Fee] | None) -> dict[str, Any]:
    """Sum the fees of a payment. Fees in several currencies have no sum."""
    currencies = {fee.amount.currencyCode for fee in fees or ()}
    if len(currencies) != 1 or not fees:
        return {}
    taxes = [_finite(fee.taxAmount.amount) for fee in fees if fee.taxAmount]
    return {
        "fee": sum([_finite(fee.amount.amount) for fee in fees], _ZERO),
        "fee_tax": sum(taxes, _ZERO),
        "fee_currency": currencies.pop(),
    }


def _allocated(allocations: list[form.Allocation] | None) -> Decimal:
    if not allocations:
        return _ZERO
    return sum([_finite(allocation.allocatedAmountSet.shopMoney.amount) for allocation in allocations], _ZERO)


def _allocations(allocations: list[form.Allocation] | None) -> tuple[Allocation, ...]:
    if not allocations:
        return ()
    return tuple(
        [
            Allocation(
                discounts.kind_in_api(discount.typename),
                _text(discount.code) or _text(discount.title) or "",
                _finite(allocation.allocatedAmountSet.shopMoney.amount),
            )
            for allocation in allocations
            if (discount := allocation.discountApplication)
        ]
    )


def _taxes(taxes: list[form.Tax] | None) -> tuple[TaxLine, ...]:
    if not taxes:
        return ()
    return tuple([TaxLine(tax.title, _rate(tax.rate), _finite(tax.priceSet.shopMoney.amount)) for tax in taxes])


def _rate(rate: Decimal | None) -> Decimal:
    return _finite(rate) if rate else _ZERO


def _amount(bag: form.Bag | None) -> Decimal | None:
    return _finite(bag.shopMoney.amount) if bag else None


def _finite(amount: Decimal) -> Decimal:
    if amount.is_finite():
        return amount
    raise Unexpected


def _number(gid: str) -> int:
    match = _GID.match(gid)
    if match:
        return int(match[1])
    raise Unexpected


def _present(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value


def _number_of(node: form.Named | UnsetType | None) -> int | None:
    return _number(node.id) if isinstance(node, form.Named) else None
