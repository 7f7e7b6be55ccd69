"""Shopify's privacy requests: export, redact, erase; and how long stored input is kept."""

from core.privacy.bodies import ERASED
from core.privacy.late import forget
from core.privacy.requests import Receipt, download, note_kept, receipts, take
from core.shopify.webhooks import COMPLIANCE

__all__ = ["COMPLIANCE", "ERASED", "Receipt", "download", "forget", "note_kept", "receipts", "take"]
