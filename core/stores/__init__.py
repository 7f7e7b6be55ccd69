"""Connected stores: their rows, credentials, tokens and clients."""

from core.database.models import StoreState
from core.stores.rows import (
    Route,
    StoreView,
    find,
    forget_credentials,
    has_installed,
    list_stores,
    mark_reconnect,
    note_denied,
    note_webhooks,
    open_credentials,
    receiving,
    renew_installation,
    route,
    routes,
    save,
)

__all__ = [
    "Route",
    "StoreState",
    "StoreView",
    "find",
    "forget_credentials",
    "has_installed",
    "list_stores",
    "mark_reconnect",
    "note_denied",
    "note_webhooks",
    "open_credentials",
    "receiving",
    "renew_installation",
    "route",
    "routes",
    "save",
]
