"""What people choose, by chance: who buys, what is in the basket, which code they have."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.simulator.life import rare_orders
from core.simulator.life.checkout import Pick, Purchase, place
from core.simulator.shop import customers
from core.simulator.shop.amounts import coined
from core.simulator.shop.catalogue import scaled
from core.simulator.shop.customers import MOST_LOYAL
from core.simulator.shop.demand import sale_of
from core.simulator.shop.model import ZERO, Address, Customer, Discount, Order, Product
from core.simulator.shop.shop import Shop

_TEST, _GIFT_CARD, _WALK_IN, _DRAFT, _UNPAID = 0.012, 0.03, 0.06, 0.05, 0.03
_LEVIED = 0.2  # of the orders that cross a border

Levies = tuple[Decimal, Decimal]
"""Duties, and additional fees."""


def buy(
    shop: Shop,
    rng: random.Random,
    at: datetime,
    customer: Customer | None,
    *,
    picks: Sequence[Pick] | None = None,
    test: bool | None = None,
    may_be_late: bool = True,
    levies: Levies | None = None,
    takes_turns: bool = True,
    told: Mapping[str, Any] | None = None,
) -> Order:
    """Somebody buys something at `at`; without a customer it is a guest. What, whether it is a test, and what duties
    and fees it bears is left to chance if None. `may_be_late`: Shopify may learn of it hours after `at`, from a till
    that was offline. `takes_turns`: it may take those that the spec names. `told` has fields of the purchase."""
    walk_in = rng.random() < _WALK_IN
    address, email = _whereabouts(shop, rng, customer, walk_in=walk_in)
    picks = picks or _basket(shop, rng)
    discounts = _discounts(shop, rng, at, address, first=customer is None or not customer.orders_count)
    late = walk_in and may_be_late and rng.random() < 0.1
    duties, fees = _levies(shop, address, picks) if levies is None else levies
    purchase = Purchase(
        at=at,
        picks=picks,
        customer=customer,
        email=email,
        address=address,
        discounts=discounts,
        shipping=None if walk_in else _shipping(shop, rng, picks),
        tip=scaled(Decimal(rng.randrange(1, 6)), shop.spec.currency) if walk_in and rng.random() < 0.2 else ZERO,
        duties=duties,
        fees=fees,
        source_name="pos" if walk_in else "shopify_draft_order" if rng.random() < _DRAFT else "web",
        test=rng.random() < _TEST if test is None else test,
        is_paid=walk_in or rng.random() >= _UNPAID,
        created_at=at + timedelta(minutes=rng.randrange(30, 600)) if late else None,
    )
    if takes_turns:
        purchase = rare_orders.turned(shop, purchase, is_live=not may_be_late)
    return place(shop, replace(purchase, **told or {}))


def returner(shop: Shop, rng: random.Random) -> Customer:
    """One of those who bought before, the loyal ones most often. There must be one."""
    while True:
        customer = rng.choice(shop.buyers)
        if rng.random() < customer.loyalty / MOST_LOYAL:
            return customer


def _whereabouts(
    shop: Shop, rng: random.Random, customer: Customer | None, *, walk_in: bool
) -> tuple[Address | None, str | None]:
    if customer:
        return None if walk_in else customer.address, customer.email
    return (None, None) if walk_in else customers.guest(shop, rng)


def _basket(shop: Shop, rng: random.Random) -> list[Pick]:
    picks: dict[int, Pick] = {}
    for _ in range(rng.choices((1, 2, 3, 4, 5), (48, 28, 14, 7, 3))[0]):
        pick = any_pick(shop, rng)
        picks.setdefault(pick.variant.variant_id, pick)
    if rng.random() < _GIFT_CARD:
        card = next(product for product in shop.products.values() if product.is_gift_card)
        pick = Pick(card, rng.choice(card.variants))
        if rng.random() < 0.5:
            return [pick]
        picks[pick.variant.variant_id] = pick
    return list(picks.values())


def any_pick(shop: Shop, rng: random.Random) -> Pick:
    """Some of something, the popular things most often."""
    products: list[Product] = list(shop.products.values())
    product = rng.choices(products, [product.popularity for product in products])[0]
    cheap = product.variants[0].price < scaled(Decimal(40), shop.spec.currency)
    quantity = rng.choices((1, 2, 3, 6), (70, 20, 7, 3) if cheap else (94, 6, 0, 0))[0]
    return Pick(product, rng.choice(product.variants), quantity)


def _discounts(
    shop: Shop, rng: random.Random, at: datetime, address: Address | None, *, first: bool
) -> tuple[Discount, ...]:
    sale = sale_of(shop.local(at).date())
    discounts = [sale] if sale and rng.random() < 0.8 else []
    chance = rng.random()
    if chance < 0.1 and first:
        discounts.append(Discount("WELCOME10", "order", Decimal(10), is_percent=True, code="WELCOME10"))
    elif chance < 0.16:
        five = scaled(Decimal(5), shop.spec.currency)
        discounts.append(Discount("SAVE5", "order", five, is_percent=False, code="SAVE5"))
    elif chance < 0.19 and not discounts:
        discounts.append(Discount("Loyal customer", "line", Decimal(15), is_percent=True))
    if address and rng.random() < 0.03:
        discounts.append(Discount("FREESHIP", "shipping", Decimal(100), is_percent=True, code="FREESHIP"))
    return tuple(discounts)


def _shipping(shop: Shop, rng: random.Random, picks: Sequence[Pick]) -> tuple[str, Decimal] | None:
    if all(pick.product.is_gift_card for pick in picks):
        return None  # sent by email
    if rng.random() < 0.08:
        return "Express", scaled(Decimal("12.90"), shop.spec.currency)
    worth = sum((pick.variant.price * pick.quantity for pick in picks), ZERO)
    free = worth >= scaled(Decimal(90), shop.spec.currency)
    return ("Free shipping", ZERO) if free else ("Standard", scaled(Decimal("4.90"), shop.spec.currency))


def _levies(shop: Shop, address: Address | None, picks: Sequence[Pick]) -> Levies:
    """What some orders that cross a border bear: by a chance of their own, that changes nothing else of the shop."""
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/levies/{shop.next_number}")
    worth = sum((pick.variant.price * pick.quantity for pick in picks if not pick.product.is_gift_card), ZERO)
    if address is None or address.country_code == shop.home.code or not worth or rng.random() >= _LEVIED:
        return ZERO, ZERO
    fee = scaled(Decimal("2.50"), shop.spec.currency) if rng.random() < 0.5 else ZERO
    return coined(worth * Decimal("0.12"), shop.spec.currency), fee
