"""The fields by which orders, customers, products, inventory and checkouts are searched, and their sort keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.simulator.admin_api.search import Fields, SearchField
from core.simulator.shop.formats import api_time

ORDERS: Fields = {
    "id": SearchField("number", lambda order: order.order_id),
    "created_at": SearchField("time", lambda order: order.created_at),
    "processed_at": SearchField("time", lambda order: order.processed_at),
    "updated_at": SearchField("time", lambda order: order.updated_at),
    "name": SearchField("text", lambda order: order.name.removeprefix("#")),
    "email": SearchField("text", lambda order: order.email),
    "source_name": SearchField("text", lambda order: order.source_name),
    "status": SearchField("text", lambda order: "cancelled" if order.cancelled_at else "open"),
    "test": SearchField("text", lambda order: order.test),
}
CUSTOMERS: Fields = {
    "id": SearchField("number", lambda customer: customer.customer_id),
    "customer_date": SearchField("time", lambda customer: customer.created_at),
    "updated_at": SearchField("time", lambda customer: customer.updated_at),
    "email": SearchField("text", lambda customer: customer.email),
    "first_name": SearchField("text", lambda customer: customer.first_name),
    "last_name": SearchField("text", lambda customer: customer.last_name),
}
PRODUCTS: Fields = {
    "id": SearchField("number", lambda product: product.product_id),
    "created_at": SearchField("time", lambda product: product.created_at),
    "updated_at": SearchField("time", lambda product: product.updated_at),
    "title": SearchField("text", lambda product: product.title),
    "vendor": SearchField("text", lambda product: product.vendor),
    "product_type": SearchField("text", lambda product: product.product_type),
    "status": SearchField("text", lambda product: "active"),
}
INVENTORY_ITEMS: Fields = {
    "id": SearchField("number", lambda item: item.variant.inventory_item_id),
    "created_at": SearchField("time", lambda item: item.created_at),
    "updated_at": SearchField("time", lambda item: item.updated_at),
    "sku": SearchField("text", lambda item: item.variant.sku),
}
INVENTORY_LEVELS: Fields = {
    "created_at": SearchField("time", lambda level: level.created_at),
    "updated_at": SearchField("time", lambda level: level.updated_at),
}
CHECKOUTS: Fields = {
    "id": SearchField("number", lambda checkout: checkout.checkout_id),
    "created_at": SearchField("time", lambda checkout: checkout.created_at),
    "updated_at": SearchField("time", lambda checkout: checkout.updated_at),
    "status": SearchField("text", lambda checkout: "closed" if checkout.completed_at else "open"),
}

SORTS: Mapping[str, Callable[[Any], Any]] = {
    "CREATED_AT": lambda record: api_time(record.created_at),
    "PROCESSED_AT": lambda order: api_time(order.processed_at),
    "UPDATED_AT": lambda record: api_time(record.updated_at),
    "ORDER_NUMBER": lambda order: order.number,
    "TITLE": lambda product: product.title,
}
