"""The range of ids. Shopify's and ours are PostgreSQL's bigint."""

from __future__ import annotations

LARGEST_ID = (1 << 63) - 1
"""PostgreSQL refuses a statement with a larger number, so an id from outside is compared with it first."""
