"""Recognises what an imported order names without an id: its customer by address, what was sold by SKU.

Only where exactly one of the store's customers, or variants, is meant: a name that two bear stands for neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.models import Customer, Variant
from core.records import LineItem, Order


class _Sold(NamedTuple):
    """The variant that a SKU means."""

    product_id: int
    variant_id: int
    title: str


def recognised(session: Session, tenant_id: int, store_id: int, orders: Sequence[Order]) -> list[Order]:
    """These orders with the ids of the customers, products and variants that are here."""
    customers = _customers(session, tenant_id, store_id, {order.email for order in orders if order.email})
    skus = {line.sku for order in orders for line in order.line_items if line.sku}
    variants = _variants(session, tenant_id, store_id, skus)
    return [_with_ids(order, customers, variants) for order in orders]


def _customers(session: Session, tenant_id: int, store_id: int, emails: Iterable[str]) -> dict[str, int]:
    """Customer ids by address in lower case."""
    spellings = {spelling for email in emails for spelling in (email, email.lower())}
    query = (
        select(Customer.email, func.min(Customer.customer_id))
        .where(Customer.tenant_id == tenant_id, Customer.store_id == store_id, Customer.email.in_(spellings))
        .where(Customer.deleted_at.is_(None))
        .group_by(Customer.email)
        .having(func.count() == 1)
    )
    found = session.execute(query).all() if spellings else []
    return {email.lower(): customer_id for email, customer_id in found if email}


def _variants(session: Session, tenant_id: int, store_id: int, skus: Iterable[str]) -> dict[str, _Sold]:
    query = (
        select(Variant.sku, func.min(Variant.product_id), func.min(Variant.variant_id), func.min(Variant.title))
        .where(Variant.tenant_id == tenant_id, Variant.store_id == store_id, Variant.sku.in_(skus))
        .group_by(Variant.sku)
        .having(func.count() == 1)
    )
    found = session.execute(query).all() if skus else []
    return {sku: _Sold(product_id, variant_id, title) for sku, product_id, variant_id, title in found if sku}


def _with_ids(order: Order, customers: dict[str, int], variants: dict[str, _Sold]) -> Order:
    lines = tuple(_line_with_ids(line, variants.get(line.sku or "")) for line in order.line_items)
    return replace(order, customer_id=customers.get((order.email or "").lower()), line_items=lines)


def _line_with_ids(line: LineItem, sold: _Sold | None) -> LineItem:
    """The file writes product and variant as one name; where the variant is known, they are two again."""
    if sold is None:
        return line
    known = replace(line, product_id=sold.product_id, variant_id=sold.variant_id)
    ending = f" - {sold.title}"
    if not line.title.endswith(ending):
        return known
    return replace(known, title=line.title.removesuffix(ending), variant_title=sold.title)
