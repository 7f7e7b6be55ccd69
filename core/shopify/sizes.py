"""Page sizes that Shopify accepts: a request that is too costly is retried with all its sizes halved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from core.errors import QueryRefused, ShopifyDown
from core.shopify.client import ShopifyClient
from core.shopify.wire import Json

_SMALLEST_FRACTION = 256  # pages have 250 at most: by then every size is 1

Sizes = Callable[[int], int]
"""Reduces a wanted page size to one that Shopify accepts."""


def execute_sized(client: ShopifyClient, document: str, variables: Callable[[Sizes], Mapping[str, object]]) -> Json:
    """Execute `document` with `variables(size)`, where `size` reduces a page size to one that Shopify accepted
    before.

    Raises:
        QueryRefused: even pages of one are too costly, or another reason.
        ShopifyError, ShopifyTransient: see `ShopifyClient.execute`.
    """
    while True:
        divisor = client.page_divisor(document)
        try:
            return client.execute(document, variables(_shrinking(divisor)))
        except QueryRefused as error:
            if error.code != "MAX_COST_EXCEEDED" or divisor >= _SMALLEST_FRACTION:
                raise
            client.shrink(document)


def read_by_ids(
    client: ShopifyClient,
    document: str,
    gids: Sequence[str],
    at_once: int,
    variables: Callable[[Sizes], Mapping[str, object]],
) -> list[Json | None]:
    """Fetch the nodes of `gids`, in their order, None for deleted ones, in batches of at most `at_once`.

    Raises as `execute_sized`.
    """
    nodes: list[Json | None] = []
    while len(nodes) < len(gids):
        remaining = gids[len(nodes) :]
        data = execute_sized(client, document, partial(_with_ids, remaining, at_once, variables))
        # An empty answer would repeat this request for ever.
        if not data["nodes"]:
            raise ShopifyDown("Shopify left out records that Xeno asked for by id; Xeno will retry.")
        nodes += data["nodes"]
    return nodes


def _with_ids(
    gids: Sequence[str], at_once: int, variables: Callable[[Sizes], Mapping[str, object]], size: Sizes
) -> Mapping[str, object]:
    return {**variables(size), "ids": gids[: size(at_once)]}


def _shrinking(divisor: int) -> Sizes:
    return lambda best: max(1, best // divisor)
