"""The fields of an order that GraphQL, webhooks and the CSV export write with the same value under different names.

A new field that is neither an amount nor a list is one row here. Amounts and lists have a format of their own in
`admin_api/order_nodes.py` and `webhooks/order_bodies.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.simulator.shop.checkouts import checkout_token
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop

Value = str | bool | None


@dataclass(frozen=True, slots=True)
class OrderField:
    """A field by its names in GraphQL, in webhook bodies and, if it is there, in the CSV export."""

    node_name: str
    body_name: str
    read: Callable[[Shop, Order], Value]
    column: str | None = None


ORDER_FIELDS = (
    OrderField("name", "name", lambda _shop, order: order.name),
    OrderField("email", "email", lambda _shop, order: order.email),
    OrderField("test", "test", lambda _shop, order: order.test),
    OrderField("confirmed", "confirmed", lambda _shop, _order: True),
    OrderField("sourceName", "source_name", lambda _shop, order: order.source_name, "Source"),
    OrderField("checkoutToken", "checkout_token", lambda _shop, order: _checkout_token(order)),
    OrderField("cartToken", "cart_token", lambda _shop, _order: None),
    OrderField("currencyCode", "currency", lambda _shop, order: order.tender.currency, "Currency"),
    OrderField("presentmentCurrencyCode", "presentment_currency", lambda _shop, order: order.tender.presentment),
    OrderField("taxesIncluded", "taxes_included", lambda shop, _order: shop.spec.taxes_included),
    OrderField("dutiesIncluded", "duties_included", lambda _shop, _order: False),
)


def _checkout_token(order: Order) -> str | None:
    return checkout_token(order.order_id) if order.source_name == "web" else None


def node_fields(shop: Shop, order: Order) -> dict[str, Value]:
    """Return the fields for a GraphQL node."""
    return {field.node_name: field.read(shop, order) for field in ORDER_FIELDS}


def body_fields(shop: Shop, order: Order) -> dict[str, Value]:
    """Return the fields for a webhook body."""
    return {field.body_name: field.read(shop, order) for field in ORDER_FIELDS}


def columns(shop: Shop, order: Order) -> dict[str, str]:
    """Return the fields of the CSV export; a missing value is empty."""
    return {field.column: str(field.read(shop, order) or "") for field in ORDER_FIELDS if field.column}
