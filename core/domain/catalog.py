"""The records around orders: customers, products with their variants, stock, checkouts that were begun, and carts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from core.domain.source import Source
from core.domain.withheld import Withheld


class Customer(Struct, frozen=True, gc=False):
    """A customer. Names, email and place are None if the merchant's app may not see them.

    `orders_count` and `amount_spent` are Shopify's own totals. Webhooks lost them in 2025-01 and have None, which
    never overwrites a figure from the API. Shopify computes `rfm_group` (champions, at_risk, …) and
    `predicted_spend_tier` (high, medium, low) without a change of `updated_at`. With `has_statistics`, Shopify was
    asked for both, and a None says that it has none any more.
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
    rfm_group: str | None = None
    predicted_spend_tier: str | None = None
    has_statistics: bool = False
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

    `variants_complete` is False if the source may have cut the list (webhooks list 100 at most). Variants that
    are missing from an incomplete list are not deleted.
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
    """The units of a variant's inventory item at one location.

    `available` units can be sold (below zero if too many were); None if they are not counted. `on_hand` units are
    there, sold or not. Webhooks have neither `on_hand` nor `location_name`. The name is also None if the app may not
    read locations.
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
    """A checkout that was begun; `completed_at` is set if it was finished. The API lists abandoned checkouts only.

    `subtotal` and `total` contain tax if `taxes_included`, as Shopify gives them. `lines` are complete. Lines of a
    webhook have no ids of Shopify's, and are numbered from 1.

    The `token` stands on the order that ends it, too; `cart_token` names its cart. `recovery_path` is the part of the
    recovery link behind the host. The link opens the checkout to its holder, so it stands in no log.
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
    token: str | None = None
    cart_token: str | None = None
    recovery_path: str | None = None
    lines: tuple[CheckoutLine, ...] = ()
    source: Source = Source.API
    withheld: Withheld = ()


class Cart(Struct, frozen=True, gc=False):
    """A cart of the online store, by its token. `total` is after the discounts on its lines.

    `currency` is the shop's, or None if the source names none: then the buyer may see another one.
    """

    cart_token: str
    created_at: datetime
    updated_at: datetime
    units: int
    total: Decimal
    currency: str | None = None
    source: Source = Source.WEBHOOK
