"""Stock at locations, as the Admin API and inventory_levels/update tell of it, becomes records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.domain import InventoryLevel, Source
from core.errors import UnmappableError
from core.shopify.mapping.fields import Fields


def levels(node: Mapping[str, Any]) -> tuple[InventoryLevel, ...]:
    """A node of an inventory item, with its levels or some of them: one for each location that has it.

    Raises:
        UnmappableError: the node lacks what a record needs.
    """
    item = Fields(node, "the API's inventory item")
    item_id = item.gid()
    return tuple(_level(level, item_id) for level in item.nodes("inventoryLevels"))


def told(body: Fields, triggered_at: datetime) -> InventoryLevel:
    """The body of inventory_levels/update: the units that can be sold, null where they are not counted."""
    return InventoryLevel(
        inventory_item_id=_number(body, "inventory_item_id"),
        location_id=_number(body, "location_id"),
        available=body.integer_or_none("available"),
        updated_at=body.time_or_none("updated_at") or triggered_at,
        source=Source.WEBHOOK,
    )


def _level(level: Fields, item_id: int) -> InventoryLevel:
    location = level.object("location")
    quantities = {each.text("name"): each.integer("quantity") for each in level.each("quantities")}
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
    """An id, as a number or at the end of a global id."""
    try:
        return body.integer(name)
    except UnmappableError:
        return body.gid(name)
