"""The demo keeps selling, and at start sells the orders expected since the last event."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from core.errors import InvalidInput
from core.simulator.http import pacer
from core.simulator.http.simulator import Simulator
from core.simulator.shop.demand import expected_orders
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.clocks import Clock

SPEC = ShopSpec(customers=50, orders=2000, days=100, until=date(2026, 11, 19))


def test_orders_since_the_last_event_are_sold_in_order_and_never_in_the_future(clock: Clock) -> None:
    sim = Simulator([SPEC], clock=clock)
    live = sim.live_shop()
    sold = pacer.catch_up(live, clock(), random.Random(1))
    fresh = list(live.shop.orders.values())[2000:]
    expected = expected_orders(SPEC, date(2026, 11, 20))
    assert len(fresh) == sold
    assert 0 < sold < expected
    moments = [order.processed_at for order in fresh]
    assert moments == sorted(moments)
    assert SPEC.midnight(date(2026, 11, 20)) <= moments[0]
    assert moments[-1] <= clock()
    assert not any(order.test for order in fresh)


def test_nothing_is_caught_up_with_twice(clock: Clock) -> None:
    live = Simulator([SPEC], clock=clock).live_shop()
    pacer.catch_up(live, clock(), random.Random(1))
    last = live.last_event_at
    assert last
    pacer.catch_up(live, last, random.Random(1))
    assert live.last_event_at == last


def test_after_a_long_sleep_a_month_is_caught_up_with_at_most(clock: Clock) -> None:
    live = Simulator([ShopSpec(customers=50, orders=300, until=date(2026, 11, 19))], clock=clock).live_shop()
    clock.advance(days=400)
    pacer.catch_up(live, clock(), random.Random(1))
    fresh = list(live.shop.orders.values())[300:]
    assert fresh
    assert min(order.created_at for order in fresh) >= clock() - timedelta(days=31)


def test_most_events_are_sales_and_every_other_kind_occurs(clock: Clock) -> None:
    live = Simulator([SPEC], clock=clock).live_shop()
    rng, kinds = random.Random(4), Counter[str]()
    for _ in range(600):
        clock.advance(seconds=30)
        orders, customers = len(live.shop.orders), len(live.shop.customers)
        try:
            pacer.trigger_random_event(live, clock(), rng)
        except InvalidInput:
            kinds["impossible"] += 1
            continue
        kinds["sold"] += len(live.shop.orders) - orders
        kinds["new customers"] += len(live.shop.customers) - customers
    recent = [
        order for order in live.shop.orders.values() if order.updated_at >= datetime(2026, 11, 20, 12, tzinfo=UTC)
    ]
    assert kinds["sold"] > 300, "half of the events"
    assert kinds["new customers"] > 100
    assert any(order.refunds for order in recent)
    assert any(order.is_edited for order in recent)
    assert kinds["impossible"] < 40


def test_a_running_simulator_sells_at_its_pace() -> None:
    now = datetime.now(UTC)
    spec = ShopSpec(customers=20, orders=50, until=now.date() - timedelta(days=1))
    with Simulator([spec], pace=0.05).running() as sim:
        deadline = time.monotonic() + 20
        before = len(sim.live_shop().shop.orders)
        while len(sim.live_shop().shop.orders) < before + 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(sim.live_shop().shop.orders) >= before + 3
