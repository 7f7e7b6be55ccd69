"""Shopify's privacy requests: export, redact, erase; and how long stored input is kept."""

from core.privacy.bodies import ERASED
from core.privacy.erase import erase_redacted
from core.privacy.requests import Receipt, download, fulfil, receipts, write_denied_receipt
from core.shopify.webhooks import COMPLIANCE

__all__ = [
    "COMPLIANCE",
    "ERASED",
    "Receipt",
    "download",
    "erase_redacted",
    "fulfil",
    "receipts",
    "write_denied_receipt",
]
