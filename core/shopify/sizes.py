"""Page sizes that fit: when Shopify finds a request too costly, it is asked again with all its sizes halved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import QueryRefused
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


def _shrinking(divisor: int) -> Sizes:
    return lambda best: max(1, best // divisor)
