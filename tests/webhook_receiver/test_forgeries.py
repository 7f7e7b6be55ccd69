"""Signed bodies under unsigned headers: of another topic or shop, and a signed query used as a body.

Every merchant of the operator's app gets texts that its secret has signed: their own webhooks, and the query in their
address bar. None of them may do anything to another store.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from core import stores
from core.config import settings
from core.database import tenant_session
from core.database.models import Base
from core.errors import InvalidInput, SignatureError
from core.shopify import body_identity, oauth
from core.shopify.auth import AdminToken, InstalledApp
from core.shopify.pages import ShopInfo
from core.shopify.webhooks import COMPLIANCE
from core.webhooks import apply
from tests.cast import NOW, Business, Cast
from tests.core.privacy.test_requests import ada_bought
from tests.core.shopify.samples import webhook_samples
from tests.installs import CLIENT_ID, SECRET
from tests.shopify_sends import ACME_SECRET, GLOBEX_SECRET, deliveries, headers, post, send, shop_named

ATTACKERS_ID = 548380009
"""The id of the shop that the samples name: the attacker's."""
VICTIMS_ID = 7001
SAMPLES = list(webhook_samples())
TOPICS = sorted({topic for _, topic, _ in SAMPLES})
DESTRUCTIVE = {
    *("app/uninstalled", "shop/redact", "customers/redact", "customers/merge"),
    *("orders/delete", "products/delete", "customers/delete", "checkouts/delete"),
}
ALIKE = {
    # The shop itself is the body of both; whether the app is installed, Shopify is asked.
    ("app/uninstalled", "shop/update"),
    # They have nothing but an id, by which Shopify is asked whether there is such a thing.
    *((one, other) for one in ("orders/delete", "products/delete") for other in ("orders/delete", "products/delete")),
    *((one, "orders/delete") for one in ("customers/delete", "checkouts/delete")),
    *((one, "products/delete") for one in ("customers/delete", "checkouts/delete")),
    *((one, "checkouts/delete") for one in ("orders/delete", "products/delete", "customers/delete")),
}
"""(topic of the header, topic of the body) of pairs that the body does not distinguish."""


def attackers(topic: str, raw: bytes) -> bytes:
    """A sample as the attacker's shop gets it."""
    named = {"shop_id": ATTACKERS_ID, "shop_domain": "globex.myshopify.com"}
    return json.dumps(json.loads(raw) | named).encode() if topic in COMPLIANCE else raw


def passes(topic: str, raw: bytes, shop: str, shopify_id: int) -> bool:
    try:
        body_identity.check(topic, raw, shop, shopify_id)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize("topic", sorted(DESTRUCTIVE))
def test_no_other_topics_body_passes_for_one_that_destroys(topic: str) -> None:
    passed = {
        (topic, other)
        for _, other, raw in SAMPLES
        if other != topic and passes(topic, attackers(other, raw), "globex.myshopify.com", ATTACKERS_ID)
    }

    assert passed <= ALIKE


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topics_own_body_passes_for_it(topic: str) -> None:
    bodies = [attackers(other, raw) for _, other, raw in SAMPLES if other == topic]

    assert all(passes(topic, raw, "globex.myshopify.com", ATTACKERS_ID) for raw in bodies)


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/update", "app/scopes_update", *sorted(COMPLIANCE)])
def test_a_body_that_names_the_attackers_shop_does_not_pass_for_the_victims(topic: str) -> None:
    theirs = [attackers(other, raw) for _, other, raw in SAMPLES]

    assert not any(passes(topic, raw, "acme.myshopify.com", VICTIMS_ID) for raw in theirs)


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/cancelled", "checkouts/update"])
def test_an_order_and_a_checkout_are_the_shops_that_their_address_names(topic: str) -> None:
    (theirs, *_) = [raw for _, other, raw in SAMPLES if other == topic]

    assert passes(topic, theirs, "globex.myshopify.com", ATTACKERS_ID)
    assert not passes(topic, theirs, "acme.myshopify.com", VICTIMS_ID)


