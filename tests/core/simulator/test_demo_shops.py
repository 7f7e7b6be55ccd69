"""The shops of `make run` are two different merchants, and nothing of one opens the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import requests

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_TOKENS
from core.shopify import webhooks
from core.shopify.client import ShopifyClient
from core.simulator.http.demo_shops import demo_shops
from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.http.simulator import Simulator
from tests.core.simulator.clocks import NOON, Clock
from tests.core.simulator.receivers import Receiver

FIELDSTONE, TIDEWATER = DEMO_TOKENS


def small(setup: Setup) -> Setup:
    return replace(setup, spec=replace(setup.spec, customers=20, orders=60))


@pytest.fixture
def sim() -> Iterator[Simulator]:
    setups = [small(setup) for setup in demo_shops(NOON)]
    with Simulator(setups, clock=Clock(), backoff=(0.02,)).running() as running:
        yield running


def status(sim: Simulator, shop: str, token: str) -> int:
    url = f"{sim.url}/{shop}/admin/api/2026-10/graphql.json"
    asked = {"query": "{ shop { name } }"}
    return requests.post(url, json=asked, headers={"X-Shopify-Access-Token": token}, timeout=10).status_code


def granted_token(sim: Simulator, shop: str) -> str:
    body = {"grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}
    answer = requests.post(f"{sim.url}/{shop}/admin/oauth/access_token", json=body, timeout=10)
    return str(answer.json()["access_token"])


def titles(shop: LiveShop) -> set[str]:
    return {product.title for product in shop.shop.products.values() if not product.is_gift_card}


def test_the_shops_differ_in_currency_tax_time_zone_size_age_and_products(sim: Simulator) -> None:
    one, other = (setup.spec for setup in demo_shops(NOON))
    assert (one.domain, one.currency, one.taxes_included, one.time_zone) == (FIELDSTONE, "EUR", True, "Europe/Berlin")
    assert (other.domain, other.currency, other.taxes_included) == (TIDEWATER, "USD", False)
    assert other.time_zone == "America/Los_Angeles"
    assert one.name != other.name
    assert (one.orders, one.customers, one.days) > (other.orders, other.customers, other.days)
    assert titles(sim.live_shop(FIELDSTONE)).isdisjoint(titles(sim.live_shop(TIDEWATER)))


def test_each_history_ends_with_yesterday_by_the_shop_s_own_clock() -> None:
    early = datetime(2026, 11, 20, 3, tzinfo=UTC)  # in California still the 19th
    assert [setup.spec.until for setup in demo_shops(early)] == [date(2026, 11, 19), date(2026, 11, 18)]


def test_both_shops_charge_taxes(sim: Simulator) -> None:
    assert all(sim.truth(shop=domain).totals.taxes > 0 for domain in DEMO_TOKENS)


def test_a_token_of_one_shop_opens_nothing_of_the_other(sim: Simulator) -> None:
    for own, other in ((FIELDSTONE, TIDEWATER), (TIDEWATER, FIELDSTONE)):
        for token in (DEMO_TOKENS[own], granted_token(sim, own)):
            assert status(sim, own, token) == 200
            assert status(sim, other, token) == 401


def test_a_bulk_operation_of_one_shop_is_not_at_the_other_s_address(sim: Simulator) -> None:
    live = sim.live_shop(FIELDSTONE)
    live.bulk.run("{ customers { edges { node { id } } } }")
    (number,) = live.bulk.by_number
    live.bulk.refresh(number)
    answers = [
        requests.get(f"{sim.url}/simulator/{domain}/bulk/{number}.jsonl", timeout=10).status_code
        for domain in (FIELDSTONE, TIDEWATER)
    ]
    assert answers == [200, 400]


def test_webhooks_of_one_shop_never_go_to_the_other_s_address_or_carry_its_name(
    sim: Simulator, receiver: Receiver
) -> None:
    for domain, token in DEMO_TOKENS.items():
        client = ShopifyClient(domain, token, admin_url=sim.admin_url)
        webhooks.subscribe(client, f"{receiver.url}?shop={domain}")
        client.close()
    sold = {domain: sim.sell(domain) for domain in DEMO_TOKENS}
    assert sim.sender.wait_until_sent()
    created = [delivery for delivery in receiver.received if delivery.topic == "orders/create"]
    assert {delivery.headers["X-Shopify-Shop-Domain"]: delivery.body["id"] for delivery in created} == sold
    assert len(created) == 2
    subscribed = {
        domain: {subscription.uri for subscription in sim.live_shop(domain).subscriptions.by_id.values()}
        for domain in DEMO_TOKENS
    }
    assert subscribed == {domain: {f"{receiver.url}?shop={domain}"} for domain in DEMO_TOKENS}


def test_what_happens_in_one_shop_changes_nothing_in_the_other(sim: Simulator) -> None:
    before = sim.truth(shop=FIELDSTONE)
    sim.live_shop(TIDEWATER).faults.set(webhook_outage=True)
    sim.sell(TIDEWATER, test=False)
    assert sim.truth(shop=FIELDSTONE) == before
    assert not sim.live_shop(FIELDSTONE).faults.settings.webhook_outage
