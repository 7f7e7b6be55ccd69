"""Shopify's signed query is genuine, recent, and about a shop; and the two grants of an installed app."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import pytest
import requests

from core.config import Settings
from core.errors import ConfigError, CredentialsRefused, InvalidInput, InvalidShop, ShopifyDown, SignatureError
from core.shopify.auth import WANTED_SCOPES, AccessToken, InstalledApp, credentials_from_json, missing_scopes
from core.shopify.oauth import App, authorize_url, checked_shop, exchange, refresh
from tests.core.shopify.fakes import SHOP, ScriptedShopify, reply

SENT = datetime.fromtimestamp(1337178173, UTC)
PUBLISHED = "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&timestamp=1337178173"
SIGNED = "4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20"
"""Shopify's published example: signed with the secret `hush`."""

APP = App("0a1b2c3d", "shpss_verysecret")
PAIR = {
    "access_token": "shpat_first",
    "scope": "read_orders,read_products",
    "expires_in": 3600,
    "refresh_token": "shprt_first",
    "refresh_token_expires_in": 7776000,
}


def pairs(text: str = PUBLISHED, **more: str) -> list[tuple[str, str]]:
    return [*parse_qsl(text), *more.items()]


def signature(query: Iterable[tuple[str, str]], secret: str) -> str:
    """Sign as Shopify's guide describes `hmac`: over the sorted pairs, with separators escaped."""
    written = (f"{key}={value.replace('%', '%25').replace('&', '%26')}" for key, value in sorted(query))
    return hexed("&".join(written), secret)


def hexed(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(secret: str = "hush", **said: str) -> list[tuple[str, str]]:
    query = {"shop": SHOP, "timestamp": str(int(SENT.timestamp())), **said}
    return [*query.items(), ("hmac", signature(query.items(), secret))]


def test_shopifys_published_example_is_taken() -> None:
    assert signature(pairs(), "hush") == SIGNED
    assert checked_shop(pairs(hmac=SIGNED), ["hush"], SENT) == "some-shop.myshopify.com"


def test_the_order_of_a_query_and_an_old_signature_beside_it_do_not_matter() -> None:
    assert checked_shop([("signature", "old"), ("hmac", SIGNED), *reversed(pairs())], ["hush"], SENT)


@pytest.mark.parametrize("host", ["YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvYQ==", "a b&c=d%e", "ü~*"])
def test_values_that_shopifys_libraries_write_differently_are_taken_in_either_writing(host: str) -> None:
    query = {"host": host, "shop": SHOP, "timestamp": str(int(SENT.timestamp()))}
    plain = signature(query.items(), "hush")
    encoded = hexed(urlencode(sorted(query.items()), quote_via=quote, safe="*"), "hush")
    assert plain != encoded
    for given in (plain, encoded):
        assert checked_shop([*query.items(), ("hmac", given)], ["hush"], SENT) == SHOP


@pytest.mark.parametrize(
    "changed",
    [
        pairs(hmac=SIGNED.replace("4", "5", 1)),
        pairs(hmac=SIGNED.upper()),
        pairs(hmac=""),
        pairs(hmac="ü"),
        pairs(),
        pairs(PUBLISHED.replace("some-shop", "other-shop"), hmac=SIGNED),
        pairs(PUBLISHED + "&admin=1", hmac=SIGNED),
        pairs(PUBLISHED.replace("&timestamp=1337178173", ""), hmac=SIGNED),
        [],
    ],
)
def test_a_query_that_was_changed_on_the_way_is_refused(changed: list[tuple[str, str]]) -> None:
    with pytest.raises(SignatureError, match="start again on the Stores page"):
        checked_shop(changed, ["hush"], SENT)


def test_a_name_that_is_there_twice_is_refused_even_when_both_were_signed() -> None:
    """One reader takes the first value, another the last."""
    twice = [*signed()[:-1], ("shop", "evil.myshopify.com")]
    with pytest.raises(SignatureError):
        checked_shop([*twice, ("hmac", signature(twice, "hush"))], ["hush"], SENT)


def test_a_query_signed_with_another_secret_or_none_is_refused() -> None:
    for secrets in (["another"], [], [""]):
        with pytest.raises(SignatureError):
            checked_shop(signed("" if secrets == [""] else "hush"), secrets, SENT)


def test_after_a_rotation_both_secrets_are_taken() -> None:
    app = App("id", "new", "hush")
    assert checked_shop(signed("hush"), app.secrets, SENT) == checked_shop(signed("new"), app.secrets, SENT) == SHOP


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=1)])
def test_a_query_kept_for_later_is_refused(late: timedelta) -> None:
    with pytest.raises(SignatureError, match="has expired"):
        checked_shop(signed(), ["hush"], SENT + late)


def test_clocks_may_differ_by_some_minutes() -> None:
    assert checked_shop(signed(), ["hush"], SENT + timedelta(minutes=4)) == SHOP
    assert checked_shop(signed(), ["hush"], SENT - timedelta(minutes=4)) == SHOP


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "-1337178173", "133717817300000", "٣"])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(SignatureError):
        checked_shop(signed(timestamp=timestamp), ["hush"], SENT)


