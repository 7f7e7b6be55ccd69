"""Webhooks: only Shopify's signature is accepted, headers are read in any spelling, subscribing again changes
nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import InvalidInput, InvalidShop
from core.shopify import webhooks
from core.shopify.webhooks import WebhookHeaders
from tests.core.shopify.fakes import PAYLOADS
from tests.core.shopify.samples import webhook_samples

SECRET = "shpss_whatever"
BODY = '{"id": 820982911946154508, "note": "é ✓"}'.encode()


def signature(raw: bytes, secret: str = SECRET) -> str:
    """Sign as Shopify's documentation describes, without our own code."""
    return base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()


def test_a_body_signed_with_the_stores_secret_is_shopifys() -> None:
    assert webhooks.verify(BODY, signature(BODY), [SECRET])


def test_a_known_signature_is_met() -> None:
    """Computed with openssl: printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64"""
    assert webhooks.sign(b'{"id":1}', "hush") == "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="
    assert webhooks.verify(b'{"id":1}', "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY=", ["hush"])


@pytest.mark.parametrize("sample", list(webhook_samples()), ids=lambda sample: f"{sample[0]}/{sample[1]}")
def test_every_sample_body_verifies_as_it_is_and_not_with_one_byte_more(sample: tuple[str, str, bytes]) -> None:
    raw = sample[2]
    assert webhooks.verify(raw, signature(raw), [SECRET])
    assert not webhooks.verify(raw + b"\n", signature(raw), [SECRET])
    assert not webhooks.verify(raw[:-1], signature(raw), [SECRET])


def test_after_a_rotation_the_old_secret_still_opens_whatever_its_place() -> None:
    assert webhooks.verify(BODY, signature(BODY, "old"), ["new", "old"])
    assert webhooks.verify(BODY, signature(BODY, "new"), ["new", "old"])
    assert not webhooks.verify(BODY, signature(BODY, "older"), ["new", "old"])


@pytest.mark.parametrize(
    "junk",
    [
        None,
        "",
        "=",
        "x" * 100_000,
        "not base64 at all",
        "é\ud800",
        "\x00",
        signature(BODY)[:-1],
        signature(BODY) + " ",
        signature(BODY).lower(),
        hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest(),
        signature(BODY, "another store's secret"),
        7,
    ],
)
def test_junk_is_not_a_signature_and_never_an_error(junk: Any) -> None:
    assert webhooks.verify(BODY, junk, [SECRET]) is False


def test_without_secrets_nothing_verifies() -> None:
    assert not webhooks.verify(BODY, signature(BODY), [])


def test_an_empty_secret_opens_for_nobody() -> None:
    assert not webhooks.verify(BODY, signature(BODY, ""), [""])
    assert webhooks.verify(BODY, signature(BODY), ["", SECRET])


# Headers.


@pytest.mark.parametrize(
    "path", sorted((PAYLOADS / "webhooks" / "delivered-2024-10").glob("*.json")), ids=lambda path: path.stem
)
def test_the_headers_of_every_real_delivery_are_read(path: Any) -> None:
    delivery = json.loads(path.read_text())
    headers = WebhookHeaders.parse(delivery["headers"])
    assert headers.topic == delivery["topic"]
    assert headers.shop == "shop.myshopify.com"
    assert headers.webhook_id == delivery["headers"]["x-shopify-webhook-id"]
    assert headers.api_version == "2024-10"
    assert headers.triggered_at is not None


FULL = {
    "X-Shopify-Topic": "orders/edited",
    "X-Shopify-Shop-Domain": "Acme-Toys.myshopify.com",
    "X-Shopify-Webhook-Id": "64fc4758-235a-433a-981b-197c703a44b5",
    "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
    "X-Shopify-API-Version": "2026-10",
    "X-Shopify-Triggered-At": "2024-08-07T22:58:08.064630177Z",
}


@pytest.mark.parametrize(
    "spelling", [str, str.lower, str.upper, lambda name: name[2:], lambda name: name[2:].lower()]
)
def test_headers_are_read_in_any_spelling(spelling: Any) -> None:
    assert WebhookHeaders.parse({spelling(name): value for name, value in FULL.items()}) == WebhookHeaders(
        webhook_id="64fc4758-235a-433a-981b-197c703a44b5",
        topic="orders/edited",
        shop="acme-toys.myshopify.com",
        event_id="98880550-7158-44d4-b7cd-2c97c8a091b5",
        api_version="2026-10",
        triggered_at=datetime(2024, 8, 7, 22, 58, 8, 64630, tzinfo=UTC),
    )


@pytest.mark.parametrize("missing", ["X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Shop-Domain"])
def test_a_header_that_every_delivery_has_is_named_when_missing(missing: str) -> None:
    with pytest.raises(InvalidInput, match=f"The header {missing} is missing"):
        WebhookHeaders.parse({name: value for name, value in FULL.items() if name != missing})


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Shopify-Topic", "orders"),
        ("X-Shopify-Topic", "orders/create\n"),
        ("X-Shopify-Topic", "../../etc"),
        ("X-Shopify-Topic", "a/" + "b" * 61),
        ("X-Shopify-Webhook-Id", "x" * 101),
        ("X-Shopify-Webhook-Id", "a b"),
        ("X-Shopify-Webhook-Id", "\x00"),
        ("X-Shopify-Shop-Domain", "x" * 101),
    ],
)
def test_a_malformed_header_is_named(header: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"The header {header} is malformed"):
        WebhookHeaders.parse(FULL | {header: value})


@pytest.mark.parametrize("shop", ["evil.com", "acme-toys.myshopify.com.evil.com", "acme_toys.myshopify.com"])
def test_a_shop_that_is_not_shopifys_is_refused(shop: str) -> None:
    with pytest.raises(InvalidShop):
        WebhookHeaders.parse(FULL | {"X-Shopify-Shop-Domain": shop})


@pytest.mark.parametrize("value", ["", "yesterday", "2024-08-07T22:58:08"])
def test_a_time_that_cannot_be_read_is_no_time(value: str) -> None:
    assert WebhookHeaders.parse(FULL | {"X-Shopify-Triggered-At": value}).triggered_at is None


def test_an_optional_header_that_is_missing_is_none() -> None:
    needed = {name: FULL[name] for name in ("X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Shop-Domain")}
    headers = WebhookHeaders.parse(needed)
    assert (headers.event_id, headers.api_version, headers.triggered_at) == (None, None, None)


@pytest.mark.parametrize(
    "path", ["app__scopes_update", "customer.tags_added", "customers_email_marketing_consent__update"]
)
def test_topics_that_we_do_not_subscribe_to_have_headers_too(path: str) -> None:
    topic = path.replace("__", "/")
    assert WebhookHeaders.parse(FULL | {"X-Shopify-Topic": topic}).topic == topic
