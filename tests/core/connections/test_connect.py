"""Connecting a shop checks and seals its credentials, subscribes its webhooks, and queues its first sync."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from core import stores
from core.config import settings
from core.connections import connect as connecting
from core.database import StoreKey
from core.errors import (
    Conflict,
    CredentialsRefused,
    InvalidShop,
    NotAllowed,
    NotFound,
    ShopifyDown,
    ShopUnavailable,
)
from core.shopify import auth, pages, webhooks
from core.shopify.auth import AdminToken, ClientCredentials
from core.simulator.defaults import SCOPES
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.stores import clients
from core.sync import runs, steps
from tests.cast import Cast
from tests.core.conftest import SPEC
from tests.core.shopify.fakes import reply
from tests.core.transports import Wire, always

SHOP = "initech.myshopify.com"
TOKEN = AdminToken("shpat_00000000000000000000000000initech", "shpss_00000000000000000000000000initech")
CLIENT = ClientCredentials("0123456789abcdef0123456789abcdef", TOKEN.secret)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def initech(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Dana's shop at Shopify; the receiver has a public address."""
    small: dict[str, Any] = {"customers": 3, "orders": 5, "currency": "USD", "time_zone": "America/Chicago"}
    spec = replace(SPEC, domain=SHOP, name="Initech", **small)
    setup = Setup(spec, token=TOKEN.token, client_id=CLIENT.client_id, secret=TOKEN.secret)
    with Simulator([setup]).running() as simulator:
        monkeypatch.setenv("SHOPIFY_ADMIN_URL", simulator.admin_url)
        monkeypatch.setenv("PUBLIC_WEBHOOK_URL", "https://hooks.example.com")
        settings.cache_clear()
        yield simulator
        monkeypatch.undo()
        settings.cache_clear()


def connect(cast: Cast, domain: str = SHOP, transport: Wire | None = None) -> stores.StoreView:
    return connecting.connect(cast.dana.actor, domain, TOKEN, NOW, transport=transport)


def test_a_connected_shop_has_the_fields_that_shopify_reports(cast: Cast, initech: Simulator) -> None:
    store = connect(cast)

    assert (store.shop_domain, store.name, store.currency) == (SHOP, "Initech", "USD")
    assert str(store.time_zone) == "America/Chicago"
    assert (store.scopes, store.missing_scopes) == (SCOPES, ())
    assert (store.state, store.connected_at, store.webhook_note) == ("connected", NOW, None)
    assert stores.find_owner(SHOP) == StoreKey(cast.dana.tenant_id, store.store_id)


@pytest.mark.parametrize("pasted", ["https://initech.myshopify.com/admin", "  INITECH.myshopify.com ", "initech"])
def test_any_spelling_that_a_person_would_paste_is_the_same_shop(cast: Cast, initech: Simulator, pasted: str) -> None:
    assert connect(cast, pasted).shop_domain == SHOP


def test_connecting_subscribes_to_every_topic_at_the_receivers_address(cast: Cast, initech: Simulator) -> None:
    connect(cast)

    subscriptions = initech.live_shop().subscriptions.by_id.values()
    assert {subscription.header_topic for subscription in subscriptions} == set(webhooks.TOPICS)
    assert {subscription.uri for subscription in subscriptions} == {"https://hooks.example.com/webhooks/shopify"}


def test_connecting_starts_the_first_sync_which_brings_the_shop_in(cast: Cast, initech: Simulator) -> None:
    store = connect(cast)

    (run,) = runs.recent(store.key)
    assert (run.trigger, run.state) == ("connect", "queued")
    steps.work_on(store.key, run.run_id)
    assert runs.recent(store.key)[0].state == "succeeded"


def test_connecting_again_is_one_store_one_set_of_subscriptions_and_one_sync(cast: Cast, initech: Simulator) -> None:
    first, again = connect(cast), connect(cast)

    assert first == again
    assert len(initech.live_shop().subscriptions.by_id) == len(webhooks.TOPICS)
    assert len(runs.recent(StoreKey(cast.dana.tenant_id, first.store_id))) == 1


def test_a_client_id_with_its_secret_connects_as_well(cast: Cast, initech: Simulator) -> None:
    store = connecting.connect(cast.dana.actor, SHOP, CLIENT, NOW)

    with clients.store_client(StoreKey(cast.dana.tenant_id, store.store_id)) as client:
        assert pages.shop(client).name == "Initech"


def test_a_token_of_the_client_that_ended_is_replaced_while_working(cast: Cast, initech: Simulator) -> None:
    store = connecting.connect(cast.dana.actor, SHOP, CLIENT, NOW)

    with clients.store_client(StoreKey(cast.dana.tenant_id, store.store_id)) as client:
        assert pages.shop(client).name == "Initech"
        initech.live_shop().revoke()
        assert pages.shop(client).name == "Initech"


@pytest.mark.parametrize(
    "wrong", [AdminToken("shpat_wrong", "shpss_wrong"), ClientCredentials(CLIENT.client_id, "wrong")]
)
def test_wrong_credentials_are_refused_and_nothing_is_stored(
    cast: Cast, initech: Simulator, wrong: auth.Credentials
) -> None:
    with pytest.raises(CredentialsRefused):
        connecting.connect(cast.dana.actor, SHOP, wrong, NOW)

    assert stores.list_stores(cast.dana.tenant_id) == ()
    assert stores.find_owner(SHOP) is None


