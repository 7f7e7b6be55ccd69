"""The body of each topic's webhooks, and the bytes that are signed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from core.simulator.life.context import Webhook
from core.simulator.shop.shop import Shop
from core.simulator.webhooks import bodies, checkout_bodies
from core.simulator.webhooks.body_parts import Body
from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.refund_bodies import refund_body
from core.simulator.webhooks.return_bodies import return_body, return_change_body

_OF_A_RETURN = tuple(f"returns/{action}" for action in ("request", "approve", "decline", "cancel", "close", "reopen"))

_BODIES: Mapping[str, Callable[..., Body]] = MappingProxyType(
    {
        "app/scopes_update": bodies.scopes_body,
        "app/uninstalled": bodies.shop_body,
        "bulk_operations/finish": bodies.bulk_body,
        "carts/create": checkout_bodies.cart_body,
        "carts/update": checkout_bodies.cart_body,
        "checkouts/create": checkout_bodies.checkout_body,
        "customers/create": bodies.customer_body,
        "customers/delete": bodies.customer_deletion_body,
        "customers/merge": bodies.customer_merge_body,
        "customers/update": bodies.customer_body,
        "inventory_levels/update": bodies.level_body,
        "orders/cancelled": order_body,
        "orders/create": order_body,
        "orders/delete": bodies.deletion_body,
        "orders/edited": bodies.edit_body,
        "orders/updated": order_body,
        "products/delete": bodies.deletion_body,
        "products/update": bodies.product_body,
        "refunds/create": refund_body,
        **dict.fromkeys(_OF_A_RETURN, return_body),
        "returns/update": return_change_body,
        "shop/update": bodies.shop_body,
    }
)
"""What makes a topic's body, from the shop and the webhook's subject."""


def webhook_body(shop: Shop, webhook: Webhook) -> Body:
    """Make the body of a webhook from the shop as it is now."""
    return _BODIES[webhook.topic](shop, *webhook.subject)


def encode_body(body: Any) -> bytes:
    """Encode a body. The signature covers exactly these bytes."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
