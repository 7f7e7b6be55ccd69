"""Imports of orders from Shopify's CSV files."""

from core.imports.rows import (
    MOST_BYTES,
    NAMED,
    Progress,
    Upload,
    add,
    claim,
    find,
    finish,
    key_of,
    note,
    pieces,
    recent,
    request,
    too_large,
    undated,
)
from core.imports.views import ImportView, Skipped, Uneven
from core.metrics.imported import Undated

__all__ = [
    "MOST_BYTES",
    "NAMED",
    "ImportView",
    "Progress",
    "Skipped",
    "Undated",
    "Uneven",
    "Upload",
    "add",
    "claim",
    "find",
    "finish",
    "key_of",
    "note",
    "pieces",
    "recent",
    "request",
    "too_large",
    "undated",
]
