"""A simulated shop, read as the product reads one: by pages of the API, into an empty database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import ingest
from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import Shop, ShopSpec
from tests.cast import NOW, Business, make_cast
from tests.emptying import empty_database

PageOf = Callable[..., Any]
"""A function of `core.shopify.pages` that fetches one page of records."""


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
    """Empty the database, and read a shop of this specification into Acme's store; returns both."""
    empty_database(database_url)
    acme = make_cast().acme
    with Simulator([Setup(spec, restore_rate=1_000_000)]).running() as simulator:
        client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
        records = [record for page_of in pages_of for record in every(page_of, client)]
        client.close()
        with tenant_session(acme.tenant_id) as session:
            ingest.write(session, acme.key, records, NOW)
        return simulator.live_shop().shop, acme
