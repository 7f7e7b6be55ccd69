"""The storm's businesses: one for each shop, with expiring tokens, and fresh ones to compare with."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qs, urlsplit

import requests
from sqlalchemy import delete

from core import accounts
from core.accounts import Actor
from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_TOKEN
from core.connections import connect as connecting
from core.connections import install
from core.database import StoreKey, tenant_session
from core.database.models import Store, StoreRoute, Trigger
from core.sealing.seal import sealer
from core.shopify.auth import AdminToken, ClientCredentials
from core.simulator.defaults import SCOPES
from core.sync import runs
from tests.cast import add_store
from tests.end_to_end.processes import wait_until
from tests.storm.installation import RestartingInstallation

NORTH, SOUTH = "north.myshopify.com", "south.myshopify.com"
SHOPS = (NORTH, SOUTH)
"""The first is connected by client credentials, whose tokens may be revoked at any time. On the second the operator's
app is installed; its tokens expire soon and are refreshed in pairs."""
OPERATORS_APP = {
    "SHOPIFY_CLIENT_ID": DEMO_CLIENT_ID,
    "SHOPIFY_CLIENT_SECRET": DEMO_SECRET,
    "SHOPIFY_SCOPES": ",".join(SCOPES),
}
_TOKEN_SECONDS = 20
_LOAD_SECONDS = 1800.0


def connect(installation: RestartingInstallation) -> dict[str, StoreKey]:
    """Connect a business for each shop. Their first loads begin."""
    now = datetime.now(UTC)
    north, south = _register("north", now), _register("south", now)
    credentials = ClientCredentials(DEMO_CLIENT_ID, DEMO_SECRET)
    by_credentials = connecting.connect(north, NORTH, credentials, now)
    by_install = connecting.confirm(south, _claim(installation, south), now)
    return {NORTH: by_credentials.key, SOUTH: by_install.key}


def owner_of(shop: str) -> Actor:
    """Return the user who connected the shop."""
    return _actor(shop.partition(".")[0])


def load_fresh_stores() -> dict[str, StoreKey]:
    """Load the same shops into fresh stores of other businesses, without webhooks."""
    now = datetime.now(UTC)
    fresh = {shop: _add_unrouted_store(_register(f"fresh-{shop}", now).tenant_id, shop, now) for shop in SHOPS}
    for store in fresh.values():
        runs.request(store, Trigger.COMMAND, now)
    for shop, store in fresh.items():
        wait_until(partial(_is_loaded, store), f"{shop} is loaded into a fresh store", seconds=_LOAD_SECONDS)
    return fresh


def _is_loaded(store: StoreKey) -> bool:
    """Whether the first requested run has ended; fails if it has failed."""
    first = runs.recent(store)[-1]
    assert first.active or first.state == "succeeded", first.error
    return not first.active


def _register(name: str, now: datetime) -> Actor:
    accounts.register(name, f"{name}@example.com", "storm-password", name, now)
    return _actor(name)


def _actor(name: str) -> Actor:
    user_id = accounts.find_user(f"{name}@example.com").user_id
    return Actor(user_id, accounts.tenants_of(user_id)[0].tenant_id)


def _claim(installation: RestartingInstallation, actor: Actor) -> str:
    """Let a browser go through the receiver to Shopify, click "Install", and return its claim."""
    settings_url = f"{installation.simulator_url}/simulator/{SOUTH}/app"
    requests.post(settings_url, json={"token_seconds": _TOKEN_SECONDS}, timeout=30).raise_for_status()
    state = install.begin(actor, SOUTH, datetime.now(UTC))
    with requests.Session() as browser:
        consent_page = _redirect_target(
            browser.get(f"{installation.webhook_url}/connect/start?state={state}", allow_redirects=False)
        )
        callback = _redirect_target(requests.post(consent_page, timeout=30, allow_redirects=False))
        stores_page = _redirect_target(browser.get(callback, timeout=30, allow_redirects=False))
    return parse_qs(urlsplit(stores_page).query)["claim"][0]


def _redirect_target(answer: requests.Response) -> str:
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def _add_unrouted_store(tenant_id: int, shop: str, now: datetime) -> StoreKey:
    """Add a connected store without a route for webhooks, which only one business can have."""
    business = add_store(tenant_id, shop, f"fresh-{shop}", "EUR", "Europe/Berlin", now)
    with tenant_session(tenant_id) as session:
        session.execute(delete(StoreRoute).where(StoreRoute.tenant_id == tenant_id))
        store = session.get_one(Store, (tenant_id, business.store_id))
        store.shop_domain, store.scopes = shop, list(SCOPES)
        sealed = sealer().seal(tenant_id, AdminToken(DEMO_TOKEN, DEMO_SECRET).to_json())
        store.sealed_credentials = sealed
    return business.key
