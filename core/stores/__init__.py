"""Connected stores: their rows, credentials, tokens and clients."""

from core.database.models import StoreState
from core.stores.rows import (
    StoreView,
    delete_credentials,
    find,
    find_owner,
    has_installed,
    keep_scopes,
    list_connected,
    list_receiving,
    list_stores,
    mark_reconnect,
    note_webhooks,
    note_withheld,
    open_credentials,
    renew_installation,
    save,
)
from core.stores.view import fingerprint, fingerprint_settings, short_hash
from core.stores.work import Work, fingerprint_work

__all__ = [
    "StoreState",
    "StoreView",
    "Work",
    "delete_credentials",
    "find",
    "find_owner",
    "fingerprint",
    "fingerprint_settings",
    "fingerprint_work",
    "has_installed",
    "keep_scopes",
    "list_connected",
    "list_receiving",
    "list_stores",
    "mark_reconnect",
    "note_webhooks",
    "note_withheld",
    "open_credentials",
    "renew_installation",
    "save",
    "short_hash",
]
