"""Is all that is here what Shopify has? Table by table against a load of the same shop from nothing, and figure by
figure against the simulator's own computation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import requests
from sqlalchemy import select

from core import stores
from core.database import StoreKey, tenant_session
from core.database.models import (
    Base,
    Checkout,
    CheckoutLine,
    Customer,
    InventoryLevel,
    LineItem,
    Location,
    Order,
    Product,
    Refund,
    RefundLine,
    Sale,
    ShippingLine,
    Variant,
)
from core.domain.periods import Period
from core.metrics import Scope
from tests import figures

TABLES: tuple[type[Base], ...] = (
    Customer,
    Product,
    Variant,
    Order,
    LineItem,
    ShippingLine,
    Refund,
    RefundLine,
    Sale,
    Checkout,
    CheckoutLine,
    InventoryLevel,
    Location,
)
_OF: dict[type[Base], tuple[type[Base], str]] = {
    Variant: (Product, "product_id"),
    LineItem: (Order, "order_id"),
    ShippingLine: (Order, "order_id"),
    Refund: (Order, "order_id"),
    Sale: (Order, "order_id"),
    CheckoutLine: (Checkout, "checkout_id"),
}
"""Whose children the rows of a table are: those of what was deleted count as deleted."""
_OF_LEDGER = ("agreements", "agreed_refunds", "agreed_at")
_SHOWN = 5

Row = dict[str, Any]
Stored = tuple[int, int]
"""A tenant and a store of it."""


def differences(ours: Stored, fresh: Stored) -> Iterator[str]:
    """One line for each row that only one side has, or that differs."""
    products = {row["product_id"] for row in _live(ours, Product)}
    for model in TABLES:
        table = model.__table__
        keys = [column.name for column in table.primary_key if column.name not in ("tenant_id", "store_id")]
        here = _by_key(model, keys, _live(ours, model), products)
        there = _by_key(model, keys, _live(fresh, model), products)
        for key in sorted(here.keys() | there.keys(), key=str):
            told = _told(here.get(key), there.get(key))
            if told:
                yield f"{table.name} {key}: {told}"


def count(store: Stored) -> dict[str, int]:
    """How many rows are compared of each table."""
    return {model.__table__.name: len(_live(store, model)) for model in TABLES}


def wrong_figures(stored: Stored, simulator_url: str, shop: str) -> Iterator[str]:
    """One line for each figure that is not the simulator's, of the shop's whole life and of its last days."""
    tenant_id, store_id = stored
    zone = stores.find(StoreKey(tenant_id, store_id)).time_zone
    live = {row["product_id"] for row in _live(stored, Product)}
    today = datetime.now(UTC).astimezone(zone).date()
    for first in (date(today.year - 3, 1, 1), today):
        asked = {"start": first.isoformat(), "end": today.isoformat()}
        truth = requests.get(f"{simulator_url}/simulator/{shop}/truth", params=asked, timeout=60).json()
        # Of goods that are no more, Shopify forgets the number on lines that it tells of again.
        yield from figures.wrong_figures(
            Scope(StoreKey(tenant_id, store_id)), Period(first, today, zone), truth, live
        )


def _live(stored: Stored, model: type[Base]) -> list[Row]:
    """The rows of a table that are not deleted, nor children of what is."""
    rows = _rows(stored, model)
    if model is RefundLine:
        refunds = {row["refund_id"] for row in _live(stored, Refund)}
        return [row for row in rows if row["refund_id"] in refunds]
    if model is InventoryLevel:
        # Of goods that are no more, Shopify has no level, and tells nobody.
        items = {row["inventory_item_id"] for row in _live(stored, Variant)}
        return [row for row in rows if row["inventory_item_id"] in items]
    if model in _OF:
        parent, key = _OF[model]
        parents = {row[key] for row in _rows(stored, parent) if row["deleted_at"] is None}
        rows = [row for row in rows if row[key] in parents]
    return [row for row in rows if row.get("deleted_at") is None]


def _rows(stored: Stored, model: type[Base]) -> list[Row]:
    tenant_id, store_id = stored
    table = model.__table__
    mine = (table.c.tenant_id == tenant_id, table.c.store_id == store_id)
    with tenant_session(tenant_id) as session:
        found = session.execute(select(table).where(*mine).order_by(*table.primary_key))
        return [
            {k: v for k, v in row._mapping.items() if k not in ("tenant_id", "store_id", "read_at")} for row in found
        ]


def _by_key(model: type[Base], keys: list[str], rows: list[Row], products: set[int]) -> dict[tuple[Any, ...], Row]:
    if model is not Sale:
        return {tuple(row[key] for key in keys): _comparable(row, products) for row in rows}
    # The rows of an order's ledger have numbers of our own, by the order in which they were told: it says nothing.
    found: dict[tuple[Any, ...], Row] = {}
    for row in sorted((_comparable(row | {"sale_no": 0}, products) for row in rows), key=str):
        number = sum(1 for known in found if known[0] == row["order_id"])
        found[row["order_id"], number] = row
    return found


def _comparable(row: Row, products: set[int]) -> Row:
    """Without the numbers of goods that are no more: we keep what a line once sold, Shopify forgets it."""
    if row.get("product_id") is not None and row["product_id"] not in products:
        return row | {"product_id": None, "variant_id": None}
    return row


def _told(here: Row | None, there: Row | None) -> str:
    """What differs; not that an order was read whole where the first load need not: its sales are compared anyway."""
    if here is None or there is None:
        return "only in Shopify" if here is None else "only here"
    unsaid = set(_OF_LEDGER) if None in (here.get("agreements"), there.get("agreements")) else set()
    # Who came, left a checkout and was merged, all unheard of, is not known to be who they are now.
    unsaid |= {"customer_id"} if "checkout_id" in here and here.get("customer_id", 0) is None else set()
    odd = [name for name in here if name not in unsaid and here[name] != there[name]]
    return "; ".join(f"{name} is {here[name]!r}, not {there[name]!r}" for name in odd[:_SHOWN])
