"""Stores as pages see them, for tests without a database; and a way to grant a store other scopes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from core import stores
from core.database import tenant_session
from core.shopify.pages import ShopInfo
from core.stores import StoreState, StoreView
from tests.cast import NOW, Business


def seen(**changes: Any) -> StoreView:
    """Make a connected store in Berlin, complete in every field."""
    fields: dict[str, Any] = {
        "tenant_id": 1,
        "store_id": 1,
        "shop_domain": "acme.myshopify.com",
        "name": "Acme",
        "currency": "EUR",
        "time_zone": ZoneInfo("Europe/Berlin"),
        "credential_kind": "admin_token",
        "state": StoreState.CONNECTED,
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
    return StoreView(**fields | changes)


def grant(business: Business, scopes: Iterable[str]) -> StoreView:
    """Connect the business's store again with other scopes."""
    store = stores.find(business.key)
    with tenant_session(business.tenant_id) as session:
        credentials = stores.open_credentials(session, business.key)
    shop = ShopInfo(
        shopify_id=1,
        name=store.name,
        domain=store.shop_domain,
        currency=store.currency,
        time_zone=store.time_zone.key,
        taxes_included=False,
        created_at=store.shop_created_at,  # type: ignore[arg-type]  # unknown for the cast's stores
        plan=None,
        scopes=tuple(scopes),
    )
    return stores.save(business.tenant_id, shop, credentials, store.connected_at)
