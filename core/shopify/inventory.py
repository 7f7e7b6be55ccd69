"""Pages of changed stock.

The levels that changed in a window are read location by location. If the app may not list locations, all levels of
the products that changed in the window are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from core.domain import InventoryLevel, Kind, Product, Unreadable
from core.errors import QueryRefused
from core.shopify import long_lists, mapping, pages
from core.shopify.client import ShopifyClient
from core.shopify.pages import Page
from core.shopify.sizes import execute_sized, read_by_ids
from core.shopify.wire import Json

ITEMS_AT_ONCE = 50
LEVELS = 10
"""Locations that come with each item."""


def levels_page(client: ShopifyClient, query: str, after: str | None, first: int = 100) -> Page:
    """Fetch at most `first` levels at one location, which may have none; `after` names the location, and the place in
    it.

    Raises as `pages.orders_page`.
    """
    location, place = json.loads(after) if after else (None, None)
    data = execute_sized(
        client,
        "inventory_levels",
        lambda size: {"query": query, "location": location, "after": place, "first": size(first)},
    )
    locations = data["locations"]
    records = tuple(record for node in locations["nodes"] for record in _levels_at(node))
    following = _next_cursor(locations, location)
    newest = max((record.updated_at for record in records if isinstance(record, InventoryLevel)), default=None)
    return Page(records, following, following is not None, newest)


def changed_page(client: ShopifyClient, query: str, after: str | None, first: int = 10) -> Page:
    """Fetch the levels of at most `first` changed products. Orders and counts change a product; moves of goods
    between locations do not.

    Raises as `pages.orders_page`.
    """
    page = pages.products_page(client, query, after, first)
    variants = [variant for product in page.records if isinstance(product, Product) for variant in product.variants]
    item_ids = [variant.inventory_item_id for variant in variants if variant.inventory_item_id]
    gids = [f"gid://shopify/InventoryItem/{item_id}" for item_id in item_ids]
    nodes = read_by_ids(client, "inventory_items", gids, ITEMS_AT_ONCE, lambda size: {"levels": size(LEVELS)})
    records: list[InventoryLevel | Unreadable] = []
    for node in nodes:
        if node:
            long_lists.complete_item(client, node)
            records.extend(_levels_of(node))
    return Page(tuple(records), page.end_cursor, page.has_next, page.last_updated_at)


def _levels_at(node: Json) -> Iterable[InventoryLevel | Unreadable]:
    """Map the levels at a location."""
    where = {"id": node["id"], "name": node["name"]}
    for level in node["inventoryLevels"]["nodes"]:
        yield from _levels_of({**level["item"], "inventoryLevels": {"nodes": [{**level, "location": where}]}})


def _levels_of(item: Json) -> Iterable[InventoryLevel | Unreadable]:
    """Map the levels of an item."""
    read = mapping.map_or_unreadable(Kind.INVENTORY_ITEM, mapping.levels, item)
    return (read,) if isinstance(read, Unreadable) else read


def _next_cursor(locations: Json, location: str | None) -> str | None:
    """Return the cursor of the next page: the rest of this location, else the next location; None after the last."""
    for node in locations["nodes"]:
        levels = node["inventoryLevels"]["pageInfo"]
        if levels["hasNextPage"]:
            return json.dumps([location, _end(levels)])
    info = locations["pageInfo"]
    return json.dumps([_end(info), None]) if info["hasNextPage"] else None


def _end(info: Json) -> str:
    if not info["endCursor"]:
        raise QueryRefused("Shopify says that more records follow but not after which; please report it.")
    return str(info["endCursor"])
