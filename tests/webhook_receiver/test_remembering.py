"""The receiver remembers signers, but every delivery is decided by the store's row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import update

from core import stores
from core.database import tenant_session
from core.database.models import Store
from core.sealing.seal import sealer
from core.shopify.auth import AdminToken
from core.shopify.pages import ShopInfo
from core.shopify.webhooks import WebhookHeaders, sign
from core.stores.credentials import SECRET_LIVES_ON
from core.webhooks import storage, verify
from core.webhooks.storage import Stored, VerifiedDelivery
from tests.cast import Business, Cast
from tests.shopify_sends import ACME_SECRET, GLOBEX_SECRET, deliveries, give_secret, send

ROTATED = "shpss_00000000000000000000000000rotated"


def connect(tenant_id: int, business: Business, secret: str) -> stores.StoreView:
    """Connect the business's shop, for this tenant, with an app that has this secret."""
    shop = ShopInfo(1, "Acme", business.shop_domain, "EUR", "Europe/Berlin", False, datetime.now(UTC), None, ())
    return stores.save(tenant_id, shop, AdminToken("shpat_0", secret), datetime.now(UTC))


def forget(business: Business) -> None:
    stores.delete_credentials(business.key, datetime.now(UTC))


def answers(app: Flask, business: Business, *secrets: str) -> list[int]:
    """The answers to a delivery signed with each of the secrets."""
    return [send(app, business, "orders/create", {"id": 1}, secret=secret).status_code for secret in secrets]


def test_a_store_that_was_just_disconnected_refuses_deliveries(app: Flask, cast: Cast) -> None:
    assert answers(app, cast.acme, ACME_SECRET) == [200]

    forget(cast.acme)

    assert answers(app, cast.acme, ACME_SECRET, ACME_SECRET) == [401, 401]
    assert len(deliveries(cast.acme)) == 1


def test_a_reconnected_store_accepts_deliveries_at_once(app: Flask, cast: Cast) -> None:
    assert answers(app, cast.acme, ACME_SECRET) == [200]
    forget(cast.acme)
    assert answers(app, cast.acme, ACME_SECRET) == [401]

    connect(cast.acme.tenant_id, cast.acme, ROTATED)

    assert answers(app, cast.acme, ROTATED, ACME_SECRET) == [200, 401], "the hour ends with the disconnection"


def test_a_rotated_secret_works_at_once_and_the_previous_one_for_an_hour(app: Flask, cast: Cast) -> None:
    assert answers(app, cast.acme, ACME_SECRET, ROTATED) == [200, 401]

    connect(cast.acme.tenant_id, cast.acme, ROTATED)
    assert answers(app, cast.acme, ACME_SECRET, ROTATED, ACME_SECRET) == [200, 200, 200]

    with tenant_session(cast.acme.tenant_id) as session:
        passed = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(Store).values(previous_secret_until=passed))
    assert answers(app, cast.acme, ACME_SECRET, ROTATED) == [401, 200]


def test_the_hour_of_a_remembered_secret_ends_without_reading_the_row(app: Flask, cast: Cast) -> None:
    connect(cast.acme.tenant_id, cast.acme, ROTATED)
    signer = verify.find_signer(cast.acme.shop_domain)
    assert signer is not None
    body, signature = b"{}", sign(b"{}", ACME_SECRET)
    now = datetime.now(UTC)

    assert signer.has_signed(body, signature, now)
    assert not signer.has_signed(body, signature, now + SECRET_LIVES_ON)


def test_deliveries_of_a_shop_that_moved_to_another_business_go_there_at_once(app: Flask, cast: Cast) -> None:
    assert answers(app, cast.acme, ACME_SECRET) == [200]

    forget(cast.acme)
    moved = connect(cast.globex.tenant_id, cast.acme, GLOBEX_SECRET)

    assert answers(app, cast.acme, ACME_SECRET, GLOBEX_SECRET) == [401, 200]
    assert len(deliveries(cast.acme)) == 1
    assert len(deliveries(Business(cast.globex.tenant_id, moved.store_id, "", ""))) == 1


def test_a_store_disconnected_between_verifying_and_storing_stores_nothing(app: Flask, cast: Cast) -> None:
    signer = verify.find_signer(cast.acme.shop_domain)
    assert signer is not None
    forget(cast.acme)

    headers = WebhookHeaders("late", "orders/create", cast.acme.shop_domain)
    assert storage.save(signer, [VerifiedDelivery(headers, b"{}", datetime.now(UTC))]) == [Stored.REFUSED]
    assert deliveries(cast.acme) == []


def test_a_resealed_secret_loses_no_delivery(app: Flask, cast: Cast) -> None:
    """As when SECRET_KEY is rotated."""
    assert answers(app, cast.acme, ACME_SECRET) == [200]
    before = verify.find_signer(cast.acme.shop_domain)

    give_secret(cast.acme, ACME_SECRET)

    assert verify.find_signer(cast.acme.shop_domain) != before
    assert answers(app, cast.acme, ACME_SECRET) == [200]


def test_remembered_secrets_are_sealed(app: Flask, cast: Cast) -> None:
    connect(cast.acme.tenant_id, cast.acme, ROTATED)
    signer = verify.find_signer(cast.acme.shop_domain)

    assert signer is not None
    assert ROTATED not in repr(signer)
    assert ACME_SECRET not in repr(signer)
    assert signer.sealed_credentials is not None
    assert ROTATED in str(sealer().open(signer.tenant_id, signer.sealed_credentials))
