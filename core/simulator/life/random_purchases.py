"""Random purchases: who buys, the cart, the discounts, shipping and import charges."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.simulator.life import rare_orders
from core.simulator.life.checkout import CartItem, Purchase, place_order
from core.simulator.shop import customers
from core.simulator.shop.amounts import rounded
from core.simulator.shop.catalogue import local_price
from core.simulator.shop.customers import MAX_LOYALTY
from core.simulator.shop.demand import sale_on
from core.simulator.shop.model import ZERO, Address, Customer, Discount, Order, Product
from core.simulator.shop.shop import Shop

_TEST, _GIFT_CARD, _WALK_IN, _DRAFT, _UNPAID = 0.012, 0.03, 0.06, 0.05, 0.03
_WITH_IMPORT_CHARGES = 0.2  # of the orders that cross a border

ImportCharges = tuple[Decimal, Decimal]
"""Duties, and additional fees."""


def buy(
    shop: Shop,
    rng: random.Random,
    at: datetime,
    customer: Customer | None,
    *,
    cart: Sequence[CartItem] | None = None,
    test: bool | None = None,
    may_be_late: bool = True,
    import_charges: ImportCharges | None = None,
    may_be_rare: bool = True,
    overrides: Mapping[str, Any] | None = None,
) -> Order:
    """Place an order at `at` with random details. Without a customer, a guest buys.

    `cart`, `test` and `import_charges` are random where None. `may_be_late` allows that Shopify learns of the order
    hours after `at`, from a till that was offline. `may_be_rare` allows the rare kinds of orders that the spec names.
    `overrides` are fields of the purchase.
    """
    walk_in = rng.random() < _WALK_IN
    address, email = _address_and_email(shop, rng, customer, walk_in=walk_in)
    cart = cart or _choose_cart(shop, rng)
    discounts = _choose_discounts(shop, rng, at, address, first=customer is None or not customer.orders_count)
    is_late = walk_in and may_be_late and rng.random() < 0.1
    duties, fees = _choose_import_charges(shop, address, cart) if import_charges is None else import_charges
    purchase = Purchase(
        at=at,
        cart=cart,
        customer=customer,
        email=email,
        address=address,
        discounts=discounts,
        shipping=None if walk_in else _choose_shipping(shop, rng, cart),
        tip=local_price(Decimal(rng.randrange(1, 6)), shop.spec.currency) if walk_in and rng.random() < 0.2 else ZERO,
        duties=duties,
        fees=fees,
        source_name="pos" if walk_in else "shopify_draft_order" if rng.random() < _DRAFT else "web",
        test=rng.random() < _TEST if test is None else test,
        is_paid=walk_in or rng.random() >= _UNPAID,
        created_at=at + timedelta(minutes=rng.randrange(30, 600)) if is_late else None,
    )
    if may_be_rare:
        purchase = rare_orders.with_rare_features(shop, purchase, is_live=not may_be_late)
    return place_order(shop, replace(purchase, **overrides or {}))


def choose_returning_customer(shop: Shop, rng: random.Random) -> Customer:
    """Choose a customer with orders, loyal ones most often. There must be one."""
    while True:
        customer = rng.choice(shop.buyers)
        if rng.random() < customer.loyalty / MAX_LOYALTY:
            return customer


def _address_and_email(
    shop: Shop, rng: random.Random, customer: Customer | None, *, walk_in: bool
) -> tuple[Address | None, str | None]:
    if customer:
        return None if walk_in else customer.address, customer.email
    return (None, None) if walk_in else customers.make_guest(shop, rng)


def _choose_cart(shop: Shop, rng: random.Random) -> list[CartItem]:
    cart: dict[int, CartItem] = {}
    for _ in range(rng.choices((1, 2, 3, 4, 5), (48, 28, 14, 7, 3))[0]):
        item = choose_item(shop, rng)
        cart.setdefault(item.variant.variant_id, item)
    if rng.random() < _GIFT_CARD:
        card = next(product for product in shop.products.values() if product.is_gift_card)
        item = CartItem(card, rng.choice(card.variants))
        if rng.random() < 0.5:
            return [item]
        cart[item.variant.variant_id] = item
    return list(cart.values())


def choose_item(shop: Shop, rng: random.Random) -> CartItem:
    """Choose a variant and a quantity, popular products most often."""
    products: list[Product] = list(shop.products.values())
    product = rng.choices(products, [product.popularity for product in products])[0]
    cheap = product.variants[0].price < local_price(Decimal(40), shop.spec.currency)
    quantity = rng.choices((1, 2, 3, 6), (70, 20, 7, 3) if cheap else (94, 6, 0, 0))[0]
    return CartItem(product, rng.choice(product.variants), quantity)


def _choose_discounts(
    shop: Shop, rng: random.Random, at: datetime, address: Address | None, *, first: bool
) -> tuple[Discount, ...]:
    sale = sale_on(shop.local(at).date())
    discounts = [sale] if sale and rng.random() < 0.8 else []
    chance = rng.random()
    if chance < 0.1 and first:
        discounts.append(Discount("WELCOME10", "order", Decimal(10), is_percent=True, code="WELCOME10"))
    elif chance < 0.16:
        five = local_price(Decimal(5), shop.spec.currency)
        discounts.append(Discount("SAVE5", "order", five, is_percent=False, code="SAVE5"))
    elif chance < 0.19 and not discounts:
        discounts.append(Discount("Loyal customer", "line", Decimal(15), is_percent=True))
    if address and rng.random() < 0.03:
        discounts.append(Discount("FREESHIP", "shipping", Decimal(100), is_percent=True, code="FREESHIP"))
    return tuple(discounts)


def _choose_shipping(shop: Shop, rng: random.Random, cart: Sequence[CartItem]) -> tuple[str, Decimal] | None:
    if all(item.product.is_gift_card for item in cart):
        return None  # sent by email
    if rng.random() < 0.08:
        return "Express", local_price(Decimal("12.90"), shop.spec.currency)
    subtotal = sum((item.variant.price * item.quantity for item in cart), ZERO)
    free = subtotal >= local_price(Decimal(90), shop.spec.currency)
    return ("Free shipping", ZERO) if free else ("Standard", local_price(Decimal("4.90"), shop.spec.currency))


def _choose_import_charges(shop: Shop, address: Address | None, cart: Sequence[CartItem]) -> ImportCharges:
    """Choose duties and fees of an order that crosses a border. Its own random stream changes nothing else of the
    shop."""
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/levies/{shop.next_number}")
    subtotal = sum((item.variant.price * item.quantity for item in cart if not item.product.is_gift_card), ZERO)
    if (
        address is None
        or address.country_code == shop.home.code
        or not subtotal
        or rng.random() >= _WITH_IMPORT_CHARGES
    ):
        return ZERO, ZERO
    fee = local_price(Decimal("2.50"), shop.spec.currency) if rng.random() < 0.5 else ZERO
    return rounded(subtotal * Decimal("0.12"), shop.spec.currency), fee
