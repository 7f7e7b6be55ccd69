"""Matches imported orders with stored rows: customers by address, variants by SKU, and orders by name.

An address or a SKU is matched only if one row of the store has it: if two have it, it identifies neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.models import Customer, Variant
from core.database.models import Order as OrderRow
from core.domain import LineItem, Order, Source


class _Sold(NamedTuple):
    """The variant that a SKU identifies."""

    product_id: int
    variant_id: int
    title: str


def fill_known_ids(session: Session, store: StoreKey, orders: Sequence[Order]) -> list[Order]:
    """Return these orders with the ids of stored customers, products and variants."""
    customers = _customers(session, store, {order.email for order in orders if order.email})
    skus = {line.sku for order in orders for line in order.line_items if line.sku}
    variants = _variants(session, store, skus)
    return [_with_ids(order, customers, variants) for order in orders]


def belong_to_another_store(session: Session, store: StoreKey, ids: Mapping[str, int]) -> bool:
    """Whether orders of these names are stored, all under other ids: then the file is another store's."""
    named = select(OrderRow.name, OrderRow.order_id).where(store.owns(OrderRow), OrderRow.name.in_(ids))
    known = session.execute(named).all()
    return bool(known) and all(ids[row.name] != row.order_id for row in known)


def stored_from_files(session: Session, store: StoreKey, order_ids: Collection[int]) -> set[int]:
    """Return the ids among these whose stored version is from a file, and not from Shopify itself."""
    orders = (store.owns(OrderRow), OrderRow.order_id.in_(order_ids))
    by_file = (OrderRow.source == Source.CSV, OrderRow.deleted_at.is_(None))
    return set(session.scalars(select(OrderRow.order_id).where(*orders, *by_file)))


def _customers(session: Session, store: StoreKey, emails: Iterable[str]) -> dict[str, int]:
    """Return customer ids by address in lower case."""
    spellings = {spelling for email in emails for spelling in (email, email.lower())}
    query = (
        select(Customer.email, func.min(Customer.customer_id))
        .where(store.owns(Customer), Customer.email.in_(spellings))
        .where(Customer.deleted_at.is_(None))
        .group_by(Customer.email)
        .having(func.count() == 1)
    )
    rows = session.execute(query).all() if spellings else []
    return {email.lower(): customer_id for email, customer_id in rows if email}


def _variants(session: Session, store: StoreKey, skus: Iterable[str]) -> dict[str, _Sold]:
    query = (
        select(Variant.sku, func.min(Variant.product_id), func.min(Variant.variant_id), func.min(Variant.title))
        .where(store.owns(Variant), Variant.sku.in_(skus))
        .group_by(Variant.sku)
        .having(func.count() == 1)
    )
    rows = session.execute(query).all() if skus else []
    return {sku: _Sold(product_id, variant_id, title) for sku, product_id, variant_id, title in rows if sku}


def _with_ids(order: Order, customers: dict[str, int], variants: dict[str, _Sold]) -> Order:
    lines = tuple(_line_with_ids(line, variants.get(line.sku or "")) for line in order.line_items)
    return replace(order, customer_id=customers.get((order.email or "").lower()), line_items=lines)


def _line_with_ids(line: LineItem, sold: _Sold | None) -> LineItem:
    """Return the line with its ids. The file joins product and variant in one name; a known variant splits it."""
    if sold is None:
        return line
    known = replace(line, product_id=sold.product_id, variant_id=sold.variant_id)
    ending = f" - {sold.title}"
    if not line.title.endswith(ending):
        return known
    return replace(known, title=line.title.removesuffix(ending), variant_title=sold.title)
