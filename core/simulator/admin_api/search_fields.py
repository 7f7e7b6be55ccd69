"""What orders, customers, products, inventory items and checkouts can be searched for, and sorted by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.simulator.admin_api.search import Fields, Searchable
from core.simulator.shop.formats import api_time

ORDERS: Fields = {
    "id": Searchable("number", lambda order: order.order_id),
    "created_at": Searchable("time", lambda order: order.created_at),
    "processed_at": Searchable("time", lambda order: order.processed_at),
    "updated_at": Searchable("time", lambda order: order.updated_at),
    "name": Searchable("text", lambda order: order.name.removeprefix("#")),
    "email": Searchable("text", lambda order: order.email),
    "source_name": Searchable("text", lambda order: order.source_name),
    "status": Searchable("text", lambda order: "cancelled" if order.cancelled_at else "open"),
    "test": Searchable("text", lambda order: order.test),
}
CUSTOMERS: Fields = {
    "id": Searchable("number", lambda customer: customer.customer_id),
    "customer_date": Searchable("time", lambda customer: customer.created_at),
    "updated_at": Searchable("time", lambda customer: customer.updated_at),
    "email": Searchable("text", lambda customer: customer.email),
    "first_name": Searchable("text", lambda customer: customer.first_name),
    "last_name": Searchable("text", lambda customer: customer.last_name),
}
PRODUCTS: Fields = {
    "id": Searchable("number", lambda product: product.product_id),
    "created_at": Searchable("time", lambda product: product.created_at),
    "updated_at": Searchable("time", lambda product: product.updated_at),
    "title": Searchable("text", lambda product: product.title),
    "vendor": Searchable("text", lambda product: product.vendor),
    "product_type": Searchable("text", lambda product: product.product_type),
    "status": Searchable("text", lambda product: "active"),
}
INVENTORY_ITEMS: Fields = {
    "id": Searchable("number", lambda item: item.variant.inventory_item_id),
    "created_at": Searchable("time", lambda item: item.created_at),
    "updated_at": Searchable("time", lambda item: item.updated_at),
    "sku": Searchable("text", lambda item: item.variant.sku),
}
INVENTORY_LEVELS: Fields = {
    "created_at": Searchable("time", lambda level: level.created_at),
    "updated_at": Searchable("time", lambda level: level.updated_at),
}
CHECKOUTS: Fields = {
    "id": Searchable("number", lambda checkout: checkout.checkout_id),
    "created_at": Searchable("time", lambda checkout: checkout.created_at),
    "updated_at": Searchable("time", lambda checkout: checkout.updated_at),
    "status": Searchable("text", lambda checkout: "closed" if checkout.completed_at else "open"),
}

SORTS: Mapping[str, Callable[[Any], Any]] = {
    "CREATED_AT": lambda thing: api_time(thing.created_at),
    "PROCESSED_AT": lambda order: api_time(order.processed_at),
    "UPDATED_AT": lambda thing: api_time(thing.updated_at),
    "ORDER_NUMBER": lambda order: order.number,
    "TITLE": lambda product: product.title,
}
