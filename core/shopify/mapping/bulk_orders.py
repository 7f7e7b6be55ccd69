"""Map lines of a bulk operation's orders to records, decoded by type: a first load has millions of them.

A line with any surprise is left to `core.shopify.mapping.nodes`, which accepts more and names the fault. Both map a
line to the same record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from msgspec import UNSET, Meta, MsgspecError, Struct, UnsetType, defstruct
from msgspec.json import Decoder

from core.domain import LineItem, Order, ShippingLine, Source, TaxLine, Withheld, tips, withheld
from core.shopify.mapping.plain_fields import PLAIN_FIELDS

_GID = re.compile(r"\Agid://shopify/\w+/(\d+)\Z", re.ASCII)
_ZERO = Decimal(0)

T = TypeVar("T")
Instant = Annotated[datetime, Meta(tz=True)]


class _Money(Struct):
    amount: Decimal


class _Bag(Struct):
    shopMoney: _Money


class _BothSides(Struct):
    shopMoney: _Money
    presentmentMoney: _Money | None = None


class _Named(Struct):
    id: str


class _Place(Struct):
    countryCodeV2: str | UnsetType | None = UNSET
    provinceCode: str | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET


class _Allocation(Struct):
    allocatedAmountSet: _Bag


class _Tax(Struct):
    title: str
    priceSet: _Bag
    rate: Decimal | None = None


class _Shipping(Struct):
    title: str
    originalPriceSet: _Bag
    id: str | None = None
    isRemoved: bool | None = None
    discountAllocations: list[_Allocation] | None = None
    taxLines: list[_Tax] | None = None


class _Line(Struct):
    id: str
    title: str
    quantity: int
    originalUnitPriceSet: _Bag
    variantTitle: str | None = None
    sku: str | None = None
    vendor: str | None = None
    currentQuantity: int | None = None
    isGiftCard: bool | None = None
    product: _Named | UnsetType | None = UNSET
    variant: _Named | UnsetType | None = UNSET
    discountAllocations: list[_Allocation] | None = None
    taxLines: list[_Tax] | None = None


class _Order(Struct):
    id: str
    name: str
    currencyCode: str
    createdAt: Instant
    processedAt: Instant
    updatedAt: Instant
    edited: bool
    returnStatus: str
    refunds: list[_Named]
    totalPriceSet: _BothSides
    originalTotalPriceSet: _BothSides | None = None
    number: int | None = None
    test: bool | None = None
    cancelledAt: Instant | None = None
    taxesIncluded: bool | None = None
    displayFulfillmentStatus: str | None = None
    customer: _Named | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    shippingAddress: _Place | UnsetType | None = UNSET
    billingAddress: _Place | UnsetType | None = UNSET
    discountCodes: list[str] | None = None
    subtotalPriceSet: _Bag | None = None
    totalDiscountsSet: _Bag | None = None
    totalTaxSet: _Bag | None = None
    totalShippingPriceSet: _Bag | None = None
    totalTipReceivedSet: _Bag | None = None
    currentTotalPriceSet: _Bag | None = None
    originalTotalDutiesSet: _Bag | None = None
    originalTotalAdditionalFeesSet: _Bag | None = None
    shippingLine: _Shipping | None = None


_ORDER_TYPE: Any = defstruct("_OrderLine", [(f.in_api, str | None, None) for f in PLAIN_FIELDS], bases=(_Order,))
_order: Callable[[bytes], _Order] = Decoder(_ORDER_TYPE).decode
_line = Decoder(_Line).decode
_NOWHERE = _Place(None, None, None)


class Unexpected(Exception):
    """A line does not have exactly the expected form; `nodes` may be able to map it."""


def order(line: bytes, children: Iterable[bytes]) -> tuple[Order, bool]:
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
    return _record(node, lines, _withheld(node, decoded)), _is_plain(node)


def _plain_fields(node: _Order) -> dict[str, Any]:
    return {f.name: (_lower if f.is_enum else _text)(getattr(node, f.in_api)) for f in PLAIN_FIELDS}


def _withheld(node: _Order, lines: list[_Line]) -> Withheld:
    """List the groups that the operation left out for lack of a scope; as `core.shopify.mapping.withholding`."""
    products = any(line.product is UNSET or line.variant is UNSET for line in lines)
    shipping_address, billing_address = node.shippingAddress, node.billingAddress
    no_address = shipping_address is UNSET or (shipping_address is None and billing_address is UNSET)
    no_place = no_address or UNSET in _parts(_place(node))
    if not (node.customer is UNSET or node.email is UNSET or no_place or products):
        return ()
    return withheld(customer=node.customer is UNSET, email=node.email is UNSET, place=no_place, products=products)


def _place(node: _Order) -> _Place:
    """Return the shipping address, or the billing address of an order that ships nothing."""
    for address in (node.shippingAddress, node.billingAddress):
        if isinstance(address, _Place):
            return address
    return _NOWHERE


def _parts(place: _Place) -> tuple[str | UnsetType | None, ...]:
    return place.countryCodeV2, place.provinceCode, place.city


def _is_plain(node: _Order) -> bool:
    charges = _amount(node.originalTotalDutiesSet) or _amount(node.originalTotalAdditionalFeesSet)
    needs_split = charges or (node.taxesIncluded is True and _amount(node.totalDiscountsSet))
    return not (node.edited or node.cancelledAt or node.refunds or node.returnStatus != "NO_RETURN" or needs_split)


def _record(node: _Order, lines: list[LineItem], hidden: Withheld) -> Order:
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
        source=Source.API,
        **_plain_fields(node),
    )


def _line_item(line: _Line) -> LineItem:
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
        taxes=_taxes(line.taxLines),
        product_id=_number_of(line.product),
        variant_id=_number_of(line.variant),
        is_gift_card=line.isGiftCard is True,
    )


def _shipping_line(line: _Shipping) -> ShippingLine:
    return ShippingLine(
        # The summary of several shipping lines has no id of its own.
        shipping_line_id=_number(line.id) if line.id else 0,
        title=line.title,
        price=_finite(line.originalPriceSet.shopMoney.amount),
        discount=_allocated(line.discountAllocations),
        taxes=_taxes(line.taxLines),
        is_removed=line.isRemoved is True,
    )


def _allocated(allocations: list[_Allocation] | None) -> Decimal:
    if not allocations:
        return _ZERO
    return sum([_finite(allocation.allocatedAmountSet.shopMoney.amount) for allocation in allocations], _ZERO)


def _taxes(taxes: list[_Tax] | None) -> tuple[TaxLine, ...]:
    if not taxes:
        return ()
    return tuple([TaxLine(tax.title, _rate(tax.rate), _finite(tax.priceSet.shopMoney.amount)) for tax in taxes])


def _rate(rate: Decimal | None) -> Decimal:
    return _finite(rate) if rate else _ZERO


def _amount(bag: _Bag | None) -> Decimal | None:
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


def _number_of(node: _Named | UnsetType | None) -> int | None:
    return _number(node.id) if isinstance(node, _Named) else None


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def _text(value: str | None) -> str | None:
    return (value.strip() or None) if value else None


def _lower(value: str | None) -> str | None:
    return (value.strip().lower() or None) if value else None
