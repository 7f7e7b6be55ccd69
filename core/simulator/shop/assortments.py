"""What made-up shops sell: an assortment is the products of one kind of shop, and who makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_SIZES = ("S", "M", "L", "XL")
_BAGS = ("12 oz", "2 lb", "5 lb")


@dataclass(frozen=True, slots=True)
class ProductPlan:
    """A planned product. Prices are in euros; a variant's price is `price` plus its index times `step`."""

    title: str
    product_type: str
    option: str
    values: tuple[str, ...]
    price: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class Assortment:
    """The products of one kind of shop, the most popular of each dozen first, and their vendors."""

    vendors: tuple[str, ...]
    plans: tuple[ProductPlan, ...]


_HOME_GOODS = Assortment(
    vendors=("Fieldstone", "Northlight Studio", "Harbour & Pine", "Oak & Ember", "Loom Street"),
    plans=(
        ProductPlan("Linen Apron", "Kitchen", "Colour", ("Sand", "Moss", "Ink"), 39),
        ProductPlan("Stoneware Mug", "Kitchen", "Colour", ("Chalk", "Slate", "Clay", "Fern"), 18),
        ProductPlan("Merino Beanie", "Accessories", "Colour", ("Charcoal", "Rust"), 29),
        ProductPlan("Waxed Canvas Tote", "Bags", "Colour", ("Olive", "Navy"), 69),
        ProductPlan("Enamel Camp Kettle", "Outdoor", "Size", ("1 l", "2 l"), 44, 12),
        ProductPlan("Wool Throw", "Home", "Colour", ("Heather", "Oat", "Forest"), 119),
        ProductPlan("Beeswax Candle", "Home", "Size", ("Small", "Medium", "Large"), 12, 7),
        ProductPlan("Organic Tee", "Clothing", "Size", _SIZES, 32),
        ProductPlan("Flannel Shirt", "Clothing", "Size", _SIZES, 79),
        ProductPlan("Rain Jacket", "Clothing", "Size", _SIZES, 169),
        ProductPlan("Walnut Serving Board", "Kitchen", "Size", ("Medium", "Large"), 54, 20),
        ProductPlan("Pocket Notebook", "Stationery", "Paper", ("Dotted", "Plain", "Ruled"), 9),
        ProductPlan("Field Knife", "Outdoor", "Title", ("Default Title",), 58),
        ProductPlan("Insulated Bottle", "Outdoor", "Size", ("500 ml", "750 ml", "1 l"), 34, 5),
        ProductPlan("Leather Key Loop", "Accessories", "Colour", ("Cognac", "Black"), 16),
        ProductPlan("Cotton Socks", "Clothing", "Size", ("36-40", "41-46"), 14),
        ProductPlan("Cedar Soap", "Bath", "Title", ("Default Title",), 8),
        ProductPlan("Bath Towel", "Bath", "Colour", ("White", "Sage"), 36),
        ProductPlan("Desk Lamp", "Home", "Colour", ("Brass", "Black"), 139),
        ProductPlan("Weekender Bag", "Bags", "Title", ("Default Title",), 219),
        ProductPlan("Spice Tin Set", "Kitchen", "Title", ("Default Title",), 27),
        ProductPlan("Picnic Blanket", "Outdoor", "Colour", ("Check", "Stripe"), 64),
        ProductPlan("Fountain Pen", "Stationery", "Nib", ("Fine", "Medium"), 49),
        ProductPlan("Recycled Phone Sleeve", "Accessories", "Title", ("Default Title",), 22),
    ),
)
_COFFEE = Assortment(
    vendors=("Tidewater", "Switchback Ceramics", "Pier Nine"),
    plans=(
        ProductPlan("Lighthouse Blend", "Coffee", "Bag", _BAGS, 17, 24),
        ProductPlan("Fog Bank Espresso", "Coffee", "Bag", _BAGS, 18, 25),
        ProductPlan("Ethiopia Guji", "Coffee", "Bag", _BAGS, 22, 30),
        ProductPlan("Colombia Huila", "Coffee", "Bag", _BAGS, 20, 27),
        ProductPlan("Decaf Low Tide", "Coffee", "Bag", ("12 oz", "2 lb"), 18, 25),
        ProductPlan("Cold Brew Pouches", "Coffee", "Pack", ("4", "12"), 14, 20),
        ProductPlan("Paper Filters", "Brewing", "Size", ("01", "02"), 7),
        ProductPlan("Pour-Over Dripper", "Brewing", "Color", ("White", "Black"), 28),
        ProductPlan("Gooseneck Kettle", "Brewing", "Title", ("Default Title",), 89),
        ProductPlan("Burr Hand Grinder", "Brewing", "Title", ("Default Title",), 129),
        ProductPlan("Diner Mug", "Drinkware", "Color", ("Cream", "Teal", "Rust"), 16),
        ProductPlan("Espresso Machine", "Machines", "Title", ("Default Title",), 649),
        ProductPlan("Monthly Roast Box", "Coffee", "Title", ("Default Title",), 38),
        ProductPlan("Travel Tumbler", "Drinkware", "Size", ("12 oz", "16 oz"), 32, 4),
        ProductPlan("Roaster Cap", "Merchandise", "Title", ("Default Title",), 27),
    ),
)
ASSORTMENTS: Mapping[str, Assortment] = MappingProxyType({"home goods": _HOME_GOODS, "coffee": _COFFEE})
"""Each assortment by the name that a shop's spec gives it."""

GIFT_CARD = ProductPlan("Gift Card", "Gift Cards", "Amount", ("25", "50", "100"), 25)
