"""The storm's businesses: one for each shop, connected in ways whose tokens end, and those that load anew beside."""

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
from core.database.models import Store, StoreRoute
from core.sealing.seal import sealer
from core.shopify.auth import AdminToken, ClientCredentials
from core.simulator.defaults import SCOPES
from core.sync import runs
from tests.cast import add_store
from tests.end_to_end.processes import wait_until
from tests.storm.equality import Stored
from tests.storm.ground import Ground

NORTH, SOUTH = "north.myshopify.com", "south.myshopify.com"
SHOPS = (NORTH, SOUTH)
"""The first is connected by client credentials, whose tokens may end at any time; on the second the operator's app is
installed, whose tokens end soon and are renewed in pairs."""
OPERATORS_APP = {
    "SHOPIFY_CLIENT_ID": DEMO_CLIENT_ID,
    "SHOPIFY_CLIENT_SECRET": DEMO_SECRET,
    "SHOPIFY_SCOPES": ",".join(SCOPES),
}
_TOKEN_SECONDS = 20
_LOAD_SECONDS = 1800.0


def connect(ground: Ground) -> dict[str, Stored]:
    """A business for each shop, connected: its first load begins, and the storm with it."""
    now = datetime.now(UTC)
    north, south = _registered("north", now), _registered("south", now)
    credentials = ClientCredentials(DEMO_CLIENT_ID, DEMO_SECRET)
    by_credentials = connecting.connect(north, NORTH, credentials, now)
    by_install = connecting.confirm(south, _claim(ground, south), now)
    return {NORTH: (north.tenant_id, by_credentials.store_id), SOUTH: (south.tenant_id, by_install.store_id)}


def owner_of(shop: str) -> Actor:
    """The user who connected the shop."""
    return _actor(shop.partition(".")[0])


def load_anew() -> dict[str, Stored]:
    """Other businesses' stores of the same shops, loaded from nothing side by side; Shopify does not know of them."""
    now = datetime.now(UTC)
    fresh = {shop: _unrouted(_registered(f"fresh-{shop}", now).tenant_id, shop, now) for shop in SHOPS}
    for stored in fresh.values():
        runs.request(StoreKey(*stored), "command", now)
    for shop, stored in fresh.items():
        wait_until(partial(_is_loaded, stored), f"{shop} is loaded anew", seconds=_LOAD_SECONDS)
    return fresh


def _is_loaded(stored: Stored) -> bool:
    """Whether the first run that was asked for has ended, well."""
    first = runs.recent(StoreKey(*stored))[-1]
    assert first.active or first.state == "succeeded", first.error
    return not first.active


def _registered(name: str, now: datetime) -> Actor:
    accounts.register(name, f"{name}@example.com", "storm-password", name, now)
    return _actor(name)


def _actor(name: str) -> Actor:
    user_id = accounts.find_user(f"{name}@example.com").user_id
    return Actor(user_id, accounts.tenants_of(user_id)[0].tenant_id)


def _claim(ground: Ground, actor: Actor) -> str:
    """What a browser brings back that went through the receiver to Shopify, where its user clicked "Install"."""
    switches = f"{ground.simulator_url}/simulator/{SOUTH}/app"
    requests.post(switches, json={"token_seconds": _TOKEN_SECONDS}, timeout=30).raise_for_status()
    state = install.begin(actor, SOUTH, datetime.now(UTC))
    with requests.Session() as browser:
        at_shopify = _sent_on(browser.get(f"{ground.webhook_url}/connect/start?state={state}", allow_redirects=False))
        back = _sent_on(requests.post(at_shopify, timeout=30, allow_redirects=False))
        at_stores = _sent_on(browser.get(back, timeout=30, allow_redirects=False))
    return parse_qs(urlsplit(at_stores).query)["claim"][0]


def _sent_on(answer: requests.Response) -> str:
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def _unrouted(tenant_id: int, shop: str, now: datetime) -> Stored:
    """A connected store without the route that webhooks take, which only one business can have."""
    made = add_store(tenant_id, shop, f"fresh-{shop}", "EUR", "Europe/Berlin", now)
    with tenant_session(tenant_id) as session:
        session.execute(delete(StoreRoute).where(StoreRoute.tenant_id == tenant_id))
        store = session.get_one(Store, (tenant_id, made.store_id))
        store.shop_domain, store.scopes = shop, list(SCOPES)
        sealed = sealer().seal(tenant_id, AdminToken(DEMO_TOKEN, DEMO_SECRET).to_json())
        store.sealed_credentials = sealed
    return tenant_id, made.store_id
