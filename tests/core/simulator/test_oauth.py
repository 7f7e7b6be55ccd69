"""The simulated Shopify issues and ends tokens like Shopify: codes once, rotating pairs, and a lost answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from core.config import DEMO_CLIENT_ID, DEMO_SECRET
from core.shopify import oauth
from core.simulator.admin_api.oauth import Authorization, OAuthError
from core.simulator.defaults import SCOPES
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.clocks import Clock

SHOP = "initech.myshopify.com"
BACK = "https://hooks.example.com/connect/callback"
ASKED = {"client_id": "an-id", "redirect_uri": BACK, "scope": "read_orders,read_products", "state": "abc"}
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def app(clock: Callable[[], datetime] | None = None) -> Authorization:
    return Authorization(SHOP, "an-id", "a-secret", clock or Clock(START), lambda _entry: None)


def query(**more: str) -> dict[str, str]:
    return {"client_id": "an-id", "client_secret": "a-secret", **more}


def code(shop: Authorization) -> str:
    return dict(parse_qsl(urlsplit(shop.approve(ASKED)).query))["code"]


def installed(shop: Authorization) -> dict[str, str]:
    return shop.grant(query(code=code(shop), expiring="1"))


def refreshed(shop: Authorization, pair: dict[str, str]) -> dict[str, str]:
    return shop.grant(query(grant_type="refresh_token", refresh_token=pair["refresh_token"]))


def test_the_merchant_comes_back_with_a_freshly_signed_query() -> None:
    target = urlsplit(app().approve(ASKED))
    pairs = parse_qsl(target.query)
    assert f"{target.scheme}://{target.netloc}{target.path}" == BACK
    assert dict(pairs)["state"] == "abc"
    assert oauth.checked_shop(pairs, ["a-secret"], START) == SHOP


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"client_id": "another"}, "application_cannot_be_found"),
        ({"redirect_uri": "http://evil.com/"}, "not whitelisted"),
        ({"scope": "read_orders,read_minds"}, "invalid_scope"),
    ],
)
def test_an_invalid_request_shows_no_consent_page(change: dict[str, str], why: str) -> None:
    assert app().refusal(ASKED) is None
    assert why in (app().refusal(ASKED | change) or "")


def test_a_code_is_good_once_and_for_a_minute() -> None:
    clock = Clock(START)
    shop = app(clock)
    first, late = code(shop), code(shop)
    pair = shop.grant(query(code=first))
    assert (pair["scope"], pair["expires_in"], pair["refresh_token_expires_in"]) == (ASKED["scope"], 3600, 7_776_000)
    with pytest.raises(OAuthError, match="invalid_request"):
        shop.grant(query(code=first))
    clock.now += timedelta(seconds=61)
    with pytest.raises(OAuthError, match="invalid_request"):
        shop.grant(query(code=late))


def test_a_wrong_secret_or_client_buys_nothing() -> None:
    shop = app()
    with pytest.raises(OAuthError, match="invalid_client"):
        shop.grant(query(code=code(shop)) | {"client_secret": "x"})
    with pytest.raises(OAuthError, match="application_cannot_be_found"):
        shop.grant(query(code=code(shop)) | {"client_id": "x"})


def test_a_token_is_valid_for_its_hour() -> None:
    clock = Clock(START)
    shop = app(clock)
    pair = installed(shop)
    clock.now += timedelta(seconds=3599)
    assert shop.accept(pair["access_token"])
    clock.now += timedelta(seconds=1)
    assert not shop.accept(pair["access_token"])


def test_until_the_new_pair_is_used_the_one_before_still_works() -> None:
    shop = app()
    first = installed(shop)
    lost = refreshed(shop, first)
    again = refreshed(shop, first)
    assert shop.accept(first["access_token"])
    assert not shop.accept(lost["access_token"])
    assert shop.accept(again["access_token"]), "the first use"
    assert not shop.accept(first["access_token"])
    with pytest.raises(OAuthError, match="invalid_grant"):
        refreshed(shop, first)
    with pytest.raises(OAuthError, match="invalid_grant"):
        refreshed(shop, lost)


def test_another_installation_ends_the_pairs_of_the_first_at_once() -> None:
    shop = app()
    first = installed(shop)
    second = installed(shop)
    assert not shop.accept(first["access_token"])
    with pytest.raises(OAuthError, match="invalid_grant"):
        refreshed(shop, first)
    assert shop.accept(second["access_token"])


def test_after_an_uninstallation_no_token_is_valid() -> None:
    shop = app()
    pair = installed(shop)
    shop.revoke()
    assert not shop.accept(pair["access_token"])
    with pytest.raises(OAuthError, match="invalid_grant"):
        refreshed(shop, pair)


def test_for_an_hour_after_a_rotation_webhooks_are_signed_with_the_secret_before() -> None:
    clock = Clock(START)
    shop = app(clock)
    shop.rotate_secret("new")
    assert (shop.signing_secret, shop.secret) == ("a-secret", "new")
    clock.now += timedelta(hours=1)
    assert shop.signing_secret == "new"


SPEC = ShopSpec(domain=SHOP, customers=3, orders=3, until=date(2026, 11, 20), days=30)


def test_an_access_token_that_expires_early_is_refreshed_even_after_a_restart(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with Simulator([Setup(SPEC)], journal=journal).running() as simulator:
        oauth_ = simulator.live_shop().oauth
        code = dict(parse_qsl(urlsplit(oauth_.approve(ASKED | {"client_id": DEMO_CLIENT_ID})).query))["code"]
        bought = {"client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}
        pair = oauth_.grant({**bought, "code": code})
        assert simulator.live_shop().accept_token(pair["access_token"])
        requests.post(f"{simulator.url}/simulator/{SHOP}/app", json={"expire": True}, timeout=10)
        assert not simulator.live_shop().accept_token(pair["access_token"])

    with Simulator([Setup(SPEC)], journal=journal).running() as simulator:
        assert not simulator.live_shop().accept_token(pair["access_token"])
        renewing = {**bought, "grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
        renewed = simulator.live_shop().oauth.grant(renewing)
        assert simulator.live_shop().accept_token(renewed["access_token"])


def test_over_http_a_browser_installs_and_the_app_settings_work(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with Simulator([Setup(SPEC)], journal=journal).running() as simulator:
        base, switches = f"{simulator.url}/{SHOP}/admin", f"{simulator.url}/simulator/{SHOP}/app"
        asked = ASKED | {"client_id": DEMO_CLIENT_ID, "scope": ""}
        page = requests.get(f"{base}/oauth/authorize", params=asked, timeout=10)
        assert all(scope in page.text for scope in SCOPES)
        refused = requests.get(f"{base}/oauth/authorize", params=ASKED, timeout=10)
        assert (refused.status_code, "application_cannot_be_found" in refused.text) == (400, True)
        back = requests.post(page.url, allow_redirects=False, timeout=10).headers["Location"]
        assert back.startswith(BACK)
        sent = requests.get(f"{base}/app", params={"url": "https://x.example/"}, allow_redirects=False, timeout=10)
        opened = urlsplit(sent.headers["Location"])
        assert oauth.checked_shop(parse_qsl(opened.query), [DEMO_SECRET], datetime.now(UTC)) == SHOP

        requests.post(switches, json={"token_seconds": 2}, timeout=10)
        bought = {"client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}
        bought["code"] = dict(parse_qsl(urlsplit(back).query))["code"]
        pair = requests.post(f"{base}/oauth/access_token", json=bought, timeout=10).json()
        assert pair["expires_in"] == 2
        assert simulator.live_shop().accept_token(pair["access_token"])
        again = requests.post(f"{base}/oauth/access_token", json=bought, timeout=10)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_request")

        requests.post(switches, json={"token_seconds": 3600}, timeout=10)
        renewing = {**bought, "grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
        requests.post(switches, json={"scopes": ["read_orders"]}, timeout=10)
        third = requests.post(f"{base}/oauth/access_token", json=renewing, timeout=10).json()
        assert third["scope"] == "read_orders", "what was taken away does not come back with the next token"

    with Simulator([Setup(SPEC)], journal=journal).running() as simulator:
        assert simulator.live_shop().accept_token(third["access_token"]), "a restart forgets no installation"
        requests.post(f"{simulator.url}/simulator/{SHOP}/app", json={"secret": "new"}, timeout=10)
        assert simulator.live_shop().oauth.secret == "new"
        requests.post(f"{simulator.url}/simulator/{SHOP}/app", json={"revoke": True}, timeout=10)
        assert not simulator.live_shop().accept_token(third["access_token"])


def test_tokens_of_client_credentials_expire_after_the_stated_seconds() -> None:
    clock = Clock(START)
    with Simulator([Setup(SPEC)], clock=clock).running() as simulator:
        live, asked = simulator.live_shop(), {"client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}

        def buy() -> dict[str, Any]:
            url = f"{simulator.url}/{SHOP}/admin/oauth/access_token"
            issued: dict[str, Any] = requests.post(
                url, json={**asked, "grant_type": "client_credentials"}, timeout=10
            ).json()
            return issued

        first = buy()
        assert (first["expires_in"], live.accept_token(first["access_token"])) == (86_399, True)
        switches = {"token_seconds": 30, "revoke": True}
        requests.post(f"{simulator.url}/simulator/{SHOP}/app", json=switches, timeout=10)
        second = buy()
        assert (second["expires_in"], live.accept_token(first["access_token"])) == (30, False)
        clock.now += timedelta(seconds=20)
        assert buy() == second | {"expires_in": 10}
        clock.now += timedelta(seconds=10)
        assert not live.accept_token(second["access_token"])
        assert buy()["access_token"] != second["access_token"]
