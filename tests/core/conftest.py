"""A simulated Shopify with Acme's shop in it, for tests that speak with one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from core.config import settings
from core.simulator.defaults import SCOPES
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from tests.cast import Cast
from tests.shopify_sends import ACME_SECRET, give_secret
from tests.stores import grant

ACME_TOKEN = "shpat_0000000000000000000000000000acme"
SPEC = ShopSpec(
    domain="acme.myshopify.com", name="Acme", customers=30, orders=110, until=date(2026, 11, 20), days=200
)


def today() -> datetime:
    """The simulator goes on where its shop's made-up past ends, a real second being a second."""
    return datetime.now(UTC)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Shopify, where Acme's shop is, with some months behind it."""
    setup = Setup(SPEC, token=ACME_TOKEN, secret=ACME_SECRET, bucket_size=20_000, restore_rate=10_000)
    with Simulator([setup], clock=today).running() as running:
        yield running


@pytest.fixture
def shopify(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """The same, and the settings say that it is where Shopify is."""
    monkeypatch.setenv("SHOPIFY_ADMIN_URL", simulator.admin_url)
    settings.cache_clear()
    yield simulator
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def connected(cast: Cast, shopify: Simulator) -> Cast:
    """The cast, with Acme's store holding the credentials of its shop."""
    give_secret(cast.acme, ACME_SECRET, token=ACME_TOKEN)
    grant(cast.acme, SCOPES)
    return cast
