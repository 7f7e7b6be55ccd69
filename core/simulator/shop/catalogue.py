"""The shop's products: plausible names, one to four variants, prices and costs in the shop's currency."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.simulator.shop.amounts import decimals, rounded
from core.simulator.shop.model import Product, Variant
from core.simulator.shop.shop import Shop

_VENDORS = ("Fieldstone", "Northlight Studio", "Harbour & Pine", "Oak & Ember", "Loom Street")
_SIZES = ("S", "M", "L", "XL")


@dataclass(frozen=True, slots=True)
class _ProductPlan:
    """A planned product. Prices are in euros; a variant's price is `price` plus its index times `step`."""

    title: str
    product_type: str
    option: str
    values: tuple[str, ...]
    price: int
    step: int = 0


_PLANS = (
    _ProductPlan("Linen Apron", "Kitchen", "Colour", ("Sand", "Moss", "Ink"), 39),
    _ProductPlan("Stoneware Mug", "Kitchen", "Colour", ("Chalk", "Slate", "Clay", "Fern"), 18),
    _ProductPlan("Merino Beanie", "Accessories", "Colour", ("Charcoal", "Rust"), 29),
    _ProductPlan("Waxed Canvas Tote", "Bags", "Colour", ("Olive", "Navy"), 69),
    _ProductPlan("Enamel Camp Kettle", "Outdoor", "Size", ("1 l", "2 l"), 44, 12),
    _ProductPlan("Wool Throw", "Home", "Colour", ("Heather", "Oat", "Forest"), 119),
    _ProductPlan("Beeswax Candle", "Home", "Size", ("Small", "Medium", "Large"), 12, 7),
    _ProductPlan("Organic Tee", "Clothing", "Size", _SIZES, 32),
    _ProductPlan("Flannel Shirt", "Clothing", "Size", _SIZES, 79),
    _ProductPlan("Rain Jacket", "Clothing", "Size", _SIZES, 169),
    _ProductPlan("Walnut Serving Board", "Kitchen", "Size", ("Medium", "Large"), 54, 20),
    _ProductPlan("Pocket Notebook", "Stationery", "Paper", ("Dotted", "Plain", "Ruled"), 9),
    _ProductPlan("Field Knife", "Outdoor", "Title", ("Default Title",), 58),
    _ProductPlan("Insulated Bottle", "Outdoor", "Size", ("500 ml", "750 ml", "1 l"), 34, 5),
    _ProductPlan("Leather Key Loop", "Accessories", "Colour", ("Cognac", "Black"), 16),
    _ProductPlan("Cotton Socks", "Clothing", "Size", ("36-40", "41-46"), 14),
    _ProductPlan("Cedar Soap", "Bath", "Title", ("Default Title",), 8),
    _ProductPlan("Bath Towel", "Bath", "Colour", ("White", "Sage"), 36),
    _ProductPlan("Desk Lamp", "Home", "Colour", ("Brass", "Black"), 139),
    _ProductPlan("Weekender Bag", "Bags", "Title", ("Default Title",), 219),
    _ProductPlan("Spice Tin Set", "Kitchen", "Title", ("Default Title",), 27),
    _ProductPlan("Picnic Blanket", "Outdoor", "Colour", ("Check", "Stripe"), 64),
    _ProductPlan("Fountain Pen", "Stationery", "Nib", ("Fine", "Medium"), 49),
    _ProductPlan("Recycled Phone Sleeve", "Accessories", "Title", ("Default Title",), 22),
)
_GIFT_CARD = _ProductPlan("Gift Card", "Gift Cards", "Amount", ("25", "50", "100"), 25)


def add_products(shop: Shop, rng: random.Random) -> None:
    """Add all planned products and a gift card to the shop. Popularity differs, so that best sellers exist."""
    for index, plan in enumerate(_PLANS):
        product = _product(shop, rng, plan, popularity=1 / (1 + index % 12) ** 0.7 * rng.uniform(0.6, 1.4))
        shop.products[product.product_id] = product
    card = _product(shop, rng, _GIFT_CARD, popularity=0.0)
    card.is_gift_card = True
    for variant, price in zip(card.variants, (25, 50, 100), strict=True):
        variant.price, variant.unit_cost, variant.stock = local_price(Decimal(price), shop.spec.currency), None, 0
    shop.products[card.product_id] = card


def local_price(euros: Decimal, currency: str) -> Decimal:
    """Return an amount of about the same value in `currency` as `euros`, in its minor unit."""
    factor = {0: Decimal(150), 3: Decimal("0.35")}.get(decimals(currency), Decimal(1))
    return rounded(euros * factor, currency)


def _product(shop: Shop, rng: random.Random, plan: _ProductPlan, popularity: float) -> Product:
    created = shop.created_at + timedelta(minutes=rng.randrange(60 * 24))
    handle = plan.title.lower().replace(" ", "-")
    product = Product(
        product_id=shop.ids.next("product"),
        title=plan.title,
        handle=handle,
        vendor=rng.choice(_VENDORS),
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
    shop: Shop, rng: random.Random, plan: _ProductPlan, index: int, value: str, sku: str, created: datetime
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
