"""All stores together are what four simulated shops of four currencies and clocks know, at rates found apart."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from core import exchange, stores
from core.domain.periods import Grain, Period
from core.exchange.over_time import over_time
from core.exchange.side_by_side import StoreFigures, Together, sum_stores
from core.exports.all_stores import OVER_TIME, days_parameter
from core.metrics.sales.overview import report
from core.shopify import pages
from core.simulator.shop.shop import RARE_ORDERS, Shop, ShopSpec
from core.simulator.shop.truth import truth
from tests.cast import NOW, Business, Cast
from tests.core.exports.downloads import download
from tests.core.metrics.conftest import shop_of
from tests.simulated import read_shops

SPEC = ShopSpec(seed=41, customers=20, orders=60, until=date(2026, 11, 20), days=45, rare_orders=RARE_ORDERS)
FIRST, LAST = date(2026, 10, 12), date(2026, 11, 20)
"""A clock changes in Berlin, in New York and on Lord Howe around these days."""
BASE = {"USD": Decimal("0.91"), "JPY": Decimal("0.0061"), "KWD": Decimal("2.97")}
World = tuple[Cast, list[tuple[Shop, Business]]]


@pytest.fixture(scope="module")
def world(database_url: str) -> World:
    """Four shops, and rates into euros of every weekday; dinars have a rate from 2 November on."""
    cast, shops = read_shops(database_url, SPEC, pages.products_page, pages.orders_page)
    lines = [f"{day},{currency},{rate}" for (currency, day), rate in published().items()]
    content = "\n".join(["date,currency,rate", *lines]).encode()
    exchange.save_file(cast.alice.actor, content, "EUR", stores.list_stores(cast.alice.tenant_id), NOW)
    return cast, shops


def published() -> dict[tuple[str, date], Decimal]:
    rates = {}
    for number in range((LAST - FIRST).days + 8):
        day = FIRST - timedelta(days=7) + timedelta(days=number)
        for currency, base in BASE.items():
            if day.weekday() < 5 and (currency != "KWD" or day >= date(2026, 11, 2)):
                rates[currency, day] = base + Decimal(number) / 10_000
    return rates


def rate_on(currency: str, day: date) -> Decimal | None:
    """The last published rate of a day or the week before it."""
    if currency == "EUR":
        return Decimal(1)
    rates = published()
    back = (rates.get((currency, day - timedelta(days=days))) for days in range(8))
    return next((rate for rate in back if rate is not None), None)


def true_points(shops: list[tuple[Shop, Business]], grain: Grain, first: date) -> dict[date, list[Decimal | None]]:
    """By day, week or month from `first`: what each shop sold, converted; None where a day has sales and no rate."""
    points: dict[date, list[Decimal | None]] = defaultdict(lambda: [Decimal(0)] * len(shops))
    for number, (shop, _) in enumerate(shops):
        for offset in range((LAST - first).days + 1):
            day = first + timedelta(days=offset)
            begins = {Grain.DAY: day, Grain.WEEK: day - timedelta(days=day.weekday())}.get(grain, day.replace(day=1))
            totals = truth(shop, day, day).totals
            rate = rate_on(shop.spec.currency, day)
            so_far = points[begins][number]
            if rate is None and any((totals.net_sales, totals.total_sales, totals.gross_sales)):
                points[begins][number] = None
            elif so_far is not None:
                points[begins][number] = so_far + totals.net_sales * (rate or 0)
    return points


def together(world: World, first: date) -> Together:
    cast, shops = world
    figures = []
    for _, business in shops:
        store, asked = stores.find(business.key), shop_of(business)
        period = Period(first, LAST, asked.zone)
        figures.append(StoreFigures(store, period, asked.ask(report, period, Grain.DAY), None))
    currencies = {each.store.currency for each in figures}
    return sum_stores(figures, exchange.rate_tables(cast.alice.tenant_id, "EUR", currencies, first, LAST))


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK, Grain.MONTH])
@pytest.mark.parametrize("first", [FIRST, date(2026, 11, 9)], ids=["without some rates", "with all rates"])
def test_the_sum_and_its_parts_are_the_simulators(world: World, grain: Grain, first: date) -> None:
    expected = true_points(world[1], grain, first)
    found = over_time(together(world, first), grain)
    assert {
        point.start: [None if part is None else part.net_sales for part in point.parts] for point in found
    } == expected
    for point in found:
        parts = expected[point.start]
        whole = None if None in parts else sum((part or Decimal(0) for part in parts), Decimal(0))
        assert (point.current.net_sales if point.current else None) == whole
    gaps = [point.start for point in found if point.current is None]
    assert bool(gaps) == (first == FIRST), "dinars have no rate in October"


def test_the_whole_is_the_sum_of_the_days_and_unknown_without_a_rate(world: World) -> None:
    known = together(world, date(2026, 11, 9))
    assert known.current is not None
    parts = true_points(world[1], Grain.MONTH, date(2026, 11, 9))[date(2026, 11, 1)]
    assert known.current.net_sales == sum((part or Decimal(0) for part in parts), Decimal(0)) != 0
    assert together(world, FIRST).current is None


def rounded(amount: Decimal) -> str:
    """As PostgreSQL rounds: a half goes away from zero."""
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK])
def test_the_file_has_the_simulators_points(world: World, grain: Grain) -> None:
    _, shops = world
    acme = shop_of(shops[0][1])
    days = days_parameter({business.store_id: Period(FIRST, LAST, acme.zone) for _, business in shops})
    period = Period(FIRST, LAST, acme.zone)
    rows = download(acme, OVER_TIME, period, {"days": days, "into": "EUR", "grain": str(grain)})
    names = [stores.find(business.key).name for _, business in shops]
    expected = true_points(shops, grain, FIRST)
    seen = set()
    for row in rows:
        begins = date.fromisoformat(row["begins"])
        parts = expected[begins]
        part = parts[names.index(row["store"])]
        assert row["net_sales_converted"] == ("" if part is None else rounded(part)), row
        whole = None if None in parts else sum((each or Decimal(0) for each in parts), Decimal(0))
        assert row["net_sales_together"] == ("" if whole is None else rounded(whole)), row
        seen.add(begins)
    assert {start for start, parts in expected.items() if any(part != 0 for part in parts)} <= seen
