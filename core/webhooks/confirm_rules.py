"""The question that Shopify has to answer before a delivery is applied.

Two kinds of deliveries wait. Of every store, those that delete or disconnect. Where the app's secret signs for
several shops, also those whose body names neither its shop nor a known record of it: a signature proves only that
some shop of the app received these bytes, once, under some topic.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database.models import Cart as CartRow
from core.database.models import Checkout as CheckoutRow
from core.database.models import Customer as CustomerRow
from core.database.models import Delivery, Store, Variant
from core.database.models import Order as OrderRow
from core.database.models import Product as ProductRow
from core.domain import (
    Cart,
    Checkout,
    Customer,
    Deleted,
    InventoryLevel,
    Kind,
    Merged,
    Order,
    Product,
    Record,
    Refund,
    Reread,
)
from core.errors import InvalidInput
from core.shopify.claims import Bound, read

DEPARTURES = frozenset({"app/uninstalled", "shop/redact"})
"""Topics that Shopify sends only when the app is no longer installed."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whether Shopify has these ids of a kind, or none of them (`is_absent`); without a kind, whether the app is
    installed."""

    kind: Kind | None
    shopify_ids: tuple[int, ...] = ()
    is_absent: bool = True


def question(store: Store, row: Delivery, records: Sequence[Record]) -> Question | None:
    """The question about a delivery, whatever records are stored; None where it needs no confirmation."""
    if row.topic in DEPARTURES:
        # Without credentials Shopify cannot be asked: then the signed body, which names its shop, decides.
        return Question(None) if store.sealed_credentials is not None else None
    for record in records:
        if isinstance(record, Deleted):
            return Question(record.kind, (record.shopify_id,))
        if isinstance(record, Merged):
            return Question(Kind.CUSTOMER, (record.merged_id,))
    return None if _is_ours(store, row) else _whether_there(row, records)


def is_shared(store: Store) -> bool:
    """Whether the secret that signs for this store signs for others, too."""
    return store.credential_kind == "installed_app"


def is_known(session: Session, store: Store, asked: Question, records: Sequence[Record]) -> bool:
    """Whether the store has one of the ids; Shopify's ids are unique over all shops."""
    if any(_knows_cart(session, store, record) for record in records if isinstance(record, Cart)):
        return True
    if asked.kind is None:
        return False
    model, key = _TABLES[asked.kind]
    own_rows = (model.tenant_id == store.tenant_id, model.store_id == store.store_id)
    return session.scalar(select(key).where(*own_rows, key.in_(asked.shopify_ids)).limit(1)) is not None


def _is_ours(store: Store, row: Delivery) -> bool:
    """Whether the secret, or the body, is the store's alone."""
    if not is_shared(store):
        return True
    try:
        body = read(row.topic, row.body)
    except InvalidInput:
        return False
    return body.bound(row.topic, store.shop_domain, store.shopify_id) is Bound.OURS


def _whether_there(row: Delivery, records: Sequence[Record]) -> Question | None:
    for record in records:
        match record:
            case Order():
                return Question(Kind.ORDER, (record.order_id,), is_absent=False)
            case Reread():
                return Question(record.kind, (record.shopify_id,), is_absent=False)
            case Refund():
                return Question(Kind.ORDER, (record.order_id,), is_absent=False)
            case Customer():
                return Question(Kind.CUSTOMER, (record.customer_id,), is_absent=False)
            case Product():
                return Question(Kind.PRODUCT, (record.product_id,), is_absent=False)
            case InventoryLevel():
                return Question(Kind.INVENTORY_ITEM, (record.inventory_item_id,), is_absent=False)
            case Checkout():
                return Question(Kind.CHECKOUT, (record.checkout_id,), is_absent=False)
            case Cart():
                return Question(Kind.PRODUCT, _products_in(row.body), is_absent=False)
    return None


def _products_in(body: bytes) -> tuple[int, ...]:
    """The products in a cart: nothing else in it identifies its shop."""
    lines: list[dict[str, Any]] = json.loads(body).get("line_items") or []
    found = {line.get("product_id") for line in lines}
    return tuple(sorted(each for each in found if isinstance(each, int) and 0 < each < 1 << 63))


def _knows_cart(session: Session, store: Store, cart: Cart) -> bool:
    own_rows = (CartRow.tenant_id == store.tenant_id, CartRow.store_id == store.store_id)
    found = select(CartRow.cart_token).where(*own_rows, CartRow.cart_token == cart.cart_token)
    return session.scalar(found) is not None


_TABLES: Mapping[Kind, tuple[Any, Any]] = MappingProxyType(
    {
        Kind.ORDER: (OrderRow, OrderRow.order_id),
        Kind.CUSTOMER: (CustomerRow, CustomerRow.customer_id),
        Kind.PRODUCT: (ProductRow, ProductRow.product_id),
        Kind.CHECKOUT: (CheckoutRow, CheckoutRow.checkout_id),
        Kind.INVENTORY_ITEM: (Variant, Variant.inventory_item_id),
    }
)
