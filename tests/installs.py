"""A merchant who installs the operator's app: a simulated Shopify, the receiver, and the browser between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.accounts import Actor
from core.config import settings
from core.connections import connect
from core.connections import install as installing
from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from core.stores import StoreView
from webhook_receiver import create_app

CLIENT_ID = "0123456789abcdef0123456789abcdef"
SECRET = "shpss_0000000000000000000000operators"
SHOP = "initech.myshopify.com"
DASHBOARD = "http://127.0.0.1:8501"
NOWHERE = "http://127.0.0.1:9"
"""The receiver's public address. Nothing listens there: the tests pass its requests on themselves."""

SPEC = ShopSpec(domain=SHOP, name="Initech", customers=5, orders=8, until=date(2026, 11, 20), days=90)


class Clock:
    """The simulated Shopify's clock: the real time, plus `ahead`."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Merchant:
    """A browser that keeps the receiver's cookies, at a shop whose owner approves everything."""

    def __init__(self, simulator: Simulator, receiver: Flask, clock: Clock) -> None:
        self.simulator, self.clock = simulator, clock
        self._receiver = receiver
        self.browser: FlaskClient = receiver.test_client()

    @property
    def shop(self) -> LiveShop:
        return self.simulator.live_shop(SHOP)

    def another_browser(self) -> Merchant:
        return Merchant(self.simulator, self._receiver, self.clock)

    def visit(self, address: str) -> TestResponse:
        """Request an address of the receiver."""
        parts = urlsplit(address)
        return self.browser.get(f"{parts.path}?{parts.query}")

    def approve(self, address: str) -> str:
        """Click "Install" on Shopify's page; returns the address that Shopify sends the browser to."""
        answer = requests.post(address, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def to_shopify(self, actor: Actor) -> str:
        """Go from the Stores page to Shopify's page; returns its address."""
        state = installing.begin(actor, SHOP, datetime.now(UTC))
        return self.visit(f"{NOWHERE}/connect/start?state={state}").headers["Location"]

    def back(self, actor: Actor) -> str:
        """Approve the installation; returns the address that Shopify sends the browser back to."""
        return self.approve(self.to_shopify(actor))

    def claim(self, actor: Actor) -> str:
        """Return the claim that the browser brings to the Stores page."""
        return claim_in(self.visit(self.back(actor)))

    def install(self, actor: Actor) -> StoreView:
        """Install the app and confirm it."""
        return connect.confirm(actor, self.claim(actor), datetime.now(UTC))


def claim_in(answer: TestResponse) -> str:
    """Return the claim in the redirect to the Stores page."""
    assert answer.status_code == 302, answer.text
    target = urlsplit(answer.headers["Location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == f"{DASHBOARD}/stores"
    return parse_qs(target.query)["claim"][0]


@pytest.fixture
def merchant(clean_database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Merchant]:
    """Initech's shop at a simulated Shopify, and an operator with an app."""
    clock = Clock()
    setup = Setup(SPEC, client_id=CLIENT_ID, secret=SECRET, bucket_size=20_000, restore_rate=10_000)
    with Simulator([setup], clock=clock, backoff=()).running() as simulator:
        monkeypatch.setenv("SHOPIFY_ADMIN_URL", simulator.admin_url)
        monkeypatch.setenv("SHOPIFY_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", SECRET)
        monkeypatch.setenv("PUBLIC_WEBHOOK_URL", NOWHERE)
        monkeypatch.setenv("PUBLIC_URL", DASHBOARD)
        settings.cache_clear()
        yield Merchant(simulator, create_app(), clock)
    monkeypatch.undo()
    settings.cache_clear()
