"""The shop and topic that a webhook's body itself names. Pure, and fast: the receiver checks it before it answers.

Shopify signs only the body. Where several shops share one app, and so one secret, the signature proves neither the
shop nor the topic: unsigned headers name them, and a sender can forge those. A valid signature does not even prove
that the text is a webhook: the same secret signs the query in the address bar of each merchant of the app.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct

from core.errors import InvalidInput
from core.shopify.webhooks import TOPICS

_GID = re.compile(r"\Agid://shopify/([A-Za-z]+)/(\d+)")
_OF_A_SHOP = re.compile(r"\Ahttps?://[^/?#]+/(\d+)/(?:orders|checkouts)/")
_ABOUT_A_SHOP = frozenset({"app/uninstalled", "shop/update"})
"""The body of these topics is the shop itself."""


class ShopMatch(Enum):
    """The shop that a body names: the one in the header, another one, or none."""

    OURS = auto()
    OTHER_SHOP = auto()
    UNNAMED = auto()


@dataclass(frozen=True, slots=True)
class _Shape:
    """The marks of a topic's bodies: the type in their global id, fields that each has, and fields that none has."""

    gid: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    must_be_bound: bool = False


class Body(Struct, gc=False):
    """The fields that identify a body's shop and topic; Raw where only the presence counts."""

    id: Any = UNSET
    admin_graphql_api_id: Any = UNSET
    shop_id: Any = UNSET
    shop_domain: Any = UNSET
    myshopify_domain: Any = UNSET
    order_status_url: Any = UNSET
    abandoned_checkout_url: Any = UNSET
    admin_graphql_api_customer_kept_id: Any = UNSET
    token: Raw = UNSET  # type: ignore[assignment]
    created_at: Raw = UNSET  # type: ignore[assignment]
    updated_at: Raw = UNSET  # type: ignore[assignment]
    order_id: Raw = UNSET  # type: ignore[assignment]
    line_items: Raw = UNSET  # type: ignore[assignment]
    customer: Raw = UNSET  # type: ignore[assignment]
    orders_requested: Raw = UNSET  # type: ignore[assignment]
    orders_to_redact: Raw = UNSET  # type: ignore[assignment]
    data_request: Raw = UNSET  # type: ignore[assignment]
    order_edit: Raw = UNSET  # type: ignore[assignment]
    current: Raw = UNSET  # type: ignore[assignment]

    def compare_shop(self, topic: str, shop: str, shopify_id: int) -> ShopMatch:
        """Compare the shop that the body names with this domain and this Shopify id of a shop."""
        matches = [
            name.lower() == shop for name in (self.shop_domain, self.myshopify_domain) if isinstance(name, str)
        ]
        matches += [number == shopify_id for number in self._numbers_of_shops(topic)]
        if not matches:
            return ShopMatch.UNNAMED
        return ShopMatch.OURS if all(matches) else ShopMatch.OTHER_SHOP

    def _numbers_of_shops(self, topic: str) -> list[int]:
        numbers = [_number(self.shop_id, "Shop")]
        if topic in _ABOUT_A_SHOP:
            numbers.append(_number(self.id, "Shop"))
        for address in (self.order_status_url, self.abandoned_checkout_url):
            match = _OF_A_SHOP.match(address) if isinstance(address, str) else None
            numbers.append(int(match[1]) if match else None)
        return [number for number in numbers if number is not None]


def read(topic: str, raw: bytes) -> Body:
    """Parse the identifying fields of a body.

    Raises:
        InvalidInput: the body is no JSON object, or belongs to another topic.
    """
    # Without this, a signed query with JSON among its values could pass for a body. Shopify sorts such a query by
    # name, so `shop` or `timestamp` stands before any brace.
    if not raw.startswith(b"{"):
        raise InvalidInput("The body is not a JSON object: this is no delivery of Shopify's.")
    try:
        body = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise InvalidInput("The body is not JSON: this is no delivery of Shopify's.") from None
    if (wrong := _wrong_with(topic, body)) is not None:
        raise InvalidInput(f"The body is not one of {topic}: {wrong}")
    return body


def check(topic: str, raw: bytes, shop: str, shopify_id: int) -> None:
    """Refuse a body that is not of this topic, or is about another shop.

    Raises:
        InvalidInput: the message has the reason, and quotes nothing from the body.
    """
    match = read(topic, raw).compare_shop(topic, shop, shopify_id)
    if match is ShopMatch.OTHER_SHOP:
        raise InvalidInput("The body is about another shop than its headers name.")
    if match is ShopMatch.UNNAMED and _shape(topic).must_be_bound:
        raise InvalidInput(f"The body does not say which shop it is about, as each of {topic} does.")


