"""Inventory items, levels and locations as GraphQL nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.simulator.admin_api import search_fields
from core.simulator.admin_api.connections import connection
from core.simulator.admin_api.node_parts import Node, list_connection
from core.simulator.admin_api.search import Fields, Search
from core.simulator.shop.formats import api_amount, api_time, gid
from core.simulator.shop.inventory import Item, Level, Location, level_gid, levels, levels_at, locations
from core.simulator.shop.shop import Shop

SearchFactory = Callable[[Any, str | None, Fields], Search]
"""Makes the search of a field's `query`, which warns and lags like all searches."""


def item_node(shop: Shop, item: Item) -> Node:
    """Draw an inventory item with its levels."""
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
        "inventoryLevels": lambda info, **page: list_connection(
            levels(shop, item), lambda level: level.location.location_id, lambda level: _level_node(shop, level)
        )(info, **page),
    }


def location_page(shop: Shop, searching: SearchFactory, **page: Any) -> Node:
    """Draw the page of locations, in the order of their ids."""
    by_id = {location.location_id: location for location in locations(shop)}
    keys = [("", number) for number in sorted(by_id)]
    return connection(keys, lambda number: _location_node(shop, by_id[number], searching), **page)


def location_node(shop: Shop, location_id: int) -> Node:
    """Draw one location."""
    (location,) = (each for each in locations(shop) if each.location_id == location_id)
    return _location_node(shop, location)


def _location_node(shop: Shop, location: Location, searching: SearchFactory | None = None) -> Node:
    def inventory_levels(info: Any, query: str | None = None, **page: Any) -> Node:
        by_item = {level.item.variant.inventory_item_id: level for level in levels_at(shop, location)}
        search = searching(info, query, search_fields.INVENTORY_LEVELS) if searching else Search()
        keys = [("", number) for number in sorted(by_item) if search.matches(by_item[number])]
        return connection(keys, lambda number: _level_node(shop, by_item[number]), **page)

    return {
        "__typename": "Location",
        "id": gid("Location", location.location_id),
        "legacyResourceId": str(location.location_id),
        "name": location.name,
        "isActive": True,
        "createdAt": api_time(shop.created_at),
        "updatedAt": api_time(shop.created_at),
        "inventoryLevels": inventory_levels,
    }


def _level_node(shop: Shop, level: Level) -> Node:
    return {
        "__typename": "InventoryLevel",
        "id": level_gid(level),
        "createdAt": api_time(level.created_at),
        "updatedAt": api_time(level.updated_at),
        "isActive": True,
        "item": lambda _info: item_node(shop, level.item),
        "location": _location_node(shop, level.location),
        "quantities": lambda _info, names: [_quantity(level, name) for name in names],
    }


def _quantity(level: Level, name: str) -> Node:
    """Draw one quantity. Nothing here is sold and unsent, so everything on hand is available."""
    number = level.location.location_id
    item = level.item.variant.inventory_item_id
    return {
        "__typename": "InventoryQuantity",
        "id": f"{gid('InventoryQuantity', number)}?inventory_item_id={item}&name={name}",
        "name": name,
        "quantity": level.units if name in ("available", "on_hand") else 0,
        "updatedAt": api_time(level.updated_at),
    }
