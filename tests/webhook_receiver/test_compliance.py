"""Privacy requests reach every store that holds data of the shop, disconnected ones too; other topics do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from core import privacy, stores
from core.config import settings
from core.database import StoreKey, system_session, tenant_session
from core.database.models import Customer, Order, Store
from core.privacy import erase
from core.sealing.seal import sealer
from core.shopify.auth import AdminToken, ClientCredentials, Credentials, InstalledApp
from core.shopify.pages import ShopInfo
from core.shopify.webhooks import COMPLIANCE, WebhookHeaders
from core.stores.resealing import reseal
from core.webhooks import apply as applying
from core.webhooks import storage, verify
from core.webhooks.storage import Stored, VerifiedDelivery
from core.worker import schedule
from tests.cast import NOW, Business, Cast
from tests.core.privacy.test_requests import ADA, ada_bought, everything
from tests.factories import customer
from tests.installs import CLIENT_ID, SECRET
from tests.shopify_sends import ACME_SECRET, GLOBEX_SECRET, body, deliveries, headers, post, send, shop_named
from tests.stored import row, rows, write

FORGET_ADA = {"shop_id": 1, "customer": ADA, "orders_to_redact": [1]}


def connect(tenant_id: int, domain: str, credentials: Credentials, now: datetime = NOW) -> Business:
    """Connect the shop for this tenant with these credentials."""
    shop = ShopInfo(crc32(domain.encode()), "Acme", domain, "EUR", "Europe/Berlin", False, NOW, None, ())
    store = stores.save(tenant_id, shop, credentials, now)
    return Business(tenant_id, store.store_id, "Acme", domain)


def disconnect(business: Business) -> None:
    stores.delete_credentials(business.key, NOW)


def apply(*businesses: Business) -> None:
    for business in businesses:
        applying.apply_pending(business.key, NOW)
        erase.erase_bodies(business.key)


def name_of_ada(business: Business) -> str | None:
    name: str | None = row(business, Customer)["first_name"]
    return name


def secrets_of(business: Business) -> list[Any]:
    columns = "sealed_credentials, sealed_previous_secret, sealed_compliance"
    query = text(f"SELECT {columns} FROM stores WHERE tenant_id = :tenant_id AND store_id = :store_id")
    with tenant_session(business.tenant_id) as session:
        return [each for found in session.execute(query, business.key.parameters) for each in found if each]


def former_routes() -> list[tuple[str, int]]:
    with system_session() as session:
        return [tuple(each) for each in session.execute(text("SELECT shop_domain, tenant_id FROM former_routes"))]


@pytest.fixture
def operators(monkeypatch: pytest.MonkeyPatch) -> Iterator[InstalledApp]:
    """An operator who owns an app."""
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", SECRET)
    settings.cache_clear()
    yield InstalledApp(CLIENT_ID)
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    "credentials",
    [AdminToken("shpat_0", ACME_SECRET), ClientCredentials("client", ACME_SECRET)],
    ids=["Admin token", "own app"],
)
def test_a_disconnected_store_accepts_privacy_requests_and_nothing_else(
    app: Flask, cast: Cast, credentials: Credentials
) -> None:
    acme = connect(cast.acme.tenant_id, cast.acme.shop_domain, credentials)
    ada_bought(acme)
    disconnect(acme)

    assert send(app, acme, "orders/create", {"id": 1}).status_code == 401
    assert send(app, acme, "app/uninstalled", {"id": 1}).status_code == 401
    assert send(app, acme, "customers/redact", FORGET_ADA, secret=GLOBEX_SECRET).status_code == 401
    assert send(app, acme, "customers/redact", FORGET_ADA, secret="").status_code == 401
    assert deliveries(acme) == []

    assert send(app, acme, "customers/redact", FORGET_ADA).status_code == 200
    assert [(delivery.topic, delivery.state) for delivery in deliveries(acme)] == [("customers/redact", "pending")]
    apply(acme)

    assert name_of_ada(acme) is None
    (receipt,) = privacy.receipts(cast.alice.actor)
    assert receipt.outcome == "Redacted: the customer, 1 orders, 1 stored webhooks. Totals stay."


def test_the_data_of_a_disconnected_store_is_exported_to_its_owner(app: Flask, cast: Cast) -> None:
    ada_bought(cast.acme)
    disconnect(cast.acme)

    asked = {"customer": ADA, "orders_requested": [1]}
    assert send(app, cast.acme, "customers/data_request", asked).status_code == 200
    apply(cast.acme)

    (receipt,) = privacy.receipts(cast.alice.actor)
    assert b"Lovelace" in privacy.download(cast.alice.actor, receipt.request_id)


def test_a_repeated_request_is_stored_once(app: Flask, cast: Cast) -> None:
    disconnect(cast.acme)
    raw = body(FORGET_ADA | shop_named(cast.acme))
    sent_headers = headers(cast.acme.shop_domain, "customers/redact", raw, ACME_SECRET)

    answers = [post(app.test_client(), raw, sent_headers).text for _ in range(2)]

    assert answers == ["stored\n", "duplicate\n"]
    assert len(deliveries(cast.acme)) == 1


def test_when_the_shop_is_erased_no_row_and_no_secret_stays(app: Flask, cast: Cast) -> None:
    ada_bought(cast.acme)
    disconnect(cast.acme)
    assert len(secrets_of(cast.acme)) == len(former_routes()) == 1

    assert send(app, cast.acme, "shop/redact", {"shop_id": 1}).status_code == 200
    apply(cast.acme)

    assert rows(cast.acme, Store) == rows(cast.acme, Order) == deliveries(cast.acme) == []
    assert secrets_of(cast.acme) == former_routes() == []
    assert "ada" not in everything(cast.acme)
    assert [receipt.topic for receipt in privacy.receipts(cast.alice.actor)] == ["shop/redact"]
    assert send(app, cast.acme, "shop/redact", {"shop_id": 1}).status_code == 401, "there is nothing to erase"


def test_what_a_disconnected_store_keeps_is_sealed_and_opens_no_shop(app: Flask, cast: Cast) -> None:
    acme = connect(cast.acme.tenant_id, cast.acme.shop_domain, ClientCredentials("the-client-id", ACME_SECRET))
    disconnect(acme)

    (signer,) = verify.find_holders(acme.shop_domain)
    assert ACME_SECRET not in repr(signer)
    (kept,) = secrets_of(acme)
    assert "the-client-id" not in _opened(acme, kept)
    assert verify.find_signer(acme.shop_domain) is None


def test_requests_for_an_installed_app_are_signed_by_the_operators_secret(
    app: Flask, cast: Cast, operators: InstalledApp
) -> None:
    acme = connect(cast.acme.tenant_id, cast.acme.shop_domain, operators)
    disconnect(acme)

    assert send(app, acme, "customers/redact", FORGET_ADA, secret=ACME_SECRET).status_code == 401
    assert send(app, acme, "customers/redact", FORGET_ADA, secret=SECRET).status_code == 200
    assert SECRET not in _opened(acme, secrets_of(acme)[0])


def test_connected_again_the_store_is_one_like_any_other(app: Flask, cast: Cast) -> None:
    disconnect(cast.acme)

    connect(cast.acme.tenant_id, cast.acme.shop_domain, AdminToken("shpat_0", GLOBEX_SECRET))

    assert former_routes() == []
    assert send(app, cast.acme, "customers/redact", FORGET_ADA, secret=ACME_SECRET).status_code == 401
    assert send(app, cast.acme, "customers/redact", FORGET_ADA, secret=GLOBEX_SECRET).status_code == 200
    assert send(app, cast.acme, "orders/create", {"id": 1}, secret=GLOBEX_SECRET).status_code == 200


def test_disconnected_twice_it_is_still_reached(app: Flask, cast: Cast) -> None:
    for _ in range(2):
        disconnect(cast.acme)

    assert send(app, cast.acme, "customers/redact", FORGET_ADA).status_code == 200


def test_two_tenants_who_had_the_shop_with_the_operators_app_both_redact(
    app: Flask, cast: Cast, operators: InstalledApp
) -> None:
    """Shopify sends the request once, and it is about the shop."""
    before = connect(cast.acme.tenant_id, "moved.myshopify.com", operators)
    write(before, customer(81))
    disconnect(before)
    now = connect(cast.globex.tenant_id, "moved.myshopify.com", operators)
    write(now, customer(81))

    assert send(app, now, "customers/redact", FORGET_ADA, secret=SECRET).status_code == 200
    apply(before, now)

    assert name_of_ada(before) is name_of_ada(now) is None
    for owner in (cast.alice, cast.charlie):
        assert [receipt.topic for receipt in privacy.receipts(owner.actor)] == ["customers/redact"]


def test_a_later_tenant_has_the_shops_route_and_the_request_still_reaches_the_earlier_one(
    app: Flask, cast: Cast
) -> None:
    """Each has an app of its own, and Shopify sends the request to each app."""
    ada_bought(cast.acme)
    disconnect(cast.acme)
    moved = connect(cast.globex.tenant_id, cast.acme.shop_domain, AdminToken("shpat_0", GLOBEX_SECRET))
    write(moved, customer(81))

    assert stores.find_owner(cast.acme.shop_domain) == StoreKey(moved.tenant_id, moved.store_id)
    assert send(app, moved, "orders/create", {"id": 1}, secret=ACME_SECRET).status_code == 401
    assert send(app, moved, "customers/redact", FORGET_ADA, secret=ACME_SECRET).status_code == 200
    assert deliveries(moved) == []
    apply(cast.acme, moved)
    assert (name_of_ada(cast.acme), name_of_ada(moved)) == (None, "Ada")

    assert send(app, moved, "customers/redact", FORGET_ADA, secret=GLOBEX_SECRET).status_code == 200
    apply(moved)
    assert name_of_ada(moved) is None
    assert len(deliveries(cast.acme)) == 1, "of another app's request nothing is kept"


def test_an_erased_shop_is_deleted_for_the_tenant_who_disconnected_it_only(
    app: Flask, cast: Cast, operators: InstalledApp
) -> None:
    before = connect(cast.acme.tenant_id, "moved.myshopify.com", operators)
    disconnect(before)
    sent = datetime(2026, 11, 20, 11, 59, 58, tzinfo=UTC)
    reconnected = connect(cast.globex.tenant_id, "moved.myshopify.com", operators, now=sent - timedelta(hours=1))

    assert send(app, reconnected, "shop/redact", {"shop_id": 1}, secret=SECRET).status_code == 200
    apply(before, reconnected)

    assert "moved.myshopify.com" not in {store["shop_domain"] for store in rows(before, Store)}
    assert row(reconnected, Store)["state"] == "connected"
    assert stores.find_owner("moved.myshopify.com") is not None


def test_a_store_reconnected_between_verifying_and_storing_is_verified_again(app: Flask, cast: Cast) -> None:
    disconnect(cast.acme)
    (signer,) = verify.find_holders(cast.acme.shop_domain)
    connect(cast.acme.tenant_id, cast.acme.shop_domain, AdminToken("shpat_0", ACME_SECRET))

    sent_headers = WebhookHeaders("late", "customers/redact", cast.acme.shop_domain)
    assert storage.save(signer, [VerifiedDelivery(sent_headers, b"{}", NOW)]) == [Stored.REFUSED]


def test_if_one_holders_key_is_lost_the_others_redact_and_shopify_sends_it_again(app: Flask, cast: Cast) -> None:
    disconnect(cast.acme)
    moved = connect(cast.globex.tenant_id, cast.acme.shop_domain, AdminToken("shpat_0", GLOBEX_SECRET))
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(text("UPDATE stores SET sealed_compliance = 'of another key'"))

    assert send(app, moved, "customers/redact", FORGET_ADA, secret=GLOBEX_SECRET).status_code >= 500
    assert len(deliveries(moved)) == 1


def test_the_schedule_applies_pending_requests_of_a_disconnected_store(
    app: Flask, cast: Cast, database_url: str
) -> None:
    ada_bought(cast.acme)
    disconnect(cast.acme)
    assert send(app, cast.acme, "customers/redact", FORGET_ADA).status_code == 200
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM procrastinate_jobs")

    schedule.apply_forgotten(timestamp=int(NOW.timestamp()))

    assert name_of_ada(cast.acme) is None


def test_the_stored_secret_is_resealed_with_all_others(app: Flask, cast: Cast) -> None:
    disconnect(cast.acme)

    assert reseal().current == 2, "Globex's credentials, and what Acme's requests are verified with"


@pytest.mark.parametrize("topic", sorted(COMPLIANCE))
def test_requests_for_an_unknown_shop_are_refused(app: Flask, cast: Cast, topic: str) -> None:
    answer: TestResponse = send(app, Business(1, 1, "", "nobody.myshopify.com"), topic, FORGET_ADA)
    assert answer.status_code == 401


def _opened(business: Business, sealed: str) -> str:
    return str(sealer().open(business.tenant_id, sealed))
