"""Makes abandoned checkouts and carts.

Those of the past come from a random stream of their own, so that they change nothing else of the shop.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from core.errors import NotFound
from core.simulator.shop.amounts import taxes_on
from core.simulator.shop.checkouts import AbandonedCheckout, Cart, CheckoutLine, cart_token
from core.simulator.shop.countries import tax_rates
from core.simulator.shop.ids import Ids
from core.simulator.shop.model import ZERO, Customer, Order
from core.simulator.shop.shop import Shop

_PER_ORDER = 0.4  # abandoned checkouts for each completed one
_KEPT = timedelta(days=90)
_RECOVERED = 0.2
_MINUTES_UNTIL_RECOVERED = (14, 40, 75, 180, 600, 1500, 2800)


def make_abandoned_checkouts(shop: Shop) -> dict[int, AbandonedCheckout]:
    """Make the abandoned checkouts of the shop's last months, by id, the oldest first."""
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/checkouts")
    ids = Ids(shop.spec.domain)  # not the shop's own, so that a second call makes the same checkouts
    end = shop.spec.midnight(shop.spec.until) + timedelta(hours=20)
    recent = [order for order in shop.orders.values() if end - _KEPT <= order.created_at <= end]
    customers = list(shop.customers.values())
    begun = sorted(_beginnings(shop, rng, recent), key=lambda beginning: beginning[0])
    checkouts = (
        _make_recovered(shop, rng, ids, at, order)
        if order
        else _make_checkout(shop, rng, ids, "", at, rng.choice(customers))
        for at, order in begun
    )
    return {checkout.checkout_id: checkout for checkout in checkouts}


def abandon_checkout(shop: Shop, rng: random.Random, at: datetime, customer: Customer) -> AbandonedCheckout:
    """Add a checkout that a customer begins at `at` and leaves."""
    checkout = _make_checkout(shop, rng, shop.ids, "live_", at, customer)
    shop.checkouts[checkout.checkout_id] = checkout
    shop.carts[checkout.cart.token] = checkout.cart
    return checkout


def fill_cart(shop: Shop, rng: random.Random, at: datetime) -> Cart:
    """Add a cart that a visitor fills at `at` and leaves."""
    cart = Cart(cart_token(shop.ids.next("live_cart")), at, at, _lines(shop, rng, shop.ids, "live_"))
    shop.carts[cart.token] = cart
    return cart


def change_cart(shop: Shop, rng: random.Random, at: datetime, *, is_emptied: bool) -> Cart:
    """Let a visitor change the goods of a cart that reached no checkout, or take all of them out.

    Raises:
        NotFound: there is no such cart.
    """
    begun = {checkout.cart.token for checkout in shop.checkouts.values()}
    cart = rng.choice([cart for cart in shop.carts.values() if cart.token not in begun] or [None])
    if cart is None:
        raise NotFound("Every cart of the shop reached a checkout; fill a cart first")
    lines = () if is_emptied else _lines(shop, rng, shop.ids, "live_")
    shop.carts[cart.token] = replace(cart, updated_at=at, lines=lines)
    return shop.carts[cart.token]


def _beginnings(shop: Shop, rng: random.Random, recent: Iterable[Order]) -> Iterator[tuple[datetime, Order | None]]:
    """Choose when each checkout begins, and the order that ends it, some minutes or days later, if any does."""
    for order in recent:
        if rng.random() >= _PER_ORDER:
            continue
        is_by_checkout = order.source_name == "web" and not order.test and order.customer_id in shop.customers
        if is_by_checkout and rng.random() < _RECOVERED:
            yield order.created_at - timedelta(minutes=rng.choice(_MINUTES_UNTIL_RECOVERED)), order
        else:
            yield order.created_at + timedelta(minutes=rng.randrange(1, 600)), None


def _make_recovered(shop: Shop, rng: random.Random, ids: Ids, at: datetime, order: Order) -> AbandonedCheckout:
    """Make a checkout of the goods that its customer bought in the end."""
    goods = [line for line in order.goods if not line.is_gift_card and line.product_id and line.variant_id]
    lines = tuple(
        CheckoutLine(
            line_id=ids.next("checkout_line"),
            product_id=line.product_id or 0,
            variant_id=line.variant_id or 0,
            title=line.title,
            variant_title=line.variant_title,
            sku=line.sku,
            quantity=line.quantity,
            unit_price=line.unit_price,
        )
        for line in goods
    )
    checkout = _make_checkout(shop, rng, ids, "", at, shop.customers[order.customer_id or 0], lines)
    bought_at = order.created_at
    return replace(checkout, updated_at=bought_at, completed_at=bought_at, order_id=order.order_id)


def _make_checkout(
    shop: Shop,
    rng: random.Random,
    ids: Ids,
    id_prefix: str,
    at: datetime,
    customer: Customer,
    lines: tuple[CheckoutLine, ...] = (),
) -> AbandonedCheckout:
    lines = lines or _lines(shop, rng, ids, id_prefix)
    rates = tax_rates(shop.home, customer.address.country_code, customer.address.province_code)
    goods = sum((line.total for line in lines), ZERO)
    return AbandonedCheckout(
        checkout_id=ids.next(f"{id_prefix}checkout"),
        created_at=at,
        updated_at=at,
        completed_at=None,
        customer=customer,
        lines=lines,
        taxes=taxes_on(goods, rates, included=shop.spec.taxes_included, currency=shop.spec.currency),
    )


def _lines(shop: Shop, rng: random.Random, ids: Ids, id_prefix: str) -> tuple[CheckoutLine, ...]:
    return tuple(_line(shop, rng, ids, id_prefix) for _ in range(rng.choice((1, 1, 1, 2, 3))))


def _line(shop: Shop, rng: random.Random, ids: Ids, id_prefix: str) -> CheckoutLine:
    product = rng.choice([product for product in shop.products.values() if not product.is_gift_card])
    variant = rng.choice(product.variants)
    return CheckoutLine(
        line_id=ids.next(f"{id_prefix}checkout_line"),
        product_id=product.product_id,
        variant_id=variant.variant_id,
        title=product.title,
        variant_title=None if variant.title == "Default Title" else variant.title,
        sku=variant.sku,
        quantity=rng.choice((1, 1, 1, 2)),
        unit_price=variant.price,
    )
