"""Map what Shopify sends (nodes of the API, bodies of webhooks) to `core.domain`. Pure.

A change that maps the same answer to another record raises `MAPPING_VERSION`, which lists the changes of each
version.
"""

from core.domain import MAPPING_VERSION
from core.shopify.mapping.bodies import TOPICS, from_webhook, is_mapped
from core.shopify.mapping.checkouts import checkout
from core.shopify.mapping.inventory import levels
from core.shopify.mapping.nodes import customer, order, product
from core.shopify.mapping.unreadable import map_or_unreadable

__all__ = [
    "MAPPING_VERSION",
    "TOPICS",
    "checkout",
    "customer",
    "from_webhook",
    "is_mapped",
    "levels",
    "map_or_unreadable",
    "order",
    "product",
]
