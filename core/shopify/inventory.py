"""Reading what changed of the stock: location by location, the levels that changed in a window."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import QueryRefused
from core.records import InventoryLevel, Kind, Unreadable
from core.shopify import mapping
from core.shopify.client import ShopifyClient
from core.shopify.reading import Page
from core.shopify.sizes import execute_sized


def levels_page(client: ShopifyClient, query: str, after: str | None, first: int = 100) -> Page:
    """At most `first` levels at one location, which may have none; `after` says which location, and where in it.

    Raises as `reading.orders_page`.
    """
    location, place = json.loads(after) if after else (None, None)
    data = execute_sized(
        client,
        "inventory_levels",
        lambda size: {"query": query, "location": location, "after": place, "first": size(first)},
    )
    locations = data["locations"]
    records = tuple(each for node in locations["nodes"] for each in _records(node))
    following = _following(locations, location)
    newest = max((record.updated_at for record in records if isinstance(record, InventoryLevel)), default=None)
    return Page(records, following, following is not None, newest)


def _records(location: Mapping[str, Any]) -> Iterable[InventoryLevel | Unreadable]:
    where = {"id": location["id"], "name": location["name"]}
    for level in location["inventoryLevels"]["nodes"]:
        item = {**level["item"], "inventoryLevels": {"nodes": [{**level, "location": where}]}}
        read = mapping.or_unreadable(Kind.INVENTORY_ITEM, mapping.levels, item)
        yield from (read,) if isinstance(read, Unreadable) else read


def _following(locations: Mapping[str, Any], location: str | None) -> str | None:
    """Where the next page begins: further on at this location, else at the next one; None where that was all."""
    for node in locations["nodes"]:
        levels = node["inventoryLevels"]["pageInfo"]
        if levels["hasNextPage"]:
            return json.dumps([location, _end(levels)])
    info = locations["pageInfo"]
    return json.dumps([_end(info), None]) if info["hasNextPage"] else None


def _end(info: Mapping[str, Any]) -> str:
    if not info["endCursor"]:
        raise QueryRefused("Shopify says that more records follow but not after which; please report it")
    return str(info["endCursor"])
