"""Reading what changed of the stock: location by location, the levels that changed in a window; or, where locations
cannot be listed, all levels of the products that changed in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.domain import InventoryLevel, Kind, Product, Unreadable
from core.errors import QueryRefused
from core.shopify import completion, mapping, reading
from core.shopify.client import ShopifyClient
from core.shopify.reading import Page
from core.shopify.sizes import execute_sized, read_by_ids

ITEMS_AT_ONCE = 50
LEVELS = 10
"""Locations: how many come with each item."""


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
    records = tuple(each for node in locations["nodes"] for each in _at(node))
    following = _following(locations, location)
    newest = max((record.updated_at for record in records if isinstance(record, InventoryLevel)), default=None)
    return Page(records, following, following is not None, newest)


def changed_page(client: ShopifyClient, query: str, after: str | None, first: int = 10) -> Page:
    """The levels of at most `first` products. A product changes when it is ordered or counted, but goods that only
    moved between locations change none.

    Raises as `reading.orders_page`.
    """
    page = reading.products_page(client, query, after, first)
    variants = [variant for product in page.records if isinstance(product, Product) for variant in product.variants]
    gids = [f"gid://shopify/InventoryItem/{one.inventory_item_id}" for one in variants if one.inventory_item_id]
    nodes = read_by_ids(client, "inventory_items", gids, ITEMS_AT_ONCE, lambda size: {"levels": size(LEVELS)})
    records: list[InventoryLevel | Unreadable] = []
    for node in nodes:
        if node:
            completion.complete_item(client, node)
            records.extend(_of(node))
    return Page(tuple(records), page.end_cursor, page.has_next, page.last_updated_at)


def _at(node: Mapping[str, Any]) -> Iterable[InventoryLevel | Unreadable]:
    """The levels at a location."""
    where = {"id": node["id"], "name": node["name"]}
    for level in node["inventoryLevels"]["nodes"]:
        yield from _of({**level["item"], "inventoryLevels": {"nodes": [{**level, "location": where}]}})


def _of(item: Mapping[str, Any]) -> Iterable[InventoryLevel | Unreadable]:
    """The levels of an item."""
    read = mapping.or_unreadable(Kind.INVENTORY_ITEM, mapping.levels, item)
    return (read,) if isinstance(read, Unreadable) else read


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
