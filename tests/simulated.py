"""A simulated shop, read as the product reads one: by pages of the API, into an empty database."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core import ingest
from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import Shop, ShopSpec
from tests.cast import NOW, Business, Cast, add_store, make_cast
from tests.emptying import empty_database

PageOf = Callable[..., Any]
"""A function of `core.shopify.pages` that fetches one page of records."""


YEARS = (
    {"currency": "EUR", "time_zone": "Europe/Berlin", "taxes_included": True},
    {"currency": "USD", "time_zone": "America/New_York", "taxes_included": False},
    {"currency": "JPY", "time_zone": "Asia/Tokyo", "taxes_included": True},
    {"currency": "KWD", "time_zone": "Australia/Lord_Howe", "taxes_included": False},
)
"""Four shops of `make truth`: currencies of two, no and three decimals; clocks that change by an hour, by half an
hour and never."""
YEARS_DAYS, YEARS_ORDERS, YEARS_CUSTOMERS = 1000, 2000, 350
"""From February 2024 on, its leap day among them."""


def specs(small: ShopSpec) -> list[ShopSpec]:
    """The shops of a test against the simulator's own figures: one, or with TRUTH=years in the environment, four."""
    if os.environ.get("TRUTH") != "years":
        return [small]
    size: dict[str, Any] = {"days": YEARS_DAYS, "orders": YEARS_ORDERS, "customers": YEARS_CUSTOMERS}
    return [replace(small, **size, **place) for place in YEARS]


def name_of(spec: ShopSpec) -> str:
    """The name of a shop in the ids of tests."""
    return f"{spec.currency} {spec.time_zone}"


def every(page_of: PageOf, client: ShopifyClient, at_once: int = 25) -> list[Any]:
    """Read all records of a kind, page after page."""
    after, records = None, []
    while True:
        page = page_of(client, "", after, at_once)
        records += page.records
        if not page.has_next:
            return records
        after = page.end_cursor


def read_shop(database_url: str, spec: ShopSpec, *pages_of: PageOf) -> tuple[Shop, Business]:
    """Empty the database, and read a shop of this specification into a store of Acme's; returns both."""
    empty_database(database_url)
    cast = make_cast()
    acme = cast.acme
    if (spec.currency, spec.time_zone) != ("EUR", "Europe/Berlin"):
        acme = add_store(cast.alice.tenant_id, "Truth", "truth.myshopify.com", spec.currency, spec.time_zone)
    return _read(spec, acme, pages_of), acme


def read_shops(database_url: str, small: ShopSpec, *pages_of: PageOf) -> tuple[Cast, list[tuple[Shop, Business]]]:
    """Empty the database, and read four shops into stores of Alice's: one in each place of `YEARS`.

    Each has its own seed, so that no two sell the same.
    """
    empty_database(database_url)
    cast = make_cast()
    found = []
    for number, place in enumerate(YEARS):
        spec = replace(small, seed=small.seed + number, **place)
        business = (
            cast.acme
            if not number
            else add_store(
                cast.alice.tenant_id,
                f"Truth {number}",
                f"truth-{number}.myshopify.com",
                spec.currency,
                spec.time_zone,
            )
        )
        found.append((_read(spec, business, pages_of), business))
    return cast, found


def _read(spec: ShopSpec, acme: Business, pages_of: tuple[PageOf, ...]) -> Shop:
    with Simulator([Setup(spec, restore_rate=1_000_000)]).running() as simulator:
        client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
        records = [record for page_of in pages_of for record in every(page_of, client)]
        client.close()
        with tenant_session(acme.tenant_id) as session:
            ingest.write(session, acme.key, records, NOW)
        return simulator.live_shop().shop
