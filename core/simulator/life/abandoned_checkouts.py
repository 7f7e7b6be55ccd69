"""Makes abandoned checkouts, from a random stream of their own, so that they change nothing else of the shop."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from core.simulator.shop.amounts import taxes_on
from core.simulator.shop.checkouts import AbandonedCheckout, CheckoutLine
from core.simulator.shop.countries import tax_rates
from core.simulator.shop.ids import Ids
from core.simulator.shop.model import ZERO, Customer
from core.simulator.shop.shop import Shop

_PER_ORDER = 0.4  # abandoned checkouts for each completed one
_KEPT = timedelta(days=90)
_RECOVERED = 0.1


def make_abandoned_checkouts(shop: Shop) -> dict[int, AbandonedCheckout]:
    """Make the abandoned checkouts of the shop's last months, by id, the oldest first."""
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/checkouts")
    ids = Ids(shop.spec.domain)  # not the shop's own, so that a second call makes the same checkouts
    end = shop.spec.midnight(shop.spec.until) + timedelta(hours=20)
    recent = [order for order in shop.orders.values() if end - _KEPT <= order.created_at <= end]
    customers = list(shop.customers.values())
    times = sorted(order.created_at + timedelta(minutes=rng.randrange(1, 600)) for order in recent)
    checkouts = (
        _make_perhaps_recovered(shop, rng, ids, at, rng.choice(customers))
        for at in times
        if rng.random() < _PER_ORDER
    )
    return {checkout.checkout_id: checkout for checkout in checkouts}


def abandon_checkout(shop: Shop, rng: random.Random, at: datetime, customer: Customer) -> AbandonedCheckout:
    """Add a checkout that a customer begins at `at` and leaves."""
    checkout = _make_checkout(shop, rng, shop.ids, "live_", at, customer)
    shop.checkouts[checkout.checkout_id] = checkout
    return checkout


def _make_perhaps_recovered(
    shop: Shop, rng: random.Random, ids: Ids, at: datetime, customer: Customer
) -> AbandonedCheckout:
    checkout = _make_checkout(shop, rng, ids, "", at, customer)
    recovered_at = at + timedelta(hours=rng.randrange(1, 48)) if rng.random() < _RECOVERED else None
    return replace(checkout, updated_at=recovered_at or at, completed_at=recovered_at)


def _make_checkout(
    shop: Shop, rng: random.Random, ids: Ids, id_prefix: str, at: datetime, customer: Customer
) -> AbandonedCheckout:
    lines = tuple(_line(shop, rng, ids, id_prefix) for _ in range(rng.choice((1, 1, 1, 2, 3))))
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
