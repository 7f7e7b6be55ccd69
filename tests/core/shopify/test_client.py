"""The client, fault by fault: its retries and their backoff, and the meaning of each refusal for a merchant."""

from __future__ import annotations

from decimal import Decimal

import pytest
import requests

from core.errors import (
    InvalidShop,
    ShopifyDown,
    Throttled,
)
from core.shopify.client import TRIES_WHEN_DOWN, TRIES_WHEN_THROTTLED, ShopifyClient
from tests.core.shopify.fakes import (
    SHOP,
    ScriptedShopify,
    Time,
    data,
    graphql_error,
    make_client,
    reply,
)

GOOD = {"shop": {"name": "Acme Toys"}}


def test_a_document_is_posted_with_its_fragments_its_variables_and_the_token() -> None:
    shopify = ScriptedShopify(data(GOOD))
    assert make_client(shopify, token="shpat_a").execute("order_lines", {"id": "gid://shopify/Order/1"}) == GOOD
    (request,) = shopify.requests
    assert request.method == "POST"
    assert request.url == "https://acme-toys.myshopify.com/admin/api/2026-10/graphql.json"
    assert request.headers["X-Shopify-Access-Token"] == "shpat_a"
    assert request.headers["Content-Type"] == "application/json"
    assert b"query OrderLines" in (request.body or b"")
    assert b"fragment LineFields on LineItem" in (request.body or b"")
    assert shopify.variables == [{"id": "gid://shopify/Order/1"}]


def test_amounts_stay_exact_and_ids_whole() -> None:
    shopify = ScriptedShopify(reply('{"data": {"amount": 19.99, "tiny": 0.1, "id": 820982911946154508}}'))
    data_read = make_client(shopify).execute("shop")
    assert data_read == {"amount": Decimal("19.99"), "tiny": Decimal("0.1"), "id": 820982911946154508}


def test_the_token_is_read_before_each_request() -> None:
    tokens = iter(["first", "second"])
    shopify = ScriptedShopify(data(GOOD))
    client = make_client(shopify, token=lambda: next(tokens))
    client.execute("shop")
    client.execute("shop")
    assert shopify.tokens == ["first", "second"]


@pytest.mark.parametrize("shop", ["evil.com", "acme-toys.myshopify.com@evil.com", "acme", "ACME.myshopify.com"])
def test_a_client_for_a_host_that_is_not_shopifys_cannot_be_made(shop: str) -> None:
    with pytest.raises(InvalidShop):
        ShopifyClient(shop, "shpat_a", admin_url="https://{shop}", transport=ScriptedShopify(data(GOOD)))


@pytest.mark.parametrize(
    "fault",
    [
        reply("<html>Bad gateway</html>", 502),
        reply("", 500),
        reply({"errors": "Internal"}, 503),
        reply("<html>Something went wrong</html>", 200),
        reply(b'{"data": {"shop": {"na', 200),
        reply("null", 200),
        reply("{}", 200),
        reply({"data": None}, 200),
        graphql_error("INTERNAL_SERVER_ERROR"),
        graphql_error("TIMEOUT"),
        requests.ReadTimeout(),
        requests.ConnectTimeout(),
        requests.ConnectionError(),
        requests.exceptions.ChunkedEncodingError(),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "content", "")),
)
def test_one_fault_of_the_network_or_of_shopify_does_not_end_a_run(fault: requests.Response | Exception) -> None:
    time = Time()
    client = make_client(ScriptedShopify(fault, data(GOOD)), time)
    assert client.execute("shop") == GOOD
    assert time.waits == [1.0]
    assert client.calls.requests == 2


def test_a_shopify_that_stays_down_is_given_up_after_growing_waits() -> None:
    time = Time()
    client = make_client(ScriptedShopify(reply("", 503)), time)
    with pytest.raises(ShopifyDown, match="will retry"):
        client.execute("shop")
    assert time.waits == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert client.calls.requests == TRIES_WHEN_DOWN


def test_waits_differ_by_chance_so_that_stores_do_not_return_all_at_once() -> None:
    time = Time()
    shopify = ScriptedShopify(reply("", 503), reply("", 503), data(GOOD))
    client = ShopifyClient(
        SHOP,
        "t",
        admin_url="https://{shop}",
        transport=shopify,
        sleep=time.sleep,
        clock=time.clock,
        jitter=lambda: 0.5,
    )
    client.execute("shop")
    assert time.waits == [1.25, 2.5]


def test_one_429_does_not_end_a_run_and_its_retry_after_is_honoured() -> None:
    time = Time()
    client = make_client(ScriptedShopify(reply("", 429, {"Retry-After": "2.5"}), data(GOOD)), time)
    assert client.execute("shop") == GOOD
    assert time.waits == [2.5]
    assert client.calls.throttled_seconds == 2.5


@pytest.mark.parametrize("header", [{}, {"Retry-After": "soon"}, {"Retry-After": "Sat, 21 Nov 2026 12:00:00 GMT"}])
def test_a_429_that_does_not_say_how_long_waits_a_second(header: dict[str, str]) -> None:
    time = Time()
    make_client(ScriptedShopify(reply("", 429, header), data(GOOD)), time).execute("shop")
    assert time.waits == [1.0]


def test_a_wait_longer_than_a_minute_is_left_to_the_caller() -> None:
    time = Time()
    with pytest.raises(Throttled) as caught:
        make_client(ScriptedShopify(reply("", 429, {"Retry-After": "900"})), time).execute("shop")
    assert caught.value.retry_after == 900
    assert time.waits == []


def test_an_endless_429_is_given_up() -> None:
    shopify = ScriptedShopify(reply("", 429))
    with pytest.raises(Throttled):
        make_client(shopify).execute("shop")
    assert len(shopify.requests) == TRIES_WHEN_THROTTLED
