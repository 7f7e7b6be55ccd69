"""Where and when the made-up shop sold: the simulator's own figures, with every rare shape of an order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from core.domain.periods import Grain
from core.metrics.explore import Dimension, Measure, Question, answer
from core.metrics.products.movers import movers
from core.metrics.sales.origins import Origin, sales_by_kind, sales_by_origin
from core.metrics.sales.week_hours import week_hours
from core.simulator.shop import truth_origins, truth_products
from tests.core.metrics.returns.test_goods_truth import PERIODS, World
from tests.core.metrics.returns.test_goods_truth import world as world


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_sales_by_country_and_channel_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period = world.store.days(*days)
    true = truth_origins.origins(world.shop, period.start, period.end)
    for origin, expected in (
        (Origin.COUNTRY, true.by_country),
        (Origin.CHANNEL, true.by_channel),
        (Origin.SOURCE, true.by_source),
        (Origin.CAMPAIGN, true.by_campaign),
    ):
        ours = world.store.ask(sales_by_origin, period, origin)
        assert len(ours) > 1, "there are several, or this test would prove nothing"
        assert {row.value or "": row.net_sales for row in ours} == _without_zeros(expected)


@pytest.mark.parametrize(
    ("dimension", "name"), [(Dimension.ORDER_TAG, "by_tag"), (Dimension.LOCATION, "by_location")]
)
def test_explore_splits_by_order_tag_and_location_as_the_simulator(
    world: World, dimension: Dimension, name: str
) -> None:
    period = world.store.days(*PERIODS[0])
    true = getattr(truth_origins.origins(world.shop, period.start, period.end), name)
    found = world.store.ask(answer, period, Question((Measure.NET_SALES,), (dimension,))).rows
    assert {row.keys[0] or "": row.values[Measure.NET_SALES] for row in found} == _without_zeros(true)


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_sales_to_new_and_returning_customers_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period = world.store.days(*days)
    true = truth_origins.origins(world.shop, period.start, period.end)
    ours = world.store.ask(sales_by_kind, period, Grain.DAY).whole
    assert true.new_sales
    assert true.returning_sales
    assert (ours.new_sales, ours.returning_sales) == (true.new_sales, true.returning_sales)


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_orders_by_weekday_and_hour_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period = world.store.days(*days)
    true = truth_origins.origins(world.shop, period.start, period.end)
    ours = world.store.ask(week_hours, period)
    assert {(row.weekday, row.hour): row.orders for row in ours if row.orders} == dict(true.orders_by_hour)


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_what_moved_most_is_the_simulators(world: World, days: tuple[str, str]) -> None:
    period, earlier = world.store.days(*days), world.store.days("2026-02-01", "2026-02-28")
    now = truth_products.product_figures(world.shop, period.start, period.end)
    then = truth_products.product_figures(world.shop, earlier.start, earlier.end)
    expected = {
        key: (now[key].net_sales if key in now else 0) - (then[key].net_sales if key in then else 0)
        for key in now.keys() | then.keys()
    }
    ours = world.store.ask(movers, period, earlier, 1000)
    assert {row.product_id: row.change for row in ours} == _without_zeros(expected)
    assert [row.change for row in ours] == sorted((row.change for row in ours), reverse=True)


def _without_zeros(amounts: Mapping[Any, Decimal | int]) -> dict[Any, Decimal | int]:
    return {key: amount for key, amount in amounts.items() if amount}
