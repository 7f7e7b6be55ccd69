"""A shop so small that its totals can be added up by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core.simulator.life.checkout import CartItem, Purchase, place_order
from core.simulator.shop.ids import Ids
from core.simulator.shop.model import Address, Customer, Order, Product, Variant
from core.simulator.shop.shop import Shop, ShopSpec

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = Address(1, "Lindenstraße 1", "Berlin", "10115", "Germany", "DE")
ZURICH = Address(2, "Seestrasse 2", "Zürich", "8001", "Switzerland", "CH", "Zürich", "ZH")


def tiny_shop(**spec: Any) -> Shop:
    """Make a shop in Berlin with a mug of 10.00, a lamp of 99.99 and a gift card of 50.00, without customers."""
    fields = {"domain": "tiny.myshopify.com", "until": date(2026, 12, 31), "days": 365} | spec
    shop = Shop(ShopSpec(**fields), OPENED, Ids("tiny"))
    for title, price in (("Mug", "10.00"), ("Lamp", "99.99"), ("Gift Card", "50.00")):
        product = _product(shop, title, Decimal(price))
        shop.products[product.product_id] = product
    return shop


def cart_item(shop: Shop, title: str, quantity: int = 1) -> CartItem:
    """Make a cart item of the product with this title."""
    product = next(candidate for candidate in shop.products.values() if candidate.title == title)
    return CartItem(product, product.variants[0], quantity)


def order(shop: Shop, at: str, *titles: str | tuple[str, int], **purchase: Any) -> Order:
    """Place an order at `at` (ISO, with its offset). Unless given, it is sent to Berlin without shipping costs."""
    cart = [cart_item(shop, *((title,) if isinstance(title, str) else title)) for title in titles]
    fields = {"address": BERLIN} | purchase
    return place_order(shop, Purchase(datetime.fromisoformat(at).astimezone(UTC), cart, **fields))


def customer(shop: Shop, first_name: str) -> Customer:
    """Add a customer with an account."""
    account = Customer(
        shop.ids.next("customer"),
        first_name,
        "Test",
        f"{first_name.lower()}@example.com",
        "de",
        BERLIN,
        OPENED,
        OPENED,
    )
    shop.customers[account.customer_id] = account
    return account


def _product(shop: Shop, title: str, price: Decimal) -> Product:
    variant = Variant(
        shop.ids.next("variant"),
        shop.ids.next("inventory_item"),
        "Default Title",
        title,
        price,
        1,
        100,
        OPENED,
        OPENED,
    )
    return Product(
        shop.ids.next("product"), title, title.lower(), "Test", "Things", "Title", (), 1.0, OPENED, OPENED, [variant],
        is_gift_card=title == "Gift Card",
    )  # fmt: skip
