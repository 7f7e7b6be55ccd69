"""A store's deliveries are signed with its app's secret, or for an hour with the previous one, and with no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from werkzeug.test import TestResponse

from core.config import WEBHOOK_PATH, settings
from core.connections import connect
from core.shopify.auth import ClientCredentials
from core.shopify.webhooks import sign
from core.stores import StoreView
from core.stores.credentials import signing_secrets
from core.webhooks import verify
from tests.cast import Cast
from tests.installs import CLIENT_ID, SECRET, SHOP, Merchant

ROTATED = "shpss_0000000000000000000000000rotated"
_ids = count(1)


def now() -> datetime:
    return datetime.now(UTC)


def deliver(merchant: Merchant, secret: str, shop: str = SHOP, **headers: str) -> TestResponse:
    raw = json.dumps({"id": next(_ids)}).encode()
    sent_headers = {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Webhook-Id": f"delivery-{next(_ids)}",
        "X-Shopify-Hmac-Sha256": sign(raw, secret),
    }
    return merchant.browser.post(WEBHOOK_PATH, data=raw, headers=sent_headers | headers)


def good_until(store: StoreView, at: datetime) -> tuple[str, ...]:
    signer = verify.find_signer(store.shop_domain)
    assert signer is not None
    return signing_secrets(signer, at)


@pytest.fixture
def pasted(merchant: Merchant, cast: Cast) -> StoreView:
    """Initech's store, connected with a client id and secret of the merchant's own."""
    return connect.connect(cast.dana.actor, SHOP, ClientCredentials(CLIENT_ID, SECRET), now())


def rotate(merchant: Merchant, cast: Cast) -> datetime:
    merchant.shop.oauth.rotate_secret(ROTATED)
    at = now()
    connect.connect(cast.dana.actor, SHOP, ClientCredentials(CLIENT_ID, ROTATED), at)
    return at


def test_after_a_rotation_the_old_secret_works_for_an_hour_and_no_longer(
    merchant: Merchant, cast: Cast, pasted: StoreView
) -> None:
    at = rotate(merchant, cast)
    assert deliver(merchant, SECRET).status_code == deliver(merchant, ROTATED).status_code == 200
    assert good_until(pasted, at + timedelta(minutes=59)) == (ROTATED, SECRET)
    assert good_until(pasted, at + timedelta(minutes=60)) == (ROTATED,)


def test_deliveries_signed_with_the_old_secret_are_accepted_in_that_hour(
    merchant: Merchant, cast: Cast, pasted: StoreView
) -> None:
    rotate(merchant, cast)
    assert merchant.shop.oauth.signing_secret == SECRET
    assert deliver(merchant, merchant.shop.oauth.signing_secret).status_code == 200
    merchant.clock.ahead = timedelta(minutes=61)
    assert merchant.shop.oauth.signing_secret == ROTATED
    assert deliver(merchant, merchant.shop.oauth.signing_secret).status_code == 200


def test_reconnecting_with_the_same_secret_keeps_the_hour_of_the_one_before(
    merchant: Merchant, cast: Cast, pasted: StoreView
) -> None:
    at = rotate(merchant, cast)
    connect.connect(cast.dana.actor, SHOP, ClientCredentials(CLIENT_ID, ROTATED), now())
    assert good_until(pasted, at + timedelta(minutes=59)) == (ROTATED, SECRET)


def test_a_disconnected_store_has_no_secret_not_even_its_last(
    merchant: Merchant, cast: Cast, pasted: StoreView
) -> None:
    rotate(merchant, cast)
    connect.disconnect(cast.dana.actor, pasted.store_id, now())
    assert deliver(merchant, SECRET).status_code == deliver(merchant, ROTATED).status_code == 401


def test_the_operators_app_signs_for_an_installed_store_before_and_after_a_rotation(
    merchant: Merchant, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant.install(cast.dana.actor)
    assert deliver(merchant, SECRET).status_code == 200
    assert deliver(merchant, ROTATED).status_code == 401
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", ROTATED)
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET_PREVIOUS", SECRET)
    settings.cache_clear()
    assert deliver(merchant, SECRET).status_code == deliver(merchant, ROTATED).status_code == 200


def test_the_operators_secret_signs_for_no_store_with_an_app_of_its_own(
    merchant: Merchant, cast: Cast, monkeypatch: pytest.MonkeyPatch, pasted: StoreView
) -> None:
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", ROTATED)
    settings.cache_clear()
    assert deliver(merchant, ROTATED).status_code == 401


def test_changing_from_a_pasted_secret_to_the_operators_app_loses_no_delivery(
    merchant: Merchant, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "shpss_of_the_merchants_own_app"
    merchant.shop.oauth.secret = own
    connect.connect(cast.dana.actor, SHOP, ClientCredentials(CLIENT_ID, own), now())
    merchant.shop.oauth.secret = SECRET
    merchant.install(cast.dana.actor)
    assert deliver(merchant, own).status_code == deliver(merchant, SECRET).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Shopify-Hmac-Sha256": ""},
        {"X-Shopify-Hmac-Sha256": "none", "X-Shopify-Test": "true"},
        {"X-Shopify-Hmac-Sha256": "none", "X-Skip-Verification": "1", "X-Debug": "true"},
        {"X-Shopify-Hmac-Sha256": "none", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost"},
        {"X-Shopify-Hmac-Sha256": "none", "Authorization": "Bearer anything", "User-Agent": "Shopify-Captain-Hook"},
    ],
)
def test_no_header_skips_the_check(
    merchant: Merchant, cast: Cast, pasted: StoreView, headers: dict[str, str]
) -> None:
    assert deliver(merchant, SECRET, **headers).status_code == 401


def test_an_empty_secret_signs_nothing(merchant: Merchant, cast: Cast, pasted: StoreView) -> None:
    assert deliver(merchant, "").status_code == 401
