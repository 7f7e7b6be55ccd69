"""The locations of a made-up shop, and how many units of each variant lie there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.simulator.shop.formats import gid
from core.simulator.shop.model import Product, Variant
from core.simulator.shop.shop import Shop

_IN_THE_WINDOW = 3


@dataclass(frozen=True, slots=True)
class Location:
    """A place where goods lie."""

    location_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A variant as an inventory item."""

    product: Product
    variant: Variant

    @property
    def created_at(self) -> datetime:
        """When the shop first had it."""
        return self.variant.created_at

    @property
    def updated_at(self) -> datetime:
        """When the item itself changed; a change of its levels does not count."""
        return self.variant.created_at


@dataclass(frozen=True, slots=True)
class Level:
    """The number of units of an item at a location."""

    location: Location
    item: Item
    units: int
    updated_at: datetime

    @property
    def created_at(self) -> datetime:
        """When the item came there."""
        return self.item.created_at


def locations(shop: Shop) -> tuple[Location, ...]:
    """Return the shop's locations. Sales take from the first, and returned goods go there."""
    first = 68_000_000_000 + shop.ids.offset
    return Location(first, "Warehouse"), Location(first + 32_768, "Shop window")


def items(shop: Shop) -> dict[int, Item]:
    """Return the inventory items of all products, by number."""
    return {
        variant.inventory_item_id: Item(product, variant)
        for product in shop.products.values()
        for variant in product.variants
    }


def levels(shop: Shop, item: Item) -> list[Level]:
    """Return an item's levels, whose sum is the variant's stock. Gift cards have none."""
    if item.product.is_gift_card:
        return []
    warehouse, window = locations(shop)
    variant, units = item.variant, item.variant.stock - _IN_THE_WINDOW
    changed = variant.counted_at or variant.created_at
    return [Level(warehouse, item, units, changed), Level(window, item, _IN_THE_WINDOW, variant.created_at)]


def levels_at(shop: Shop, location: Location) -> Iterable[Level]:
    """Return all levels at one location."""
    all_levels = (level for item in items(shop).values() for level in levels(shop, item))
    return (level for level in all_levels if level.location == location)


def level_gid(level: Level) -> str:
    """Return the global id of a level. Its number is neither the location's nor the item's."""
    number = level.location.location_id + 1_000_003
    return f"{gid('InventoryLevel', number)}?inventory_item_id={level.item.variant.inventory_item_id}"
