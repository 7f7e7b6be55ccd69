"""The API version of the simulator, and the scopes that its shops grant."""

from __future__ import annotations

API_VERSION = "2026-10"
SCOPES = (
    "read_all_orders",
    "read_customer_merge",
    "read_customers",
    "read_inventory",
    "read_locations",
    "read_orders",
    "read_products",
    "read_reports",
    "read_returns",
)
