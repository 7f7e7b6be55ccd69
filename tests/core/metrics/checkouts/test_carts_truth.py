"""The carts of a simulated shop, received as its webhooks, are the simulator's own figures."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from core.domain.periods import Grain
from core.metrics.checkouts.carts import carts, carts_over_time
from core.metrics.checkouts.report import Aging
from core.simulator.life.context import Event
from core.simulator.life.events import apply
from core.simulator.life.history import make_shop
from core.simulator.shop import truth_checkouts
from core.simulator.shop.shop import Shop, ShopSpec
from core.simulator.shop.subscriptions import Subscriptions
from core.simulator.webhooks.topics import webhook_body
from core.webhooks.apply import apply_pending
from tests.cast import add_store, make_cast
from tests.core.metrics.conftest import Shop as Store
from tests.core.metrics.conftest import shop_of
from tests.emptying import empty_database
from tests.shopify_sends import store_delivery

SPEC = ShopSpec(
    seed=4, customers=12, orders=20, until=date(2026, 11, 1), days=60, currency="USD", time_zone="America/New_York"
)
BEGAN, NOW = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
DELAY = timedelta(hours=1)
PERIODS = [("2026-10-19", "2026-11-20"), ("2026-10-31", "2026-11-02"), ("2026-11-20", "2026-11-20")]
"""The second one has the end of summer time."""
KINDS = (("fill_cart", {}), ("abandon", {}), ("change_cart", {}), ("change_cart", {"empty": 1}))
World = tuple[Shop, Store]


@pytest.fixture(scope="module")
def world(database_url: str) -> World:
    """Let visitors fill, change and empty carts and begin checkouts for a month; no test here writes."""
    empty_database(database_url)
    acme = add_store(make_cast().alice.tenant_id, "Truth", "truth.myshopify.com", SPEC.currency, SPEC.time_zone)
    shop, subscriptions = make_shop(SPEC), Subscriptions(SPEC.domain)
    for event in events():
        for webhook in apply(shop, subscriptions, event).webhooks:
            store_delivery(acme, webhook.topic, webhook_body(shop, webhook), event.at)
    apply_pending(acme.key, NOW)
    return shop, shop_of(acme)


def events() -> Iterator[Event]:
    """Make an event every few hours, and the last ones within the delay."""
    rng, at = random.Random(5), BEGAN
    while at < NOW:
        kind, args = rng.choice(
            (("fill_cart", {}), ("abandon", {}), ("change_cart", {}), ("change_cart", {"empty": 1}))
        )
        yield Event("fill_cart" if at == BEGAN else kind, at, str(rng.random()), args)
        at += timedelta(minutes=rng.randrange(10, 600))
    for minutes in (59, 30, 1):
        yield Event("fill_cart", NOW - timedelta(minutes=minutes), str(minutes))


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_counts_and_the_value_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    shop, store = world
    period = store.days(*days)
    found = store.ask(carts, period, Aging(DELAY, NOW))
    true = truth_checkouts.carts(shop, period.start, period.end, DELAY, NOW)
    counts = {state: getattr(found, f"carts_{state}") for state in ("to_checkout", "left", "open")}
    assert counts == {state: true.counts[state] for state in counts}
    assert found.carts_left_value == true.left_value


def test_the_month_has_carts_of_every_state(world: World) -> None:
    shop, store = world
    found = store.ask(carts, store.days(*PERIODS[0]), Aging(DELAY, NOW))
    assert found.carts_open >= 3
    assert found.carts_to_checkout
    assert found.carts_left
    assert found.carts_filled < len(shop.carts), "some were emptied"


def test_the_days_add_up_to_the_month(world: World) -> None:
    _, store = world
    period, aging = store.days(*PERIODS[0]), Aging(DELAY, NOW)
    whole = store.ask(carts, period, aging)
    points = store.ask(carts_over_time, period, aging, period.points(Grain.DAY))
    assert sum(point.carts_left for point in points) == whole.carts_left
    assert sum(point.carts_filled for point in points) == whole.carts_filled
