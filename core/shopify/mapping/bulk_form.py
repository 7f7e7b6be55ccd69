"""The form of a bulk operation's lines: what `bulk_orders.graphql` requests, as types for the decoder."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

Instant = Annotated[datetime, Meta(tz=True)]


class Money(Struct):
    amount: Decimal


class Bag(Struct):
    shopMoney: Money


class BothSides(Struct):
    shopMoney: Money
    presentmentMoney: Money | None = None


class Named(Struct):
    id: str


class Place(Struct):
    countryCodeV2: str | UnsetType | None = UNSET
    provinceCode: str | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET


class Location(Struct):
    id: str
    name: str | None = None


class Labels(Struct):
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    term: str | None = None


class Visit(Struct):
    occurredAt: Instant
    source: str | None = None
    sourceType: str | None = None
    referrerUrl: str | None = None
    landingPage: str | None = None
    utmParameters: Labels | None = None


class Journey(Struct):
    firstVisit: Visit | None = None
    lastVisit: Visit | None = None
    daysToConversion: int | None = None


class Discount(Struct):
    typename: str = field(name="__typename")
    code: str | None = None
    title: str | None = None


class Allocation(Struct):
    allocatedAmountSet: Bag
    discountApplication: Discount | None = None


class Tax(Struct):
    title: str
    priceSet: Bag
    rate: Decimal | None = None


class Shipping(Struct):
    title: str
    originalPriceSet: Bag
    id: str | None = None
    isRemoved: bool | None = None
    discountAllocations: list[Allocation] | None = None
    taxLines: list[Tax] | None = None


class Line(Struct):
    id: str
    title: str
    quantity: int
    originalUnitPriceSet: Bag
    variantTitle: str | None = None
    sku: str | None = None
    vendor: str | None = None
    currentQuantity: int | None = None
    isGiftCard: bool | None = None
    product: Named | UnsetType | None = UNSET
    variant: Named | UnsetType | None = UNSET
    discountAllocations: list[Allocation] | None = None
    taxLines: list[Tax] | None = None


class FeeMoney(Struct):
    amount: Decimal
    currencyCode: str


class Fee(Struct):
    amount: FeeMoney
    taxAmount: FeeMoney | None = None


class Payment(Struct):
    id: str
    kind: str
    status: str
    createdAt: Instant
    amountSet: Bag
    processedAt: Instant | None = None
    gateway: str | None = None
    test: bool | None = None
    parentTransaction: Named | None = None
    fees: list[Fee] | None = None


class Order(Struct):
    id: str
    name: str
    currencyCode: str
    createdAt: Instant
    processedAt: Instant
    updatedAt: Instant
    edited: bool
    returnStatus: str
    refunds: list[Named]
    totalPriceSet: BothSides
    originalTotalPriceSet: BothSides | None = None
    number: int | None = None
    test: bool | None = None
    cancelledAt: Instant | None = None
    taxesIncluded: bool | None = None
    displayFulfillmentStatus: str | None = None
    customer: Named | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    shippingAddress: Place | UnsetType | None = UNSET
    billingAddress: Place | UnsetType | None = UNSET
    tags: list[str] | None = None
    retailLocation: Location | None = None
    customerJourneySummary: Journey | None = None
    discountCodes: list[str] | None = None
    subtotalPriceSet: Bag | None = None
    totalDiscountsSet: Bag | None = None
    totalTaxSet: Bag | None = None
    totalShippingPriceSet: Bag | None = None
    totalTipReceivedSet: Bag | None = None
    currentTotalPriceSet: Bag | None = None
    originalTotalDutiesSet: Bag | None = None
    originalTotalAdditionalFeesSet: Bag | None = None
    shippingLine: Shipping | None = None
    transactions: list[Payment] | None = None
