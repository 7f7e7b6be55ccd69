"""Topics of webhooks in the merchant's words. Pure."""

from __future__ import annotations

_WORDS = {
    "orders/create": "Order placed",
    "orders/updated": "Order changed",
    "orders/cancelled": "Order cancelled",
    "orders/edited": "Order edited",
    "orders/delete": "Order deleted",
    "refunds/create": "Refund made",
    "returns/request": "Return requested",
    "returns/approve": "Return approved",
    "returns/decline": "Return declined",
    "returns/cancel": "Return cancelled",
    "returns/process": "Return processed",
    "returns/update": "Return changed",
    "returns/close": "Return closed",
    "returns/reopen": "Return reopened",
    "customers/create": "New customer",
    "customers/update": "Customer changed",
    "customers/delete": "Customer deleted",
    "customers/merge": "Customers merged",
    "products/create": "New product",
    "products/update": "Product changed",
    "products/delete": "Product deleted",
    "inventory_levels/update": "Stock changed",
    "checkouts/create": "Checkout started",
    "checkouts/update": "Checkout changed",
    "checkouts/delete": "Checkout deleted",
    "carts/create": "Cart filled",
    "carts/update": "Cart changed",
    "bulk_operations/finish": "Export by Shopify finished",
    "app/uninstalled": "App uninstalled",
    "app/scopes_update": "Permissions changed",
    "shop/update": "Shop settings changed",
    "customers/data_request": "Customer asked for their data",
    "customers/redact": "Customer to be erased",
    "shop/redact": "Shop to be erased",
}


def topic_text(topic: str) -> str:
    """Order placed, for orders/create; a topic that Xeno does not know is its own name."""
    return _WORDS.get(topic, topic)
