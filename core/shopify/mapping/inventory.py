"""Map stock at locations, from the Admin API and from inventory_levels/update, to records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.domain import InventoryLevel, Source
from core.errors import UnmappableError
from core.shopify.mapping.fields import Fields


def levels(node: Mapping[str, object]) -> tuple[InventoryLevel, ...]:
    """Map a node of an inventory item, with all or some of its levels: one for each location that stocks it.

    Raises:
        UnmappableError: the node lacks a field that a record needs.
    """
    item = Fields(node, "the API's inventory item")
    item_id = item.gid()
    return tuple(_level(level, item_id) for level in item.nodes("inventoryLevels"))


def available_level(body: Fields, triggered_at: datetime) -> InventoryLevel:
    """Map the body of inventory_levels/update: the sellable units, null if Shopify does not count them."""
    return InventoryLevel(
        inventory_item_id=_number(body, "inventory_item_id"),
        location_id=_number(body, "location_id"),
        available=body.integer_or_none("available"),
        updated_at=body.time_or_none("updated_at") or triggered_at,
        source=Source.WEBHOOK,
    )


def _level(level: Fields, item_id: int) -> InventoryLevel:
    location = level.object("location")
    quantities = {quantity.text("name"): quantity.integer("quantity") for quantity in level.each("quantities")}
    return InventoryLevel(
        inventory_item_id=item_id,
        location_id=location.gid(),
        location_name=location.text_or_none("name"),
        available=quantities.get("available"),
        on_hand=quantities.get("on_hand"),
        updated_at=level.time("updatedAt"),
        source=Source.API,
    )


def _number(body: Fields, name: str) -> int:
    """Read an id, given as a number or at the end of a global id."""
    try:
        return body.integer(name)
    except UnmappableError:
        return body.gid(name)
