"""A local Shopify: a made-up shop that is the same for the same seed, its API, its webhooks, and its true totals.

The demo, the tests and the benchmarks share it. The names below are plain demo values: they open nothing but the
simulator, which listens on this machine only.
"""

from __future__ import annotations

DEMO_SHOP = "demo-store.myshopify.com"
DEMO_CLIENT_ID = "3f1c0d9e5b7a4c2d8e6f0a1b2c3d4e5f"
DEMO_SECRET = "shpss_demo0000secret0000demo0000secret0"  # noqa: S105 - of the simulator alone
DEMO_TOKEN = "shpat_demo0000token0000demo0000token000"  # noqa: S105 - of the simulator alone

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
)
