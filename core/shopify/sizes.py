"""Page sizes that fit: when Shopify finds a request too costly, it is asked again with all its sizes halved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from core.errors import QueryRefused, ShopifyDown
from core.shopify.client import ShopifyClient

_SMALLEST_FRACTION = 256  # pages have 250 at most: by then every size is 1

Sizes = Callable[[int], int]
"""Turns the size that would be best into the one that fits."""


def execute_sized(
    client: ShopifyClient, document: str, variables: Callable[[Sizes], Mapping[str, Any]]
) -> dict[str, Any]:
    """Execute `document` with `variables(size)`, where `size` makes a page size fit, from then on for good.

    Raises:
        QueryRefused: even pages of one are too costly, or another reason.
        ShopifyError, ShopifyTransient: see `ShopifyClient.execute`.
    """
    while True:
        divisor = client.shrunk.get(document, 1)
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
    variables: Callable[[Sizes], Mapping[str, Any]],
) -> list[dict[str, Any] | None]:
    """The nodes of `gids`, in their order, None for those that are gone: in batches of `at_once`, or of what fits.

    Raises as `execute_sized`.
    """
    nodes: list[dict[str, Any] | None] = []
    while len(nodes) < len(gids):
        left = gids[len(nodes) :]
        data = execute_sized(client, document, partial(_with_ids, left, at_once, variables))
        if not data["nodes"]:
            raise ShopifyDown("Shopify left out what was asked for by id; it is asked again later")
        nodes += data["nodes"]
    return nodes


def _with_ids(
    gids: Sequence[str], at_once: int, variables: Callable[[Sizes], Mapping[str, Any]], size: Sizes
) -> Mapping[str, Any]:
    return {**variables(size), "ids": gids[: size(at_once)]}


def _shrinking(divisor: int) -> Sizes:
    return lambda best: max(1, best // divisor)
