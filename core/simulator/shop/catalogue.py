"""The shop's products: plausible names, one to four variants, prices and costs in the shop's currency."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from core.simulator.shop.amounts import decimals, rounded
from core.simulator.shop.assortments import ASSORTMENTS, GIFT_CARD, ProductPlan
from core.simulator.shop.model import Product, Variant
from core.simulator.shop.shop import Shop


def add_products(shop: Shop, rng: random.Random) -> None:
    """Add the products of the shop's assortment and a gift card. Popularity differs, so that best sellers exist."""
    for index, plan in enumerate(ASSORTMENTS[shop.spec.assortment].plans):
        product = _product(shop, rng, plan, popularity=1 / (1 + index % 12) ** 0.7 * rng.uniform(0.6, 1.4))
        shop.products[product.product_id] = product
    card = _product(shop, rng, GIFT_CARD, popularity=0.0)
    card.is_gift_card = True
    for variant, price in zip(card.variants, (25, 50, 100), strict=True):
        variant.price, variant.unit_cost, variant.stock = local_price(Decimal(price), shop.spec.currency), None, 0
    shop.products[card.product_id] = card


def local_price(euros: Decimal, currency: str) -> Decimal:
    """Return an amount of about the same value in `currency` as `euros`, in its minor unit."""
    factor = {0: Decimal(150), 3: Decimal("0.35")}.get(decimals(currency), Decimal(1))
    return rounded(euros * factor, currency)


def _product(shop: Shop, rng: random.Random, plan: ProductPlan, popularity: float) -> Product:
    created = shop.created_at + timedelta(minutes=rng.randrange(60 * 24))
    handle = plan.title.lower().replace(" ", "-")
    product = Product(
        product_id=shop.ids.next("product"),
        title=plan.title,
        handle=handle,
        vendor=rng.choice(ASSORTMENTS[shop.spec.assortment].vendors),
        product_type=plan.product_type,
        option=plan.option,
        tags=(plan.product_type.lower(), rng.choice(("new", "classic", "gift"))),
        popularity=popularity,
        created_at=created,
        updated_at=created,
    )
    letters = "".join(word[0] for word in plan.title.split()) + plan.title.split()[-1][1:3].upper()
    for index, value in enumerate(plan.values):
        product.variants.append(_variant(shop, rng, plan, index, value, f"{letters}-{index + 1:02d}", created))
    return product


def _variant(
    shop: Shop, rng: random.Random, plan: ProductPlan, index: int, value: str, sku: str, created: datetime
) -> Variant:
    currency = shop.spec.currency
    price = local_price(Decimal(plan.price + index * plan.step) + Decimal("0.90"), currency)
    cost = rounded(price * Decimal(rng.randrange(32, 58)) / 100, currency)
    return Variant(
        variant_id=shop.ids.next("variant"),
        inventory_item_id=shop.ids.next("inventory_item"),
        title=value,
        sku=sku,
        price=price,
        position=index + 1,
        stock=rng.randrange(40, 200),
        created_at=created,
        updated_at=created,
        unit_cost=None if rng.random() < 0.08 else cost,  # some costs were never entered
        compare_at_price=rounded(price * Decimal("1.2"), currency) if rng.random() < 0.1 else None,
        barcode=f"40{rng.randrange(10**10, 10**11)}" if rng.random() < 0.8 else None,
    )
