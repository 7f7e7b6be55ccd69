"""Map webhook bodies to records: the topic selects the function that reads the body."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from core.domain import Customer, Deleted, Kind, Merged, Product, Record, Reread, Source, Variant
from core.errors import UnmappableError
from core.shopify.mapping import checkout_bodies, inventory, order_bodies
from core.shopify.mapping.fields import Fields


def from_webhook(topic: str, raw: bytes, triggered_at: datetime) -> tuple[Record, ...]:
    """Map one delivery's body to records. `triggered_at` dates a deletion, whose body has only an id.

    Raises:
        NotKeyed: the body has no id of its record.
        UnmappableError: the topic maps to no record, or the body lacks a field that a record needs.
    """
    read = TOPICS.get(topic)
    if read is None:
        raise UnmappableError(f"{topic}: no record comes from this topic")
    try:
        body = json.loads(raw, parse_float=Decimal)
    except ValueError:
        raise UnmappableError(f"{topic}: the body is not JSON") from None
    record = read(Fields(body, topic), triggered_at)
    return () if record is None else (record,)


def is_mapped(topic: str) -> bool:
    """Whether this topic maps to records. Other topics are legitimate, too: shop/update, …"""
    return topic in TOPICS


def _customer(body: Fields, _: datetime) -> Customer:
    address = body.object_or_none("default_address")
    return Customer(
        customer_id=body.integer("id"),
        created_at=body.time_or_none("created_at"),
        updated_at=body.time("updated_at"),
        first_name=body.text_or_none("first_name"),
        last_name=body.text_or_none("last_name"),
        email=body.text_or_none("email"),
        state=body.lower_or_none("state"),
        # Bodies since 2025-01 have neither tags nor counts; None overwrites no stored value.
        tags=body.comma_separated("tags") if body.has("tags") else None,
        country=address.text_or_none("country_code") if address else None,
        province=address.text_or_none("province_code") if address else None,
        city=address.text_or_none("city") if address else None,
        currency=body.text_or_none("currency"),
        source=Source.WEBHOOK,
    )


def _product(body: Fields, _: datetime) -> Product:
    variants = tuple(_variant(variant) for variant in body.each("variants"))
    return Product(
        product_id=body.integer("id"),
        title=body.text("title"),
        created_at=body.time_or_none("created_at"),
        updated_at=body.time("updated_at"),
        published_at=body.time_or_none("published_at"),
        handle=body.text_or_none("handle"),
        vendor=body.text_or_none("vendor"),
        product_type=body.text_or_none("product_type"),
        status=body.lower_or_none("status"),
        tags=body.comma_separated("tags"),
        variants=variants,
        # The body lists every variant's id, but at most 100 variants.
        variants_complete=body.count("variant_gids") <= len(variants),
        source=Source.WEBHOOK,
    )


def _variant(variant: Fields) -> Variant:
    return Variant(
        variant_id=variant.integer("id"),
        title=variant.text("title"),
        sku=variant.text_or_none("sku"),
        barcode=variant.text_or_none("barcode"),
        price=variant.decimal("price"),
        compare_at_price=variant.decimal_or_none("compare_at_price"),
        position=variant.integer_or_none("position"),
        inventory_item_id=variant.integer_or_none("inventory_item_id"),
        inventory_quantity=variant.integer_or_none("inventory_quantity"),
    )


def _edited_order(body: Fields, _: datetime) -> Reread:
    """The body names the added and removed lines, but not their amounts, so the order must be re-fetched."""
    return Reread(Kind.ORDER, body.object("order_edit").integer("order_id"))


def _changed_return(body: Fields, _: datetime) -> Reread:
    """The body has no money, and some topics do not name the order: then the return itself does."""
    order = body.object_or_none("order")
    if order is None:
        return Reread(Kind.RETURN, body.gid("admin_graphql_api_id"))
    return Reread(Kind.ORDER, order.integer("id"))


def _merged(body: Fields, triggered_at: datetime) -> Merged | None:
    """Map a completed merge; None for one that is only requested, or failed."""
    kept = body.gid("admin_graphql_api_customer_kept_id")
    merged = body.gid("admin_graphql_api_customer_deleted_id")
    return Merged(kept, merged, triggered_at) if body.lower_or_none("status") == "completed" else None


def _deleted(kind: Kind) -> Callable[[Fields, datetime], Deleted]:
    return lambda body, triggered_at: Deleted(kind, body.integer("id"), triggered_at)


TOPICS: Mapping[str, Callable[[Fields, datetime], Record | None]] = MappingProxyType(
    {
        "orders/create": lambda body, _: order_bodies.order(body),
        "orders/updated": lambda body, _: order_bodies.order(body),
        "orders/cancelled": lambda body, _: order_bodies.order(body),
        "orders/edited": _edited_order,
        "orders/delete": _deleted(Kind.ORDER),
        "refunds/create": lambda body, _: order_bodies.refund(body),
        "returns/request": _changed_return,
        "returns/approve": _changed_return,
        "returns/decline": _changed_return,
        "returns/cancel": _changed_return,
        "returns/process": _changed_return,
        "returns/update": _changed_return,
        "returns/close": _changed_return,
        "returns/reopen": _changed_return,
        "customers/create": _customer,
        "customers/update": _customer,
        "customers/delete": _deleted(Kind.CUSTOMER),
        "customers/merge": _merged,
        "products/create": _product,
        "products/update": _product,
        "products/delete": _deleted(Kind.PRODUCT),
        "inventory_levels/update": inventory.available_level,
        "checkouts/create": lambda body, _: checkout_bodies.checkout(body),
        "checkouts/update": lambda body, _: checkout_bodies.checkout(body),
        "checkouts/delete": _deleted(Kind.CHECKOUT),
        "carts/create": lambda body, _: checkout_bodies.cart(body),
        "carts/update": lambda body, _: checkout_bodies.cart(body),
    }
)