@pytest.mark.parametrize(
    "shop",
    [
        "evil.com",
        "acme.myshopify.com.evil.com",
        "evil.com/.myshopify.com",
        "evil.com#.myshopify.com",
        "169.254.169.254",
        "acme.myshopify.com\n",
        "acme.myshopify.com/admin",
        "-acme.myshopify.com",
        "acme.myshopify.com:8080",
        "user@acme.myshopify.com",
        "",
    ],
)
def test_a_signed_shop_that_leads_elsewhere_is_refused_everywhere(shop: str) -> None:
    shopify = ScriptedShopify(reply(PAIR))
    known = {"admin_url": "https://{shop}", "now": SENT, "transport": shopify}
    with pytest.raises(InvalidShop):
        checked_shop(signed(shop=shop), ["hush"], SENT)
    with pytest.raises(InvalidShop):
        exchange(shop, APP, "code", **known)  # type: ignore[arg-type]
    with pytest.raises(InvalidShop):
        refresh(shop, APP, "shprt_a", **known)  # type: ignore[arg-type]
    with pytest.raises(InvalidShop):
        authorize_url(shop, APP, state="s", redirect_uri="r", scopes="", admin_url="https://{shop}")
    assert shopify.requests == [], "neither secret nor token went anywhere"


def test_the_merchant_is_asked_at_the_shop_with_state_scopes_and_the_way_back() -> None:
    url = authorize_url(
        SHOP,
        APP,
        state="abc",
        redirect_uri="https://hooks.example.com/connect/callback",
        scopes="read_orders,read_products",
        admin_url="https://{shop}",
    )
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"https://{SHOP}/admin/oauth/authorize"
    assert parse_qs(parts.query) == {
        "client_id": ["0a1b2c3d"],
        "scope": ["read_orders,read_products"],
        "redirect_uri": ["https://hooks.example.com/connect/callback"],
        "state": ["abc"],
    }
    assert "verysecret" not in url


def test_the_operators_app_requests_all_used_scopes_but_those_that_shopify_must_approve() -> None:
    asked = Settings.model_fields["shopify_scopes"].default.split(",")
    assert missing_scopes(asked) == ()
    assert missing_scopes(asked, WANTED_SCOPES) == ("read_all_orders", "read_reports")


def ask(answer: requests.Response, call: str = "refresh") -> AccessToken:
    do = refresh if call == "refresh" else exchange
    return do(SHOP, APP, "shprt_or_code", admin_url="https://{shop}", now=SENT, transport=ScriptedShopify(answer))


def test_a_code_is_exchanged_for_a_pair_that_ends() -> None:
    shopify = ScriptedShopify(reply(PAIR))
    token = exchange(SHOP, APP, "the-code", admin_url="https://{shop}", now=SENT, transport=shopify)
    (request,) = shopify.requests
    assert request.url == f"https://{SHOP}/admin/oauth/access_token"
    assert json.loads(request.body or "") == {
        "client_id": "0a1b2c3d",
        "client_secret": "shpss_verysecret",
        "code": "the-code",
        "expiring": "1",
    }
    assert (token.value, token.refresh_token) == ("shpat_first", "shprt_first")
    assert token.expires_at == SENT + timedelta(hours=1)
    assert token.refresh_expires_at == SENT + timedelta(days=90)
    assert token.scopes == ("read_orders", "read_products")


def test_a_refresh_is_asked_for_as_shopify_wants_it() -> None:
    shopify = ScriptedShopify(reply(PAIR))
    refresh(SHOP, APP, "shprt_old", admin_url="https://{shop}", now=SENT, transport=shopify)
    assert json.loads(shopify.requests[0].body or "") == {
        "grant_type": "refresh_token",
        "refresh_token": "shprt_old",
        "client_id": "0a1b2c3d",
        "client_secret": "shpss_verysecret",
    }


def test_a_dead_refresh_token_asks_for_a_new_installation() -> None:
    for body in ({"error": "invalid_grant"}, {"error": "invalid_request"}, "<html>Oauth error</html>"):
        with pytest.raises(CredentialsRefused, match="install the app on it again"):
            ask(reply(body, 400))


def test_a_code_that_is_too_old_says_to_begin_again() -> None:
    with pytest.raises(InvalidInput, match="start again on the Stores page"):
        ask(reply({"error": "invalid_request"}, 400), "exchange")


@pytest.mark.parametrize("call", ["refresh", "exchange"])
def test_a_wrong_secret_of_the_operator_is_no_fault_of_the_stores(call: str) -> None:
    """Else a typing error in a setting would have every merchant install the app again."""
    with pytest.raises(ConfigError, match="SHOPIFY_CLIENT_SECRET"):
        ask(reply({"error": "invalid_client"}, 401), call)


@pytest.mark.parametrize("call", ["refresh", "exchange"])
def test_trouble_at_shopify_is_worth_another_try(call: str) -> None:
    for answer in (reply("", 503), reply("<html>", 200), reply({"refresh_token": "shprt_x"})):
        with pytest.raises(ShopifyDown):
            ask(answer, call)


def test_nothing_that_is_printed_shows_a_token_or_a_secret() -> None:
    for thing in (ask(reply(PAIR)), App("id", "shpss_verysecret", "shpss_verysecret")):
        assert not any(word in f"{thing!r} {thing!s}" for word in ("shpat_", "shprt_", "verysecret"))


def test_a_pair_survives_being_kept() -> None:
    for token in (ask(reply(PAIR)), AccessToken("shpat_only")):
        assert AccessToken.from_json(json.loads(json.dumps(token.to_json()))) == token
    assert credentials_from_json(InstalledApp("id").to_json()) == InstalledApp("id")
