"""Decides which deliveries Shopify has to confirm, and what it is asked.

Deliveries that delete or disconnect always wait. If the app's secret signs for several shops, so do deliveries whose
body names neither its shop nor a stored record. The signature alone proves only that some shop of the app received
these bytes once, under some topic: anybody who installed the app could send them to another shop.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import domain
from core.database.models import Cart, Checkout, Customer, Delivery, Order, Product, ReturnLine, Store, Variant
from core.domain import Kind, Record
from core.domain.ids import LARGEST_ID
from core.errors import InvalidInput
from core.shopify.body_identity import ShopMatch, read
from core.shopify.credential_kind import CredentialKind

DEPARTURES = frozenset({"app/uninstalled", "shop/redact"})
"""Topics that Shopify sends only when the app is no longer installed."""


@dataclass(frozen=True, slots=True)
class Question:
    """Asks whether Shopify has one of these ids, or none of them (`is_absent`); without a kind, whether the app is
    installed."""

    kind: Kind | None
    shopify_ids: tuple[int, ...] = ()
    is_absent: bool = True


def question(store: Store, delivery: Delivery, records: Sequence[Record]) -> Question | None:
    """The question about a delivery, whatever records are stored; None if it needs no confirmation."""
    if delivery.topic in DEPARTURES:
        # Without credentials Shopify cannot be asked: then the signed body, which names its shop, decides.
        return Question(None) if store.sealed_credentials is not None else None
    for record in records:
        if isinstance(record, domain.Deleted):
            return Question(record.kind, (record.shopify_id,))
        if isinstance(record, domain.Merged):
            return Question(Kind.CUSTOMER, (record.merged_id,))
    return None if _names_its_shop(store, delivery) else _existence_question(delivery, records)


def is_shared(store: Store) -> bool:
    """Whether the secret that signs for this store signs for other shops, too."""
    return store.credential_kind == CredentialKind.INSTALLED_APP


def is_known(session: Session, store: Store, question: Question, records: Sequence[Record]) -> bool:
    """Whether the store has a record with one of the ids. Shopify's ids are unique over all shops, so a stored one
    proves that the body is about this shop."""
    if any(_has_cart(session, store, record) for record in records if isinstance(record, domain.Cart)):
        return True
    if question.kind is None:
        return False
    id_column = _ID_COLUMNS[question.kind]
    query = select(id_column).where(store.key.owns(id_column.class_), id_column.in_(question.shopify_ids))
    return session.scalar(query.limit(1)) is not None


def _names_its_shop(store: Store, delivery: Delivery) -> bool:
    """Whether only this store's shop can have sent the body: by its secret, or by what the body says."""
    if not is_shared(store):
        return True
    try:
        body = read(delivery.topic, delivery.body)
    except InvalidInput:
        return False
    return body.compare_shop(delivery.topic, store.shop_domain, store.shopify_id) is ShopMatch.OURS


def _existence_question(delivery: Delivery, records: Sequence[Record]) -> Question | None:
    """Whether Shopify has the first record that has an id in this shop."""
    for record in records:
        match record:
            case domain.Order() | domain.Refund():
                return Question(Kind.ORDER, (record.order_id,), is_absent=False)
            case domain.Reread():
                return Question(record.kind, (record.shopify_id,), is_absent=False)
            case domain.Customer():
                return Question(Kind.CUSTOMER, (record.customer_id,), is_absent=False)
            case domain.Product():
                return Question(Kind.PRODUCT, (record.product_id,), is_absent=False)
            case domain.InventoryLevel():
                return Question(Kind.INVENTORY_ITEM, (record.inventory_item_id,), is_absent=False)
            case domain.Checkout():
                return Question(Kind.CHECKOUT, (record.checkout_id,), is_absent=False)
            case domain.Cart():
                return Question(Kind.PRODUCT, _products_in(delivery.body), is_absent=False)
    return None


def _products_in(body: bytes) -> tuple[int, ...]:
    """The products in a cart: nothing else in it identifies its shop."""
    lines: list[dict[str, Any]] = json.loads(body).get("line_items") or []
    product_ids = {line.get("product_id") for line in lines}
    return tuple(sorted(number for number in product_ids if isinstance(number, int) and 0 < number <= LARGEST_ID))


def _has_cart(session: Session, store: Store, cart: domain.Cart) -> bool:
    query = select(Cart.cart_token).where(store.key.owns(Cart), Cart.cart_token == cart.cart_token)
    return session.scalar(query) is not None


_ID_COLUMNS: Mapping[Kind, InstrumentedAttribute[Any]] = MappingProxyType(
    {
        Kind.ORDER: Order.order_id,
        Kind.CUSTOMER: Customer.customer_id,
        Kind.PRODUCT: Product.product_id,
        Kind.CHECKOUT: Checkout.checkout_id,
        Kind.INVENTORY_ITEM: Variant.inventory_item_id,
        Kind.RETURN: ReturnLine.return_id,
    }
)
