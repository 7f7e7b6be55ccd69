"""Segments, cohorts, repeat rate and days to the second order beside the simulator's own, customer by customer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from core.metrics.customers.cohorts import SHOWN, ReturnsOn, Width, cohorts
from core.metrics.customers.repeats import repeats
from core.metrics.customers.segments import Segment, members, segments
from core.rollups.segments import rebuild_segments
from core.shopify import pages
from core.simulator.shop import truth_cohorts, truth_customers
from core.simulator.shop.shop import RARE_ORDERS, Shop, ShopSpec
from tests.cast import NOW
from tests.core.metrics.conftest import Shop as Store
from tests.core.metrics.conftest import shop_of
from tests.simulated import name_of, read_shop, specs

SPEC = ShopSpec(seed=8, customers=40, orders=160, until=date(2026, 11, 20), days=420, rare_orders=RARE_ORDERS)
PERIODS = [("2025-09-01", "2026-11-20"), ("2025-11-15", "2026-04-30"), ("2026-11-16", "2026-11-20")]


@dataclass(frozen=True, slots=True)
class World:
    """The simulator's shop, and our store of the same orders."""

    shop: Shop
    store: Store


@pytest.fixture(scope="module", params=specs(SPEC), ids=name_of)
def world(request: pytest.FixtureRequest, database_url: str) -> World:
    """Read all orders once, and score the customers."""
    shop, acme = read_shop(database_url, request.param, pages.orders_page)
    rebuild_segments(acme.key, NOW)
    return World(shop, shop_of(acme))


def test_segments_and_their_sums_are_the_simulators(world: World) -> None:
    theirs = truth_customers.scored_customers(world.shop).values()
    counts = Counter(one.segment for one in theirs)
    assert len(counts) >= 8, "most of the grid is used, or this test would prove little"
    for row in world.store.ask(segments):
        true = [one for one in theirs if one.segment == row.segment]
        assert row.customers == len(true)
        assert row.orders == sum(one.orders for one in true)
        assert row.net_sales == sum((one.net_sales for one in true), Decimal(0))


def test_the_scores_of_each_customer_are_the_simulators(world: World) -> None:
    ours = {
        member.customer_key: (member.recency, member.frequency, member.monetary, segment.value, member.net_sales)
        for segment in Segment
        for member in world.store.ask(members, segment)
    }
    theirs = {
        _our_key(key): (one.recency, one.frequency, one.monetary, one.segment, one.net_sales)
        for key, one in truth_customers.scored_customers(world.shop).items()
    }
    assert ours == theirs


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_repeat_rate_and_days_to_the_second_order_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period = world.store.days(*days)
    ours = world.store.ask(repeats, period)
    theirs = truth_customers.repeats_of(world.shop, period.start, period.end)
    assert (ours.customers, ours.repeat_customers) == (theirs.customers, theirs.repeat_customers)
    assert (ours.early, ours.median, ours.late) == (theirs.early, theirs.median, theirs.late)
    if days == PERIODS[0]:
        assert theirs.repeat_customers > 10
        assert theirs.early != theirs.late


def test_cohorts_by_the_day_of_the_return_are_the_simulators(world: World) -> None:
    """The months of returns differ from those of their orders; all months together are the same."""
    today = date(2026, 11, 21)
    dated = world.store.ask(cohorts, Width.MONTH, today, ReturnsOn.RETURN_DAY)
    placed = world.store.ask(cohorts, Width.MONTH, today)
    theirs = truth_cohorts.by_first_month(world.shop)
    assert any(cell.moved_in for one in dated for cell in one.cells), (
        "returns came in other months, or this test would prove nothing"
    )
    assert len(dated) == min(SHOWN["month"], len(theirs))
    for ours, before in zip(dated, placed, strict=True):
        months = theirs[ours.start.year, ours.start.month]
        assert ours.cells[-1].net_to_date == before.cells[-1].net_to_date
        for number, (cell, by_order) in enumerate(zip(ours.cells, before.cells, strict=True)):
            month = divmod(ours.start.year * 12 + ours.start.month - 1 + number, 12)
            true = months[month[0], month[1] + 1]
            assert (cell.net_sales, by_order.net_sales) == (true.dated_net, true.net_sales)


def _our_key(key: str) -> str:
    """The product's key of a customer: by account, by address, or of one order without either."""
    if key.startswith("order "):
        return f"o:{key.removeprefix('order ')}"
    return f"c:{key}" if key.isdigit() else f"e:{key}"