@pytest.fixture
def operators(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """Acme, the victim, and Globex, the attacker, have both installed the operator's app."""
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", SECRET)
    settings.cache_clear()
    _connect(cast.acme, VICTIMS_ID)
    _connect(cast.globex, ATTACKERS_ID)
    ada_bought(cast.acme)
    yield cast
    monkeypatch.undo()
    settings.cache_clear()


def _connect(business: Business, shopify_id: int) -> None:
    scopes = ("read_orders", "read_products", "read_customers")
    shop = ShopInfo(shopify_id, business.name, business.shop_domain, "EUR", "Europe/Berlin", False, NOW, None, scopes)
    stores.save(business.tenant_id, shop, InstalledApp(CLIENT_ID), NOW)


HOLDS_ANYTHING = {"deliveries"}
"""Tables of raw input, from which no row was made yet."""


def everything(business: Business) -> dict[str, list[Any]]:
    """Every row of the tenant, by table."""
    tables = [
        table
        for table in Base.metadata.tables.values()
        if "tenant_id" in table.c and table.name not in HOLDS_ANYTHING
    ]
    with tenant_session(business.tenant_id) as session:
        return {
            table.name: sorted(
                map(repr, session.execute(table.select().where(table.c.tenant_id == business.tenant_id)))
            )
            for table in tables
        }


def test_no_body_of_the_attackers_under_any_topic_does_anything_to_the_victim(app: Flask, operators: Cast) -> None:
    """Every topic's body under every topic, signed with the secret that both shops have."""
    acme, before = operators.acme, everything(operators.acme)

    for _, other, raw in SAMPLES:
        for topic in TOPICS:
            assert send(app, acme, topic, attackers(other, raw), secret=SECRET).status_code in (200, 400, 429)
    apply.apply_pending(acme.key, NOW)

    assert everything(acme) == before
    assert {delivery.state for delivery in deliveries(acme)} <= {"ignored", "failed", "unconfirmed", "applied"}


def test_with_apps_of_their_own_no_delivery_of_another_is_stored(app: Flask, cast: Cast) -> None:
    for _, other, raw in SAMPLES:
        for topic in ("app/uninstalled", "shop/redact", "orders/delete", other):
            assert send(app, cast.acme, topic, attackers(other, raw), secret=GLOBEX_SECRET).status_code in (401, 429)

    assert deliveries(cast.acme) == []


def signed_query(**parameters: str) -> tuple[bytes, str]:
    """A query as Shopify signs it for a merchant's browser, and its signature as a webhook's is written."""
    query = urlencode(sorted(parameters.items()), safe='{}":, ').encode()
    return query, b64encode(hmac.digest(SECRET.encode(), query, "sha256")).decode()


QUERIES: list[dict[str, str]] = [
    {"shop": "globex.myshopify.com", "timestamp": "1764201600", "host": "YWRtaW4"},
    {"shop": "globex.myshopify.com", "timestamp": "1764201600", ' {"shop_id":7001,"x":"': '"}', "zzz": '"}'},
    {"shop": "globex.myshopify.com", "timestamp": "1764201600", '{"shop_id":7001,"x":"': '"}'},
]


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact", "customers/redact", "orders/create"])
@pytest.mark.parametrize("parameters", QUERIES, ids=["plain", "json first", "json last"])
def test_a_signed_query_is_no_body(app: Flask, operators: Cast, topic: str, parameters: dict[str, str]) -> None:
    query, signature = signed_query(**parameters)
    changes = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Triggered-At": "2099-01-01T00:00:00Z"}

    answer = post(app.test_client(), query, headers(operators.acme.shop_domain, topic, query, SECRET, **changes))

    assert answer.status_code == 400
    assert deliveries(operators.acme) == []


def test_a_request_about_one_person_does_not_pass_for_another_request(app: Flask, cast: Cast) -> None:
    """A query of the merchant's own, signed for their shop."""
    asked = {"customer": {"id": 81}, "orders_requested": [1], "data_request": {"id": 9}}

    assert send(app, cast.acme, "customers/data_request", asked).status_code == 200
    assert send(app, cast.acme, "customers/redact", asked).status_code == 400
    assert send(app, cast.acme, "shop/redact", asked).status_code == 400


def test_a_domain_that_was_another_shops_before_is_distinguished_by_the_shops_id(app: Flask, cast: Cast) -> None:
    stores.delete_credentials(cast.acme.key, NOW)
    shop = ShopInfo(7002, "New", cast.acme.shop_domain, "EUR", "Europe/Berlin", False, NOW, None, ())
    store = stores.save(cast.globex.tenant_id, shop, AdminToken("shpat_0", ACME_SECRET), NOW)
    new = Business(cast.globex.tenant_id, store.store_id, "New", cast.acme.shop_domain)

    assert send(app, new, "shop/redact", shop_named(new)).status_code == 200

    assert len(deliveries(new)) == 1
    assert deliveries(cast.acme) == []


def test_a_signed_body_is_no_query_either() -> None:
    """Also not the reverse: a buyer's note with a query in it, in the body of a webhook."""
    body = '{"id":1,"note":"=&shop=globex.myshopify.com&timestamp=1764201600&z="}'
    hexed = hmac.digest(SECRET.encode(), body.encode(), "sha256").hex()
    pairs = [(name, value) for name, _, value in (part.partition("=") for part in body.split("&"))]
    now = datetime.fromtimestamp(1764201600, UTC)

    assert "&".join(f"{name}={value}" for name, value in pairs) == body
    with pytest.raises(SignatureError):
        oauth.checked_shop([*pairs, ("hmac", hexed)], [SECRET], now)
