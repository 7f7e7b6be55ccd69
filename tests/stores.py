"""A store as pages see it, for tests that need no database."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from core.stores import StoreView
from tests.cast import NOW


def seen(**changes: Any) -> StoreView:
    """A connected store in Berlin that lacks nothing."""
    said: dict[str, Any] = {
        "store_id": 1,
        "shop_domain": "acme.myshopify.com",
        "name": "Acme",
        "currency": "EUR",
        "time_zone": ZoneInfo("Europe/Berlin"),
        "credential_kind": "admin_token",
        "state": "connected",
        "state_reason": None,
        "scopes": ("read_orders", "read_products", "read_customers"),
        "missing_scopes": (),
        "webhook_note": None,
        "connected_at": NOW,
        "shop_created_at": None,
        "revision": 0,
        "last_ingest_at": None,
        "complete_until": None,
    }
    return StoreView(**said | changes)