def _wrong_with(topic: str, body: Body) -> str | None:
    shape = _shape(topic)
    for name in shape.needs:
        if getattr(body, name) is UNSET:
            return f"{name} is missing"
    for name in shape.lacks:
        if getattr(body, name) is not UNSET:
            return f"it has {name}"
    kind = _kind(body.admin_graphql_api_id)
    return f"its id is that of a {kind}" if kind is not None and shape.gid and kind not in shape.gid else None


def _shape(topic: str) -> _Shape:
    return _SHAPES.get(topic, _ANY)


def _kind(global_id: object) -> str | None:
    match = _GID.match(global_id) if isinstance(global_id, str) else None
    return match[1] if match else None


def _number(value: object, kind: str) -> int | None:
    """Read a number, given as such or at the end of a global id of this kind."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _GID.match(value) if isinstance(value, str) else None
    return int(match[2]) if match and match[1] == kind else None


_DECODER = msgspec.json.Decoder(Body)
_ANY = _Shape()
_REQUESTS = ("orders_requested", "orders_to_redact", "data_request")
# The body of a deletion has an id only; any of these fields marks the body of an existing record.
_LIVING = ("created_at", "updated_at", "order_id", "line_items", "customer", *_REQUESTS)
_ORDER = _Shape(gid=("Order",), lacks=_REQUESTS)
_RETURN = _Shape(gid=("Return",), needs=("admin_graphql_api_id",), lacks=("token", "customer", *_REQUESTS))
_CUSTOMER = _Shape(gid=("Customer",), lacks=("line_items", *_REQUESTS))
_PRODUCT = _Shape(gid=("Product",), lacks=("line_items", *_REQUESTS))
_CHECKOUT = _Shape(gid=("Checkout", "AbandonedCheckout"), lacks=_REQUESTS)
_CART = _Shape(gid=("Cart",), lacks=_REQUESTS)
_SHOP = _Shape(gid=("Shop",), needs=("id",), lacks=("line_items", "customer", *_REQUESTS), must_be_bound=True)
_SHAPES: Mapping[str, _Shape] = MappingProxyType(
    {
        "orders/create": _ORDER,
        "orders/updated": _ORDER,
        "orders/cancelled": _ORDER,
        "orders/edited": _Shape(needs=("order_edit",)),
        "orders/delete": _Shape(gid=("Order",), needs=("id",), lacks=("token", *_LIVING)),
        "refunds/create": _Shape(gid=("Refund",), lacks=_REQUESTS),
        **dict.fromkeys((topic for topic in TOPICS if topic.startswith("returns/")), _RETURN),
        "customers/create": _CUSTOMER,
        "customers/update": _CUSTOMER,
        "customers/delete": _Shape(gid=("Customer",), needs=("id",), lacks=("token", *_LIVING)),
        "customers/merge": _Shape(needs=("admin_graphql_api_customer_kept_id",), lacks=_LIVING),
        "products/create": _PRODUCT,
        "products/update": _PRODUCT,
        "products/delete": _Shape(gid=("Product",), needs=("id",), lacks=("token", *_LIVING)),
        "inventory_levels/update": _Shape(gid=("InventoryLevel",), lacks=("line_items", *_REQUESTS)),
        "checkouts/create": _CHECKOUT,
        "checkouts/update": _CHECKOUT,
        "checkouts/delete": _Shape(gid=("Checkout", "AbandonedCheckout"), needs=("id",), lacks=("token", *_LIVING)),
        "carts/create": _CART,
        "carts/update": _CART,
        "bulk_operations/finish": _Shape(gid=("BulkOperation",), needs=("admin_graphql_api_id",)),
        "app/uninstalled": _SHOP,
        "shop/update": _SHOP,
        "app/scopes_update": _Shape(needs=("current",), must_be_bound=True),
        "customers/data_request": _Shape(needs=("customer",), lacks=("orders_to_redact",), must_be_bound=True),
        "customers/redact": _Shape(
            needs=("customer", "orders_to_redact"), lacks=("orders_requested", "data_request"), must_be_bound=True
        ),
        "shop/redact": _Shape(needs=("shop_id", "shop_domain"), lacks=("id", "token", *_LIVING), must_be_bound=True),
    }
)
