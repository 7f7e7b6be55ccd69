"""Credentials: the requests to Shopify, the meaning of its refusals for a merchant, and that secrets stay secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from core.errors import (
    CredentialsRefused,
    InvalidInput,
    InvalidShop,
    ShopifyDown,
    ShopUnavailable,
    Throttled,
    XenoError,
)
from core.shopify.auth import (
    NEEDED_SCOPES,
    OPTIONAL,
    READ_BY,
    WANTED_SCOPES,
    AccessToken,
    AdminToken,
    ClientCredentials,
    Credentials,
    credentials_from_json,
    fetch_access_token,
    may_read,
    missing_scopes,
    shows_more,
)
from tests.core.shopify.fakes import SHOP, ScriptedShopify, reply

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
APP = ClientCredentials("0a1b2c3d", "shpss_verysecret")
GRANTED = {"access_token": "shpat_new", "scope": "read_orders,write_products", "expires_in": 86399}


def ask(*answers: requests.Response | Exception, shop: str = SHOP, credentials: Credentials = APP) -> AccessToken:
    shopify = ScriptedShopify(*answers)
    return fetch_access_token(shop, credentials, admin_url="https://{shop}", transport=shopify, now=NOW)


def test_the_client_credentials_grant_is_asked_for_as_shopify_wants_it() -> None:
    shopify = ScriptedShopify(reply(GRANTED))
    fetch_access_token(SHOP, APP, admin_url="https://{shop}", transport=shopify, now=NOW)
    (request,) = shopify.requests
    assert request.method == "POST"
    assert request.url == "https://acme-toys.myshopify.com/admin/oauth/access_token"
    assert json.loads(request.body or "") == {
        "grant_type": "client_credentials",
        "client_id": "0a1b2c3d",
        "client_secret": "shpss_verysecret",
    }


def test_a_granted_token_has_its_expiry_and_scopes() -> None:
    token = ask(reply(GRANTED))
    assert token.value == "shpat_new"
    assert token.expires_at == NOW + timedelta(seconds=86399)
    assert token.scopes == ("read_orders", "write_products")


def test_scopes_separated_by_spaces_are_understood() -> None:
    assert ask(reply(GRANTED | {"scope": "read_orders read_products"})).scopes == ("read_orders", "read_products")


def test_a_token_without_expiry_or_scopes_says_so() -> None:
    token = ask(reply({"access_token": "shpat_new"}))
    assert (token.expires_at, token.scopes) == (None, None)


def test_an_admin_token_is_used_as_it_is_and_nothing_is_sent() -> None:
    shopify = ScriptedShopify(reply(GRANTED))
    token = fetch_access_token(
        SHOP, AdminToken("shpat_a", "s"), admin_url="https://{shop}", transport=shopify, now=NOW
    )
    assert token == AccessToken("shpat_a", None, None)
    assert shopify.requests == []


@pytest.mark.parametrize(
    ("status", "body", "error", "sentence"),
    [
        (400, {"error": "shop_not_permitted"}, CredentialsRefused, "must belong to the same Shopify organization"),
        (400, {"error": "app_not_installed"}, CredentialsRefused, "install it in Shopify"),
        (400, {"error": "application_cannot_be_found"}, CredentialsRefused, "no app with this client id"),
        (400, {"error": "invalid_client"}, CredentialsRefused, "copy both again"),
        (401, {"error": "something_new"}, CredentialsRefused, "copy both again"),
        (400, "<html>Oauth error invalid_request</html>", CredentialsRefused, "copy both again"),
        (404, "<html>Not found</html>", ShopUnavailable, "acme-toys.myshopify.com does not exist at Shopify"),
        (402, {"errors": "Unavailable Shop"}, ShopUnavailable, "is closed"),
        (423, {"errors": "Locked"}, ShopUnavailable, "is closed"),
        (307, "", ShopUnavailable, "check the address"),
        (500, "<html>", ShopifyDown, "Xeno will retry"),
        (503, "", ShopifyDown, "Xeno will retry"),
        (200, "<html>a captive portal</html>", ShopifyDown, "no access token"),
        (200, {"access_token": None}, ShopifyDown, "no access token"),
        (200, [], ShopifyDown, "no access token"),
    ],
)
def test_each_refusal_is_a_sentence_to_act_on(
    status: int, body: object, error: type[XenoError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        ask(reply(body, status))


def test_too_many_requests_says_how_long_to_wait() -> None:
    with pytest.raises(Throttled) as caught:
        ask(reply("", 429, {"Retry-After": "4"}))
    assert caught.value.retry_after == 4.0


def test_a_network_that_fails_is_shopify_being_away() -> None:
    with pytest.raises(ShopifyDown, match="did not answer in time"):
        ask(requests.ConnectTimeout("acme-toys.myshopify.com"))
    with pytest.raises(ShopifyDown, match="connection to Shopify broke"):
        ask(requests.ConnectionError("shpss_verysecret"))


@pytest.mark.parametrize("shop", ["evil.com", "acme-toys.myshopify.com.evil.com", "evil.com/.myshopify.com", "acme"])
def test_a_client_secret_is_never_sent_to_a_host_that_is_not_shopifys(shop: str) -> None:
    shopify = ScriptedShopify(reply(GRANTED))
    with pytest.raises(InvalidShop):
        fetch_access_token(shop, APP, admin_url="https://{shop}", transport=shopify, now=NOW)
    assert shopify.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_client_secret_does_not_follow_a_redirect(status: int) -> None:
    shopify = ScriptedShopify(reply("", status, {"Location": "https://evil.com/admin/oauth/access_token"}))
    with pytest.raises(ShopUnavailable):
        fetch_access_token(SHOP, APP, admin_url="https://{shop}", transport=shopify, now=NOW)
    assert [request.url for request in shopify.requests] == [
        "https://acme-toys.myshopify.com/admin/oauth/access_token"
    ]


@pytest.mark.parametrize("credentials", [AdminToken("shpat_topsecret", "whsec_topsecret"), APP, ask(reply(GRANTED))])
def test_nothing_that_is_printed_shows_a_secret(credentials: object) -> None:
    shown = repr(credentials) + str(credentials) + f"{credentials!s}"
    for secret in ("shpat_", "whsec_", "shpss_", "verysecret"):
        assert secret not in shown


@pytest.mark.parametrize(
    "body", [{"error": "invalid_client", "error_description": "shpss_verysecret"}, "shpss_verysecret"]
)
def test_no_refusal_repeats_a_secret(body: object) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        ask(reply(body, 400))
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize("credentials", [AdminToken("shpat_a", "secret"), ClientCredentials("id", "secret")])
def test_credentials_survive_being_kept(credentials: Credentials) -> None:
    kept = json.loads(json.dumps(credentials.to_json()))
    assert credentials_from_json(kept) == credentials
    assert credentials_from_json(kept).webhook_secret == "secret"


def test_credentials_of_an_unknown_kind_ask_for_reconnecting() -> None:
    with pytest.raises(InvalidInput, match="connect the store again"):
        credentials_from_json({"kind": "password"})


def test_spaces_around_a_pasted_secret_are_stripped() -> None:
    assert AdminToken("  shpat_a\n", "\tsecret ") == AdminToken("shpat_a", "secret")


@pytest.mark.parametrize(
    ("token", "secret", "sentence"),
    [
        ("", "secret", "access token is missing"),
        ("shpat_a", "  ", "API secret key is missing"),
        ("shpat_a b", "secret", "has invalid characters"),
        ("shpat_a\r\nX-Evil: 1", "secret", "has invalid characters"),
        ("shpat_ä", "secret", "has invalid characters"),
        ("x" * 501, "secret", "has invalid characters"),
        ("shpss_swapped", "shpat_swapped", "is an API secret key"),
    ],
)
def test_a_malformed_token_is_refused_before_a_request(token: str, secret: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        AdminToken(token, secret)


def test_a_missing_client_id_is_named() -> None:
    with pytest.raises(InvalidInput, match="client id is missing"):
        ClientCredentials("", "secret")


def test_missing_scopes_are_listed_and_a_write_scope_includes_its_read_scope() -> None:
    assert missing_scopes(["read_orders", "write_products"]) == ("read_customers",)
    assert missing_scopes([]) == ("read_orders", "read_products", "read_customers")
    assert missing_scopes(NEEDED_SCOPES) == ()


def test_a_read_scope_does_not_include_writing() -> None:
    assert missing_scopes(["read_orders"], of=["write_orders"]) == ("write_orders",)


def test_old_orders_are_wanted_but_not_needed() -> None:
    assert "read_all_orders" not in missing_scopes([])
    assert missing_scopes(["read_orders", "read_inventory"], of=WANTED_SCOPES) == (
        "read_all_orders",
        "read_locations",
        "read_returns",
        "read_customer_merge",
        "read_reports",
    )


def test_every_scope_names_its_use() -> None:
    assert all(len(purpose) > 20 for purpose in (NEEDED_SCOPES | WANTED_SCOPES).values())


def test_a_part_is_readable_with_all_of_its_scopes_only() -> None:
    assert may_read(["write_inventory"], "inventory")
    assert not may_read(["read_inventory"], "locations")
    assert may_read(["read_inventory", "read_locations"], "locations")


def test_every_scope_that_something_is_read_by_is_asked_for() -> None:
    assert {scope for scopes in READ_BY.values() for scope in scopes} <= set(NEEDED_SCOPES | WANTED_SCOPES)
    assert all(set(READ_BY[what]) <= set(NEEDED_SCOPES) for what in READ_BY.keys() - OPTIONAL)


@pytest.mark.parametrize(
    ("before", "granted", "more"),
    [
        (["read_orders"], ["read_orders", "read_customers"], True),
        (["read_orders"], ["read_orders", "read_all_orders"], True),
        (["read_orders", "read_customers"], ["read_orders"], False),
        (["read_orders"], ["write_orders"], False),
        (["read_orders"], ["read_orders", "read_reports", "read_locations"], False),
    ],
)
def test_scopes_show_more_if_they_show_existing_records(before: list[str], granted: list[str], more: bool) -> None:
    assert shows_more(granted, before) is more
