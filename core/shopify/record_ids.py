"""The ids that exist at Shopify: to find records that were deleted there without a webhook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.domain import Kind
from core.errors import QueryRefused
from core.shopify.client import ShopifyClient
from core.shopify.mapping.fields import Fields
from core.shopify.sizes import read_by_ids

_TYPES = {
    Kind.ORDER: "Order",
    Kind.CUSTOMER: "Customer",
    Kind.PRODUCT: "Product",
    Kind.CHECKOUT: "AbandonedCheckout",
    Kind.INVENTORY_ITEM: "InventoryItem",
    Kind.RETURN: "Return",
}
_PAGE = 250


class IdPage(NamedTuple):
    """A page of existing ids. No other id exists between `after` and `last`; `last` is None on the last page, which
    has every id above `after`."""

    ids: set[int]
    last: int | None


def ids_after(client: ShopifyClient, kind: Kind, after: int) -> IdPage:
    """Fetch the next ids of customers, or products, above `after`.

    Raises:
        QueryRefused: the list is not sorted, so a missing id proves nothing; and as `ShopifyClient.execute`.
    """
    # Without a cursor, each page is a new search, so the limit of 25,000 entries does not apply.
    page = client.execute(f"{kind}_ids", {"query": f"id:>={after + 1}", "first": _PAGE})[f"{kind}s"]
    ids = {Fields(node, f"a {kind} of the API").gid() for node in page["nodes"]}
    if not page["pageInfo"]["hasNextPage"]:
        return IdPage(ids, None)
    last = max(ids, default=after)
    if last <= after:
        raise QueryRefused(f"Shopify does not list each {kind} in the order of the ids; please report it.")
    return IdPage(ids, last)


def missing_ids(client: ShopifyClient, kind: Kind, shopify_ids: Sequence[int]) -> list[int]:
    """List the ids that Shopify does not know. Raises as `ids_after`."""
    gids = [f"gid://shopify/{_TYPES[kind]}/{shopify_id}" for shopify_id in shopify_ids]
    nodes = read_by_ids(client, "existing", gids, _PAGE, lambda _: {})
    return [shopify_id for shopify_id, node in zip(shopify_ids, nodes, strict=True) if node is None]