def test_a_shop_that_does_not_exist_is_named(cast: Cast, initech: Simulator) -> None:
    with pytest.raises(ShopUnavailable, match=r"Shopify has no store nobody\.myshopify\.com"):
        connect(cast, "nobody.myshopify.com")


def test_an_address_that_is_no_shop_is_refused_before_any_request(cast: Cast, initech: Simulator) -> None:
    wire = Wire()
    with pytest.raises(InvalidShop):
        connect(cast, "initech.example.com", wire)
    assert wire.sent == []


def test_only_owners_connect_and_disconnect(cast: Cast, initech: Simulator) -> None:
    with pytest.raises(NotAllowed, match="ask an owner to connect stores"):
        connecting.connect(cast.bob.actor, SHOP, TOKEN, NOW)
    with pytest.raises(NotAllowed, match="ask an owner to connect stores"):
        connecting.disconnect(cast.bob.actor, cast.acme.store_id, NOW)
    assert stores.find(cast.acme.key).state == "connected"


def test_a_shop_of_another_business_is_not_taken_over_even_with_its_credentials(
    cast: Cast, initech: Simulator
) -> None:
    store = connect(cast)

    with pytest.raises(Conflict, match="another business"):
        connecting.connect(cast.charlie.actor, SHOP, TOKEN, NOW)
    assert stores.find_owner(SHOP) == StoreKey(cast.dana.tenant_id, store.store_id)


def test_when_shopify_does_not_answer_connecting_fails_and_stores_nothing(cast: Cast, initech: Simulator) -> None:
    with pytest.raises(ShopifyDown):
        connect(cast, transport=always(lambda: reply("", 503, {"Retry-After": "120"})))

    assert stores.list_stores(cast.dana.tenant_id) == ()


def test_a_person_is_not_kept_waiting_while_shopify_is_down(cast: Cast, initech: Simulator) -> None:
    began = time.monotonic()
    with pytest.raises(ShopifyDown, match="try again in a minute"):
        connect(cast, transport=always(lambda: reply("", 502)))

    assert time.monotonic() - began < connecting.PATIENCE + 2


def test_without_a_public_address_the_store_says_that_orders_come_with_the_sync(
    cast: Cast, initech: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_WEBHOOK_URL", "")
    settings.cache_clear()

    assert connect(cast).webhook_note == (
        "No public address is set (PUBLIC_WEBHOOK_URL), so orders arrive only with scheduled syncs."
    )


def test_webhooks_that_cannot_be_subscribed_do_not_undo_the_connection(
    cast: Cast, initech: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_WEBHOOK_URL", "http://hooks.example.com")
    settings.cache_clear()

    store = connect(cast)

    assert store.state == "connected"
    assert store.webhook_note == (
        f"Not subscribed to {', '.join(webhooks.TOPICS)}: Address protocol http:// is not supported"
    )


def test_shopify_failing_after_the_check_does_not_undo_the_connection(cast: Cast, initech: Simulator) -> None:
    def after_the_first(number: int) -> requests.Response | None:
        return reply("", 503, {"Retry-After": "120"}) if number > 1 else None

    store = connect(cast, transport=Wire(after_the_first))

    assert store.state == "connected"
    assert store.webhook_note is not None
    assert store.webhook_note.startswith(
        "Webhooks could not be subscribed, so orders arrive only with scheduled syncs"
    )


def test_disconnecting_unsubscribes_and_deletes_the_credentials(cast: Cast, initech: Simulator) -> None:
    store = connect(cast)

    connecting.disconnect(cast.dana.actor, store.store_id, NOW)

    assert initech.live_shop().subscriptions.by_id == {}
    assert stores.find(StoreKey(cast.dana.tenant_id, store.store_id)).state == "disconnected"
    assert stores.find_owner(SHOP) is None
    with pytest.raises(CredentialsRefused), clients.store_client(StoreKey(cast.dana.tenant_id, store.store_id)):
        pass


def test_disconnecting_works_when_shopify_refuses_the_credentials(cast: Cast, initech: Simulator) -> None:
    store = connect(cast)

    connecting.disconnect(
        cast.dana.actor,
        store.store_id,
        NOW,
        transport=always(lambda: reply({"errors": "[API] Invalid API key"}, 401)),
    )

    assert stores.find(StoreKey(cast.dana.tenant_id, store.store_id)).state == "disconnected"


def test_disconnecting_twice_is_disconnected(cast: Cast, initech: Simulator) -> None:
    store = connect(cast)
    for _ in range(2):
        connecting.disconnect(cast.dana.actor, store.store_id, NOW)

    assert stores.find(StoreKey(cast.dana.tenant_id, store.store_id)).state == "disconnected"


def test_a_store_that_is_not_theirs_cannot_be_disconnected(cast: Cast, initech: Simulator) -> None:
    with pytest.raises(NotFound):
        connecting.disconnect(cast.dana.actor, cast.acme.store_id, NOW)
    assert stores.find(cast.acme.key).state == "connected"
