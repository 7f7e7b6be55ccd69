"""The products on the shelves: believable names, one to four variants, prices and costs in the shop's currency."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.simulator.shop.amounts import coined, decimals
from core.simulator.shop.model import Product, Variant
from core.simulator.shop.shop import Shop

_VENDORS = ("Fieldstone", "Northlight Studio", "Harbour & Pine", "Oak & Ember", "Loom Street")
_SIZES = ("S", "M", "L", "XL")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A product as it is planned: prices are in euros, a variant's is the base plus its step."""

    title: str
    product_type: str
    option: str
    values: tuple[str, ...]
    price: int
    step: int = 0


_KINDS = (
    _Kind("Linen Apron", "Kitchen", "Colour", ("Sand", "Moss", "Ink"), 39),
    _Kind("Stoneware Mug", "Kitchen", "Colour", ("Chalk", "Slate", "Clay", "Fern"), 18),
    _Kind("Merino Beanie", "Accessories", "Colour", ("Charcoal", "Rust"), 29),
    _Kind("Waxed Canvas Tote", "Bags", "Colour", ("Olive", "Navy"), 69),
    _Kind("Enamel Camp Kettle", "Outdoor", "Size", ("1 l", "2 l"), 44, 12),
    _Kind("Wool Throw", "Home", "Colour", ("Heather", "Oat", "Forest"), 119),
    _Kind("Beeswax Candle", "Home", "Size", ("Small", "Medium", "Large"), 12, 7),
    _Kind("Organic Tee", "Clothing", "Size", _SIZES, 32),
    _Kind("Flannel Shirt", "Clothing", "Size", _SIZES, 79),
    _Kind("Rain Jacket", "Clothing", "Size", _SIZES, 169),
    _Kind("Walnut Serving Board", "Kitchen", "Size", ("Medium", "Large"), 54, 20),
    _Kind("Pocket Notebook", "Stationery", "Paper", ("Dotted", "Plain", "Ruled"), 9),
    _Kind("Field Knife", "Outdoor", "Title", ("Default Title",), 58),
    _Kind("Insulated Bottle", "Outdoor", "Size", ("500 ml", "750 ml", "1 l"), 34, 5),
    _Kind("Leather Key Loop", "Accessories", "Colour", ("Cognac", "Black"), 16),
    _Kind("Cotton Socks", "Clothing", "Size", ("36-40", "41-46"), 14),
    _Kind("Cedar Soap", "Bath", "Title", ("Default Title",), 8),
    _Kind("Bath Towel", "Bath", "Colour", ("White", "Sage"), 36),
    _Kind("Desk Lamp", "Home", "Colour", ("Brass", "Black"), 139),
    _Kind("Weekender Bag", "Bags", "Title", ("Default Title",), 219),
    _Kind("Spice Tin Set", "Kitchen", "Title", ("Default Title",), 27),
    _Kind("Picnic Blanket", "Outdoor", "Colour", ("Check", "Stripe"), 64),
    _Kind("Fountain Pen", "Stationery", "Nib", ("Fine", "Medium"), 49),
    _Kind("Recycled Phone Sleeve", "Accessories", "Title", ("Default Title",), 22),
)
_GIFT_CARD = _Kind("Gift Card", "Gift Cards", "Amount", ("25", "50", "100"), 25)


def stock(shop: Shop, rng: random.Random) -> None:
    """Fill the shop's shelves: every product there is, some dearer to the buyers than others, and a gift card."""
    for place, kind in enumerate(_KINDS):
        product = _product(shop, rng, kind, popularity=1 / (1 + place % 12) ** 0.7 * rng.uniform(0.6, 1.4))
        shop.products[product.product_id] = product
    card = _product(shop, rng, _GIFT_CARD, popularity=0.0)
    card.is_gift_card = True
    for variant, price in zip(card.variants, (25, 50, 100), strict=True):
        variant.price, variant.unit_cost, variant.stock = scaled(Decimal(price), shop.spec.currency), None, 0
    shop.products[card.product_id] = card


def scaled(euros: Decimal, currency: str) -> Decimal:
    """An amount that means about as much in `currency` as `euros` does, in its smallest coin."""
    factor = {0: Decimal(150), 3: Decimal("0.35")}.get(decimals(currency), Decimal(1))
    return coined(euros * factor, currency)


def _product(shop: Shop, rng: random.Random, kind: _Kind, popularity: float) -> Product:
    created = shop.created_at + timedelta(minutes=rng.randrange(60 * 24))
    handle = kind.title.lower().replace(" ", "-")
    product = Product(
        product_id=shop.ids.next("product"),
        title=kind.title,
        handle=handle,
        vendor=rng.choice(_VENDORS),
        product_type=kind.product_type,
        option=kind.option,
        tags=(kind.product_type.lower(), rng.choice(("new", "classic", "gift"))),
        popularity=popularity,
        created_at=created,
        updated_at=created,
    )
    letters = "".join(word[0] for word in kind.title.split()) + kind.title.split()[-1][1:3].upper()
    for place, value in enumerate(kind.values):
        product.variants.append(_variant(shop, rng, kind, place, value, f"{letters}-{place + 1:02d}", created))
    return product


def _variant(
    shop: Shop, rng: random.Random, kind: _Kind, place: int, value: str, sku: str, created: datetime
) -> Variant:
    currency = shop.spec.currency
    price = scaled(Decimal(kind.price + place * kind.step) + Decimal("0.90"), currency)
    cost = coined(price * Decimal(rng.randrange(32, 58)) / 100, currency)
    return Variant(
        variant_id=shop.ids.next("variant"),
        inventory_item_id=shop.ids.next("inventory_item"),
        title=value,
        sku=sku,
        price=price,
        position=place + 1,
        stock=rng.randrange(40, 200),
        created_at=created,
        updated_at=created,
        unit_cost=None if rng.random() < 0.08 else cost,  # some costs were never entered
        compare_at_price=coined(price * Decimal("1.2"), currency) if rng.random() < 0.1 else None,
        barcode=f"40{rng.randrange(10**10, 10**11)}" if rng.random() < 0.8 else None,
    )
