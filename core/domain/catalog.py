"""What is around orders: customers, products with their variants, stock, checkouts that were begun, and carts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from core.domain.source import Source
from core.domain.withheld import Withheld


class Customer(Struct, frozen=True, gc=False):
    """A customer. Names, email and place are None where the merchant's app may not see them.

    `orders_count` and `amount_spent` are Shopify's own totals, None from webhooks (which lost them in 2025-01);
    a None never overwrites a figure that was read from the API.
    """

    customer_id: int
    updated_at: datetime
    created_at: datetime | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    state: str | None = None
    tags: tuple[str, ...] | None = None
    locale: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    orders_count: int | None = None
    amount_spent: Decimal | None = None
    currency: str | None = None
    source: Source = Source.API
    withheld: Withheld = ()


class Variant(Struct, frozen=True, gc=False):
    """A variant of a product; `price` and `unit_cost` are in the shop's currency, the latter None if unknown."""

    variant_id: int
    title: str
    price: Decimal
    sku: str | None = None
    barcode: str | None = None
    compare_at_price: Decimal | None = None
    position: int | None = None
    inventory_item_id: int | None = None
    inventory_quantity: int | None = None
    unit_cost: Decimal | None = None


class Product(Struct, frozen=True, gc=False):
    """A product with its variants.

    `variants_complete` is False where the source may have cut the list (webhooks list 100 at most): variants
    that are missing from an incomplete list are kept.
    """

    product_id: int
    title: str
    updated_at: datetime
    created_at: datetime | None = None
    published_at: datetime | None = None
    handle: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    status: str | None = None
    tags: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    variants_complete: bool = True
    source: Source = Source.API
    withheld: Withheld = ()


class InventoryLevel(Struct, frozen=True, gc=False):
    """The units of an inventory item, which is a variant's, at one location.

    `available` can be sold (below zero where too many were); None where they are not counted. `on_hand` lies there,
    sold or not; it and `location_name` are None from webhooks, which do not tell them, and the name is where the app
    may not know it.
    """

    inventory_item_id: int
    location_id: int
    updated_at: datetime
    available: int | None = None
    on_hand: int | None = None
    location_name: str | None = None
    source: Source = Source.API


class CheckoutLine(Struct, frozen=True, gc=False):
    """One line of a checkout. `unit_price` is before discounts, `total` after them, for all units."""

    checkout_line_id: int
    quantity: int
    unit_price: Decimal
    total: Decimal
    title: str | None = None
    variant_title: str | None = None
    sku: str | None = None
    product_id: int | None = None
    variant_id: int | None = None


class Checkout(Struct, frozen=True, gc=False):
    """A checkout that was begun; `completed_at` where it was finished. The API tells only of those that were left.

    `subtotal` and `total` contain tax where `taxes_included`, as Shopify gives them. `lines` are complete; those of
    a webhook have no ids of Shopify's, and are numbered from 1.
    """

    checkout_id: int
    created_at: datetime
    updated_at: datetime
    currency: str
    subtotal: Decimal
    total: Decimal
    discounts: Decimal = Decimal(0)
    tax: Decimal | None = None
    taxes_included: bool = False
    completed_at: datetime | None = None
    customer_id: int | None = None
    country: str | None = None
    discount_codes: tuple[str, ...] = ()
    lines: tuple[CheckoutLine, ...] = ()
    source: Source = Source.API
    withheld: Withheld = ()


class Cart(Struct, frozen=True, gc=False):
    """A cart of the online store, by its token. `total` is after the discounts on its lines, in `currency`: the
    shop's, or None where the source names none (then it may be the one that the buyer sees)."""

    cart_token: str
    created_at: datetime
    updated_at: datetime
    units: int
    total: Decimal
    currency: str | None = None
    source: Source = Source.WEBHOOK
