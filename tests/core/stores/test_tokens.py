"""A store's token is renewed once, before it ends or when it is refused, whatever dies in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from core import stores
from core.config import settings
from core.connections import connect
from core.database import StoreKey, tenant_session
from core.database.models import StoreToken
from core.errors import ConfigError, CredentialsRefused, InvalidInput, NotFound, ShopifyDown
from core.sealing.seal import sealer
from core.shopify.auth import AccessToken, ClientCredentials, Credentials, InstalledApp
from core.stores import StoreView, clients
from core.stores.clients import store_client
from core.stores.tokens import StoreTokens
from core.sync import runs, steps
from tests.cast import Cast
from tests.core.shopify.fakes import ScriptedShopify, reply
from tests.installs import CLIENT_ID, SECRET, SHOP, Merchant

ROOT = Path(__file__).parents[3]
KILLED_BETWEEN = """
import os, signal, sys
from requests.adapters import HTTPAdapter
from core.database import StoreKey
from core.stores.clients import keep_alive
from datetime import UTC, datetime, timedelta

class KilledAfterTheAnswer(HTTPAdapter):
    def send(self, *args, **kwargs):
        super().send(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

keep_alive(StoreKey(*map(int, sys.argv[1:])), datetime.now(UTC) + timedelta(days=8), KilledAfterTheAnswer())
"""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def store(merchant: Merchant, cast: Cast) -> StoreView:
    """Initech's store, which installed the operator's app."""
    return merchant.install(cast.dana.actor)


def ask(cast: Cast, store: StoreView, transport: BaseAdapter | None = None) -> None:
    """Something of the shop, as a sync does."""
    with store_client(store.key, transport, sleep=lambda _seconds: None) as client:
        client.execute("shop")


def held(cast: Cast, store: StoreView, credentials: Credentials | None = None, **changes: Any) -> StoreTokens:
    chosen = credentials or InstalledApp(CLIENT_ID)
    return StoreTokens(store.key, SHOP, chosen, **changes)


def row(cast: Cast, store: StoreView) -> StoreToken:
    with tenant_session(cast.dana.tenant_id) as session:
        token_row = session.get(StoreToken, (cast.dana.tenant_id, store.store_id))
        assert token_row is not None
        return token_row


def kept(cast: Cast, store: StoreView) -> AccessToken:
    token_row = row(cast, store)
    return AccessToken.from_json(sealer().open(token_row.tenant_id, token_row.sealed or ""))


def state(cast: Cast, store: StoreView) -> tuple[str, str]:
    seen = stores.find(store.key)
    return seen.state, seen.state_reason or ""


def later(delta: timedelta) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + delta


def test_a_token_is_used_for_most_of_its_hour_and_renewed_before_it_ends(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    first = kept(cast, store).value
    assert held(cast, store, clock=later(timedelta(minutes=47))).current() == first
    assert merchant.shop.oauth.refreshes == 0
    second = held(cast, store, clock=later(timedelta(minutes=49))).current()
    assert (second != first, kept(cast, store).value, merchant.shop.oauth.refreshes) == (True, second, 1)
    assert merchant.shop.accept_token(second)


def test_a_client_that_lives_long_renews_under_way(merchant: Merchant, cast: Cast, store: StoreView) -> None:
    passed = [timedelta(0)]
    tokens = held(cast, store, clock=lambda: now() + passed[0])
    first = tokens.current()
    passed[0] = timedelta(minutes=50)
    assert tokens.current() != first


def test_a_token_that_shopify_refuses_is_renewed_and_the_call_is_retried(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    merchant.clock.ahead = timedelta(hours=2)  # by Shopify's clock it has ended; by ours it has not
    ask(cast, store)
    assert merchant.shop.oauth.refreshes == 1
    assert state(cast, store)[0] == "connected"


def test_many_that_need_a_new_token_at_once_ask_shopify_once(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    soon = later(timedelta(minutes=55))
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(held(cast, store, clock=soon).current())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(got), len(set(got)), merchant.shop.oauth.refreshes) == (6, 1, 1)


def test_two_processes_that_need_a_new_token_at_once_ask_shopify_once(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    program = (
        "import sys; from core.database import StoreKey; from core.stores.clients import store_client\n"
        "with store_client(StoreKey(*map(int, sys.argv[1:]))) as client: client.execute('shop')"
    )
    merchant.clock.ahead = timedelta(hours=2)
    running = [run(program, cast, store) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert merchant.shop.oauth.refreshes == 1


def test_when_one_renewed_it_the_other_whose_token_was_refused_takes_that(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    one, other = held(cast, store), held(cast, store)
    assert one.current() == other.current()
    one.discard()
    renewed = one.current()
    other.discard()
    assert (other.current(), merchant.shop.oauth.refreshes) == (renewed, 1)


def test_a_process_killed_between_shopifys_answer_and_the_commit_loses_nothing(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    before = kept(cast, store)
    assert run(KILLED_BETWEEN, cast, store).wait(60) == -signal.SIGKILL
    assert merchant.shop.oauth.refreshes == 1, "Shopify has given a pair that we do not know"
    assert kept(cast, store) == before

    merchant.clock.ahead = timedelta(hours=2)
    ask(cast, store)
    assert kept(cast, store).refresh_token != before.refresh_token
    assert state(cast, store)[0] == "connected"


def test_killed_twice_in_a_row_loses_nothing_either(merchant: Merchant, cast: Cast, store: StoreView) -> None:
    for _ in range(2):
        assert run(KILLED_BETWEEN, cast, store).wait(60) == -signal.SIGKILL
    held(cast, store).renew()
    ask(cast, store)
    assert state(cast, store)[0] == "connected"


def test_if_shopify_does_not_know_the_new_refresh_token_the_previous_one_is_tried(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    held(cast, store).renew()
    with tenant_session(cast.dana.tenant_id) as session:
        token_row = session.get(StoreToken, (cast.dana.tenant_id, store.store_id))
        assert token_row is not None
        opened = sealer().open(token_row.tenant_id, token_row.sealed or "")
        token_row.sealed = sealer().seal(token_row.tenant_id, opened | {"refresh_token": "shprt_garbled"})
    held(cast, store).renew()
    ask(cast, store)
    assert state(cast, store)[0] == "connected"


def test_an_ended_token_marks_the_store_keeps_its_data_and_a_new_installation_cures_it(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    tenant_id = cast.dana.tenant_id
    merchant.shop.revoke()
    run_id = runs.recent(StoreKey(tenant_id, store.store_id))[0].run_id
    steps.work_on(StoreKey(tenant_id, store.store_id), run_id)
    store_state, reason = state(cast, store)
    assert store_state == "reconnect"
    assert "install the app on it again" in reason
    with pytest.raises(InvalidInput):
        runs.request(StoreKey(tenant_id, store.store_id), "button", now())
    assert stores.find_owner(SHOP) == StoreKey(tenant_id, store.store_id)

    healed = merchant.install(cast.dana.actor)

    assert (healed.store_id, healed.state, healed.state_reason) == (store.store_id, "connected", None)
    ask(cast, store)


def test_an_old_client_does_not_mark_a_store_that_was_reconnected_meanwhile(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    refusing = ScriptedShopify(reply({"errors": "no"}, 401))

    def reconnect_under_way() -> None:
        with store_client(store.key, refusing) as old:
            merchant.install(cast.dana.actor)
            old.execute("shop")

    with pytest.raises(CredentialsRefused):
        reconnect_under_way()
    assert state(cast, store)[0] == "connected"


def test_an_outage_of_shopify_does_not_matter_while_the_token_is_valid(
    merchant: Merchant, cast: Cast, store: StoreView
) -> None:
    first = kept(cast, store).value
    away = ScriptedShopify(reply("", 503))
    assert held(cast, store, transport=away, clock=later(timedelta(minutes=50))).current() == first
    with pytest.raises(ShopifyDown):
        held(cast, store, transport=away, clock=later(timedelta(minutes=61))).current()
    assert state(cast, store)[0] == "connected"


def test_a_refused_token_is_not_used_again_while_shopify_is_away(cast: Cast, store: StoreView) -> None:
    tokens = held(cast, store, transport=ScriptedShopify(reply("", 503)))
    tokens.current()
    tokens.discard()
    with pytest.raises(ShopifyDown):
        tokens.current()


def test_an_operators_wrong_setting_costs_no_store_its_connection(
    cast: Cast, store: StoreView, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SHOPIFY_CLIENT_SECRET", "shpss_mistyped"), ("SHOPIFY_CLIENT_ID", "another")):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            settings.cache_clear()
            with pytest.raises(ConfigError, match="SHOPIFY_CLIENT_ID"):
                held(cast, store).renew()
        settings.cache_clear()
    assert state(cast, store)[0] == "connected"
    held(cast, store).renew()


def test_an_idle_store_is_renewed_once_a_week(merchant: Merchant, cast: Cast, store: StoreView) -> None:
    tenant_id = cast.dana.tenant_id
    assert not clients.keep_alive(StoreKey(tenant_id, store.store_id), now() + timedelta(days=6))
    assert clients.keep_alive(StoreKey(tenant_id, store.store_id), now() + timedelta(days=8))
    assert not clients.keep_alive(StoreKey(tenant_id, store.store_id), now() + timedelta(days=6))
    assert merchant.shop.oauth.refreshes == 1


def test_an_idle_store_whose_tokens_have_ended_is_marked(merchant: Merchant, cast: Cast, store: StoreView) -> None:
    merchant.shop.revoke()
    with pytest.raises(CredentialsRefused):
        clients.keep_alive(store.key, now() + timedelta(days=8))
    assert state(cast, store)[0] == "reconnect"


def test_the_tokens_of_one_business_do_not_open_in_another(cast: Cast, store: StoreView) -> None:
    with pytest.raises(NotFound), store_client(StoreKey(cast.charlie.tenant_id, store.store_id)):
        pass
    with tenant_session(cast.charlie.tenant_id) as session:
        assert session.query(StoreToken).all() == []
    sealed = row(cast, store).sealed or ""
    with pytest.raises(ConfigError):
        sealer().open(cast.charlie.tenant_id, sealed)


def test_disconnecting_deletes_the_tokens(merchant: Merchant, cast: Cast, store: StoreView) -> None:
    connect.disconnect(cast.dana.actor, store.store_id, now())
    with tenant_session(cast.dana.tenant_id) as session:
        assert session.query(StoreToken).all() == []
    assert state(cast, store)[0] == "disconnected"


CREDENTIALS = ClientCredentials(CLIENT_ID, SECRET)


def test_tokens_of_client_credentials_are_kept_for_every_process_and_renewed_when_refused(
    merchant: Merchant, cast: Cast
) -> None:
    store = connect.connect(cast.dana.actor, SHOP, CREDENTIALS, now())
    nothing = ScriptedShopify(requests.ConnectionError())
    first = held(cast, store, CREDENTIALS, transport=nothing).current()
    assert first == merchant.shop.grant(), "kept from connecting: nobody was asked"

    merchant.shop.revoke()
    ask(cast, store)
    assert held(cast, store, CREDENTIALS, transport=nothing).current() == merchant.shop.grant() != first


def test_tokens_of_client_credentials_are_renewed_before_their_day_ends(merchant: Merchant, cast: Cast) -> None:
    store = connect.connect(cast.dana.actor, SHOP, CREDENTIALS, now())
    merchant.shop.revoke()
    assert held(cast, store, CREDENTIALS, clock=later(timedelta(hours=18))).current() != merchant.shop.grant()
    assert held(cast, store, CREDENTIALS, clock=later(timedelta(hours=20))).current() == merchant.shop.grant()


def test_a_secret_that_no_longer_buys_tokens_says_reconnect(merchant: Merchant, cast: Cast) -> None:
    store = connect.connect(cast.dana.actor, SHOP, CREDENTIALS, now())
    merchant.shop.revoke()
    merchant.shop.oauth.rotate_secret("shpss_new")
    with pytest.raises(CredentialsRefused):
        ask(cast, store)
    assert state(cast, store)[0] == "reconnect"
    again = connect.connect(cast.dana.actor, SHOP, replace(CREDENTIALS, secret="shpss_new"), now())
    assert (again.store_id, again.state) == (store.store_id, "connected")
    ask(cast, again)


def run(program: str, cast: Cast, store: StoreView) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", program, str(cast.dana.tenant_id), str(store.store_id)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
