"""Where the goods of the made-up shop lie: a few of each thing in its window, the rest in its warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.simulator.admin_api import search_fields
from core.simulator.admin_api.connections import connection
from core.simulator.admin_api.node_parts import Node, listed
from core.simulator.admin_api.search import Fields, Search
from core.simulator.shop.formats import api_amount, api_time, body_time, gid
from core.simulator.shop.model import Product, Variant
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.body_parts import Body

_IN_THE_WINDOW = 3

Searching = Callable[[Any, str | None, Fields], Search]
"""What makes a search of a field's `query`, so that it warns and lags as all do."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place where goods lie."""

    location_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A variant as a thing that lies somewhere."""

    product: Product
    variant: Variant

    @property
    def created_at(self) -> datetime:
        """When the shop had it first."""
        return self.variant.created_at

    @property
    def updated_at(self) -> datetime:
        """Its levels change without it."""
        return self.variant.created_at


@dataclass(frozen=True, slots=True)
class Level:
    """How many units of an item there are at a location."""

    location: Location
    item: Item
    units: int
    updated_at: datetime

    @property
    def created_at(self) -> datetime:
        """When the item came there."""
        return self.item.created_at


def locations(shop: Shop) -> tuple[Location, ...]:
    """The shop's locations; sales take from the first, and what comes back goes there."""
    first = 68_000_000_000 + shop.ids.offset
    return Location(first, "Warehouse"), Location(first + 32_768, "Shop window")


def items(shop: Shop) -> dict[int, Item]:
    """All things that the shop sells, by the number of their inventory item."""
    return {
        variant.inventory_item_id: Item(product, variant)
        for product in shop.products.values()
        for variant in product.variants
    }


def levels(shop: Shop, item: Item) -> list[Level]:
    """Where an item lies; together they are the variant's stock. Gift cards lie nowhere."""
    if item.product.is_gift_card:
        return []
    warehouse, window = locations(shop)
    variant, units = item.variant, item.variant.stock - _IN_THE_WINDOW
    changed = variant.counted_at or variant.created_at
    return [Level(warehouse, item, units, changed), Level(window, item, _IN_THE_WINDOW, variant.created_at)]


def level_body(shop: Shop, level: Level) -> Body:
    """inventory_levels/update."""
    return {
        "inventory_item_id": level.item.variant.inventory_item_id,
        "location_id": level.location.location_id,
        "available": level.units,
        "updated_at": body_time(shop, level.updated_at),
        "admin_graphql_api_id": _level_gid(level),
    }


def item_node(shop: Shop, item: Item) -> Node:
    """An inventory item with its levels."""
    cost, variant = item.variant.unit_cost, item.variant
    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", variant.inventory_item_id),
        "legacyResourceId": str(variant.inventory_item_id),
        "sku": variant.sku,
        "tracked": not item.product.is_gift_card,
        "unitCost": None if cost is None else {"amount": api_amount(cost), "currencyCode": shop.currency},
        "createdAt": api_time(item.created_at),
        "updatedAt": api_time(item.updated_at),
        "inventoryLevels": lambda info, **page: listed(
            levels(shop, item), lambda level: level.location.location_id, lambda level: _level_node(shop, level)
        )(info, **page),
    }


def location_page(shop: Shop, searching: Searching, **page: Any) -> Node:
    """The locations that the API lists, in the order of their ids."""
    every = {place.location_id: place for place in locations(shop)}
    keys = [("", number) for number in sorted(every)]
    return connection(keys, lambda number: _location_node(shop, every[number], searching), **page)


def _location_node(shop: Shop, location: Location, searching: Searching | None = None) -> Node:
    def there(info: Any, query: str | None = None, **page: Any) -> Node:
        found = {level.item.variant.inventory_item_id: level for level in _levels_at(shop, location)}
        search = searching(info, query, search_fields.INVENTORY_LEVELS) if searching else Search()
        keys = [("", number) for number in sorted(found) if search.matches(found[number])]
        return connection(keys, lambda number: _level_node(shop, found[number]), **page)

    return {
        "__typename": "Location",
        "id": gid("Location", location.location_id),
        "legacyResourceId": str(location.location_id),
        "name": location.name,
        "isActive": True,
        "createdAt": api_time(shop.created_at),
        "updatedAt": api_time(shop.created_at),
        "inventoryLevels": there,
    }


def _levels_at(shop: Shop, location: Location) -> Iterable[Level]:
    every = (level for item in items(shop).values() for level in levels(shop, item))
    return (level for level in every if level.location == location)


def _level_node(shop: Shop, level: Level) -> Node:
    return {
        "__typename": "InventoryLevel",
        "id": _level_gid(level),
        "createdAt": api_time(level.created_at),
        "updatedAt": api_time(level.updated_at),
        "isActive": True,
        "item": lambda _info: item_node(shop, level.item),
        "location": _location_node(shop, level.location),
        "quantities": lambda _info, names: [_quantity(level, name) for name in names],
    }


def _quantity(level: Level, name: str) -> Node:
    """Nothing here is sold and not yet sent: what lies there can be sold."""
    number = level.location.location_id
    item = level.item.variant.inventory_item_id
    return {
        "__typename": "InventoryQuantity",
        "id": f"{gid('InventoryQuantity', number)}?inventory_item_id={item}&name={name}",
        "name": name,
        "quantity": level.units if name in ("available", "on_hand") else 0,
        "updatedAt": api_time(level.updated_at),
    }


def _level_gid(level: Level) -> str:
    """Its number is neither the location's nor the item's."""
    number = level.location.location_id + 1_000_003
    return f"{gid('InventoryLevel', number)}?inventory_item_id={level.item.variant.inventory_item_id}"
