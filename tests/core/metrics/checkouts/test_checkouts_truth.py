"""The checkouts of a simulated shop, read as a first load reads them, are the simulator's own figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from core.domain.checkouts import DELAYS
from core.domain.periods import Grain
from core.metrics.checkouts.listing import checkout_list
from core.metrics.checkouts.report import Aging, checkouts, checkouts_over_time
from core.shopify import pages
from core.simulator.shop import truth_checkouts
from core.simulator.shop.shop import Shop, ShopSpec
from tests.core.metrics.conftest import Shop as Store
from tests.core.metrics.conftest import shop_of
from tests.simulated import name_of, read_shop, specs

SPEC = ShopSpec(seed=7, customers=80, orders=400, until=date(2026, 11, 20), days=120, taxes_included=True)
PERIODS = [("2026-07-01", "2026-11-20"), ("2026-10-20", "2026-10-31"), ("2026-11-19", "2026-11-20")]
World = tuple[Shop, Store, datetime]


@pytest.fixture(scope="module", params=specs(SPEC), ids=name_of)
def world(request: pytest.FixtureRequest, database_url: str) -> World:
    """Read the shop once, half an hour after its newest checkout began; no test here writes."""
    shop, acme = read_shop(database_url, request.param, pages.orders_page, pages.checkouts_page)
    newest = max(checkout.created_at for checkout in shop.checkouts.values())
    return shop, shop_of(acme), newest + timedelta(minutes=30)


@pytest.mark.parametrize("delay", [DELAYS[1], DELAYS[3], DELAYS[-1]], ids=str)
@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_counts_and_values_are_the_simulators(world: World, days: tuple[str, str], delay: timedelta) -> None:
    shop, store, now = world
    period, aging = store.days(*days), Aging(delay, now)
    found = store.ask(checkouts, period, aging)
    true = truth_checkouts.checkouts(shop, period.start, period.end, delay, now)
    counts = {state: getattr(found, f"checkouts_{state}") for state in true.counts}
    assert counts == dict(true.counts)
    assert found.checkouts_started == true.counts.total() > 0
    assert found.checkouts_young == true.young
    assert (found.abandoned_value, found.recovered_value) == (true.abandoned_value, true.recovered_value)
    assert found.recovered_without_order == 0


def test_the_longest_period_has_checkouts_of_every_state(world: World) -> None:
    shop, store, now = world
    found = store.ask(checkouts, store.days(*PERIODS[0]), Aging(DELAYS[3], now))
    # A shop's newest checkout may be a completed one.
    assert found.checkouts_pending or shop.spec != SPEC
    assert found.checkouts_abandoned
    assert found.recovered_value
    assert 0 < found.checkouts_recovered < found.checkouts_completed


def test_points_and_rows_add_up_to_the_simulators_figures(world: World) -> None:
    _, store, now = world
    period, aging = store.days(*PERIODS[0]), Aging(DELAYS[3], now)
    whole = store.ask(checkouts, period, aging)
    points = store.ask(checkouts_over_time, period, aging, period.points(Grain.WEEK))
    assert sum(point.checkouts_abandoned for point in points) == whole.checkouts_abandoned
    assert sum(point.checkouts_started for point in points) == whole.checkouts_started
    rows = store.ask(checkout_list, period, aging)
    assert sum(row.total for row in rows if row.state == "abandoned") == whole.abandoned_value
    assert sum(row.order_net or 0 for row in rows if row.state == "recovered") == whole.recovered_value
