"""Compares our rows with Shopify: each table with a fresh load of the same shop, each figure with the simulator's
own."""

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
_PARENTS: dict[type[Base], tuple[type[Base], str]] = {
    Variant: (Product, "product_id"),
    LineItem: (Order, "order_id"),
    ShippingLine: (Order, "order_id"),
    Refund: (Order, "order_id"),
    Sale: (Order, "order_id"),
    CheckoutLine: (Checkout, "checkout_id"),
}
"""The parents of a table's rows. Rows of a deleted parent count as deleted."""
_LEDGER_COLUMNS = ("agreements", "agreed_refunds", "agreed_at")
_SHOWN = 5

Row = dict[str, Any]


def differences(ours: StoreKey, fresh: StoreKey) -> Iterator[str]:
    """Yield a line for each row that only one side has, or that differs."""
    products = {row["product_id"] for row in _current_rows(ours, Product)}
    for model in TABLES:
        table = model.__table__
        keys = [column.name for column in table.primary_key if column.name not in ("tenant_id", "store_id")]
        here = _by_key(model, keys, _current_rows(ours, model), products)
        there = _by_key(model, keys, _current_rows(fresh, model), products)
        for key in sorted(here.keys() | there.keys(), key=str):
            difference = _difference(here.get(key), there.get(key))
            if difference:
                yield f"{table.name} {key}: {difference}"


def count(store: StoreKey) -> dict[str, int]:
    """Return the number of compared rows of each table."""
    return {model.__table__.name: len(_current_rows(store, model)) for model in TABLES}


def wrong_figures(store: StoreKey, simulator_url: str, shop: str) -> Iterator[str]:
    """Yield a line for each figure that differs from the simulator's, over the shop's whole life and its last
    days."""
    zone = stores.find(store).time_zone
    products = {row["product_id"] for row in _current_rows(store, Product)}
    today = datetime.now(UTC).astimezone(zone).date()
    for first in (date(today.year - 3, 1, 1), today):
        params = {"start": first.isoformat(), "end": today.isoformat()}
        truth = requests.get(f"{simulator_url}/simulator/{shop}/truth", params=params, timeout=60).json()
        # Shopify drops the id of a deleted product from the lines of orders that change later.
        yield from figures.wrong_figures(Scope(store), Period(first, today, zone), truth, products)


def _current_rows(store: StoreKey, model: type[Base]) -> list[Row]:
    """Return the rows of a table that are not deleted, nor children of deleted rows."""
    rows = _rows(store, model)
    if model is RefundLine:
        refunds = {row["refund_id"] for row in _current_rows(store, Refund)}
        return [row for row in rows if row["refund_id"] in refunds]
    if model is InventoryLevel:
        # Shopify drops the levels of a deleted product without a webhook.
        items = {row["inventory_item_id"] for row in _current_rows(store, Variant)}
        return [row for row in rows if row["inventory_item_id"] in items]
    if model in _PARENTS:
        parent, key = _PARENTS[model]
        parents = {row[key] for row in _rows(store, parent) if row["deleted_at"] is None}
        rows = [row for row in rows if row[key] in parents]
    return [row for row in rows if row.get("deleted_at") is None]


def _rows(store: StoreKey, model: type[Base]) -> list[Row]:
    table = model.__table__
    with tenant_session(store.tenant_id) as session:
        result = session.execute(select(table).where(store.owns(model)).order_by(*table.primary_key))
        left_out = ("tenant_id", "store_id", "read_at", "statistics_read_at")
        return [{k: v for k, v in row._mapping.items() if k not in left_out} for row in result]


def _by_key(model: type[Base], keys: list[str], rows: list[Row], products: set[int]) -> dict[tuple[Any, ...], Row]:
    if model is not Sale:
        return {tuple(row[key] for key in keys): _comparable(row, products) for row in rows}
    # The numbers of an order's ledger rows are ours and follow the order of arrival, which may differ.
    by_key: dict[tuple[Any, ...], Row] = {}
    for row in sorted((_comparable(row | {"sale_no": 0}, products) for row in rows), key=str):
        number = sum(1 for known in by_key if known[0] == row["order_id"])
        by_key[row["order_id"], number] = row
    return by_key


def _comparable(row: Row, products: set[int]) -> Row:
    """Remove the ids of deleted products: we keep them on the lines of orders, Shopify drops them."""
    if row.get("product_id") is not None and row["product_id"] not in products:
        return row | {"product_id": None, "variant_id": None}
    return row


def _difference(here: Row | None, there: Row | None) -> str:
    """Describe the difference. The columns of the ledger are left out where the fresh load did not read the order
    whole; its sales are compared anyway."""
    if here is None or there is None:
        return "only in Shopify" if here is None else "only here"
    # A fresh load does not know when a row became known.
    ignored = {"known_at"}
    ignored |= set(_LEDGER_COLUMNS) if None in (here.get("agreements"), there.get("agreements")) else set()
    # We cannot know the survivor of a customer who left a checkout and was merged before any webhook arrived.
    ignored |= {"customer_id"} if "checkout_id" in here and here.get("customer_id", 0) is None else set()
    # Only webhooks name the cart of a checkout.
    ignored |= {"cart_token"} if "checkout_id" in here and there.get("cart_token") is None else set()
    different = [name for name in here if name not in ignored and here[name] != there[name]]
    return "; ".join(f"{name} is {here[name]!r}, not {there[name]!r}" for name in different[:_SHOWN])
