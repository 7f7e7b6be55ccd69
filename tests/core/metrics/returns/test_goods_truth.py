"""Returns, products, baskets and stock of a shop with every rare shape of an order: the simulator's own figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from core import rollups
from core.metrics.customers.cohort_profits import cohort_profits, earned_by_period
from core.metrics.customers.cohorts import SHOWN, ReturnsOn, Width, cohorts
from core.metrics.customers.values import WINDOWS, customer_values
from core.metrics.products.baskets import FEWEST_CUSTOMERS, basket_build, first_products, product_pairs
from core.metrics.products.changes import Question, product_rows
from core.metrics.products.stock import StockQuestion, stock
from core.metrics.returns.causes import returns_by_product
from core.metrics.returns.later_sales import Basis
from core.metrics.returns.orders import returned_orders
from core.metrics.returns.report import cohort_returns, returns
from core.rollups import baskets, rebuild_baskets
from core.shopify import pages
from core.simulator.shop import truth_baskets, truth_cohorts, truth_products, truth_returns, truth_stock
from core.simulator.shop.shop import RARE_ORDERS, Shop, ShopSpec
from tests.core.metrics.conftest import Shop as Store
from tests.core.metrics.conftest import shop_of
from tests.simulated import name_of, read_shop, specs

SPEC = ShopSpec(
    seed=5, customers=80, orders=420, until=date(2026, 11, 20), days=420, rare_orders=RARE_ORDERS, taxes_included=True
)
PERIODS = [("2025-09-01", "2026-11-20"), ("2026-03-01", "2026-03-31"), ("2026-10-15", "2026-11-20")]


@dataclass(frozen=True, slots=True)
class World:
    """The simulator's shop, and our store of the same orders."""

    shop: Shop
    store: Store


@pytest.fixture(scope="module", params=specs(SPEC), ids=name_of)
def world(request: pytest.FixtureRequest, database_url: str) -> World:
    """Read all orders and products once; no test here writes but counts of these."""
    shop, acme = read_shop(database_url, request.param, pages.products_page, pages.orders_page)
    return World(shop, shop_of(acme))


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_returns_by_return_day_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period = world.store.days(*days)
    ours = world.store.ask(returns, period)
    theirs = truth_returns.by_return_day(world.shop, period.start, period.end)
    assert theirs.totals.returns, "the period has returns, or this test would prove nothing"
    assert _sums(ours) == _true_sums(theirs.totals)
    rows = world.store.ask(returned_orders, period, Basis.RETURN_DAY)
    assert sum(row.returns for row in rows) == ours.returns
    assert sum(row.refunded for row in rows) == ours.refunded
    _compare_products(world, days, Basis.RETURN_DAY, theirs)


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_returns_of_the_orders_of_a_period_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period = world.store.days(*days)
    ours = world.store.ask(cohort_returns, period)
    theirs = truth_returns.by_order_day(world.shop, period.start, period.end)
    true = theirs.totals
    assert (ours.cohort_returns, ours.cohort_units_returned) == (true.returns, true.units_returned)
    assert (ours.cohort_gross_sales, ours.cohort_units_sold) == (true.gross_sales, true.units_sold)
    assert (ours.cohort_orders_returned, ours.cohort_refunded) == (len(true.orders), true.refunded)
    _compare_products(world, days, Basis.ORDER_DAY, theirs)


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_products_beside_another_period_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period, earlier = world.store.days(*days), world.store.days("2026-02-01", "2026-02-28")
    rows = world.store.ask(product_rows, Question(period, earlier, SPEC.until))
    true = truth_products.product_figures(world.shop, period.start, period.end)
    true_earlier = truth_products.product_figures(world.shop, earlier.start, earlier.end)
    true_classes = truth_products.classes(world.shop, SPEC.until - timedelta(days=28), SPEC.until - timedelta(days=1))
    assert set(true_classes.values()) == {"A", "B", "C"}
    for row in (row for row in rows if row.sales.product_id):
        product_id = row.sales.product_id
        figures = true.get(product_id, truth_products.ProductFigures())
        assert (row.sales.gross_sales, row.sales.discounts, row.sales.returns) == (
            figures.gross_sales,
            figures.discounts,
            figures.returns,
        )
        assert row.beside.earlier_net_sales == (
            true_earlier[product_id].net_sales if product_id in true_earlier else 0
        )
        assert row.beside.abc == true_classes.get(product_id, "C")


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: days[0])
def test_the_days_and_the_sell_through_of_stock_are_the_simulators(world: World, days: tuple[str, str]) -> None:
    period = world.store.days(*days)
    rows = {row.variant_id: row for row in world.store.ask(stock, StockQuestion(period, SPEC.until))}
    true_days = truth_stock.days_left(world.shop, SPEC.until)
    sold = truth_stock.units_sold(world.shop, period.start, period.end)
    left = {
        variant.variant_id: max(0, variant.stock)
        for product in world.shop.products.values()
        for variant in product.variants
    }
    assert any(true_days.values()), "something sold lately, or this test would prove nothing"
    for variant_id, lasts in true_days.items():
        row, units = rows[variant_id], sold[variant_id]
        assert row.days_left == (None if lasts is None else pytest.approx(Decimal(float(lasts)), abs=Decimal("1e-9")))
        whole = units + left[variant_id]
        assert row.units_sold == units
        expected = Decimal(units) / whole if whole else None
        assert row.sell_through == (None if expected is None else pytest.approx(expected, abs=Decimal("1e-9")))


def test_pairs_and_what_first_products_lead_to_are_the_simulators(world: World) -> None:
    now = datetime.combine(SPEC.until, time(12), world.store.zone)
    rebuild_baskets(world.store.scope.store, now)
    build = world.store.ask(basket_build)
    assert build is not None
    true = truth_baskets.baskets(world.shop, build.start, build.end, baskets.MOST_PRODUCTS)
    pairs = {(row.product_id, row.other_id): row for row in world.store.ask(product_pairs)}
    assert build.orders == true.orders
    assert {key: row.orders for key, row in pairs.items()} == {
        key: orders for key, orders in true.by_pair.items() if orders >= baskets.FEWEST_TOGETHER
    }
    assert pairs, "some products are bought together, or this test would prove nothing"
    for (one, other), row in pairs.items():
        expected = Fraction(true.by_pair[one, other] * true.orders, true.by_product[one] * true.by_product[other])
        assert float(row.lift) == pytest.approx(float(expected))
    began = truth_baskets.beginnings(world.shop, build.first_start, build.first_end, baskets.AGAIN_WITHIN)
    assert (build.customers, build.repeat_customers) == (began.customers, began.repeat_customers)
    firsts = {row.product_id: row for row in world.store.ask(first_products)}
    assert {key: (row.customers, row.repeat_customers) for key, row in firsts.items()} == {
        key: (customers, began.repeat_by_product[key])
        for key, customers in began.by_product.items()
        if customers >= FEWEST_CUSTOMERS
    }
    assert any(row.repeat_customers for row in firsts.values())
    for key, row in firsts.items():
        most = [customers for _, customers in began.nexts[key].most_common(baskets.MOST_NEXT)]
        assert [one["customers"] for one in row.next_products] == [n for n in most if n >= baskets.FEWEST_NEXT]


def _sums(ours: object) -> dict[str, object]:
    names = ("returns", "units_returned", "orders_returned", "refunds", "refunded", "gross_sales", "units_sold")
    return {name: getattr(ours, name) for name in names}


def _true_sums(totals: truth_returns.ReturnTotals) -> dict[str, object]:
    return {
        "returns": totals.returns,
        "units_returned": totals.units_returned,
        "orders_returned": len(totals.orders),
        "refunds": totals.refunds,
        "refunded": totals.refunded,
        "gross_sales": totals.gross_sales,
        "units_sold": totals.units_sold,
    }


def _compare_products(world: World, days: tuple[str, str], basis: Basis, theirs: truth_returns.ReturnTruth) -> None:
    ours = world.store.ask(returns_by_product, world.store.days(*days), basis)
    found = {
        row.product_id: (row.returns, row.units_returned, row.gross_sales, row.units_sold)
        for row in ours
        if row.returns or row.units_returned
    }
    true = {
        product_id: (totals.returns, totals.units_returned, totals.gross_sales, totals.units_sold)
        for product_id, totals in theirs.by_product.items()
        if totals.returns or totals.units_returned
    }
    assert found == true


def test_cohorts_are_the_simulators(world: World) -> None:
    theirs = truth_cohorts.by_first_month(world.shop)
    ours = world.store.ask(cohorts, Width.MONTH, date(2026, 11, 21))
    assert [(one.start.year, one.start.month) for one in ours] == sorted(theirs)[-SHOWN[Width.MONTH] :]
    for cohort in ours:
        months = theirs[cohort.start.year, cohort.start.month]
        for number, cell in enumerate(cohort.cells):
            later = cohort.start.month - 1 + number
            month = months.get((cohort.start.year + later // 12, later % 12 + 1), truth_cohorts.MonthTotals())
            customers = month.customers if number else month.second_customers
            assert (cell.customers, cell.orders, cell.net_sales) == (len(customers), month.orders, month.net_sales)
        assert cohort.size == len(months[cohort.start.year, cohort.start.month].customers)


def test_a_customer_is_worth_what_the_simulators_are(world: World) -> None:
    today = date(2026, 11, 21)
    ours = world.store.ask(customer_values, today)
    assert [one.days for one in ours] == list(WINDOWS)
    for one in ours:
        theirs = truth_cohorts.worth_within(world.shop, one.days, date(2024, 11, 21), today)
        assert (one.customers, one.net_sales) == theirs, one.days


def test_cohorts_earn_and_give_back_what_the_simulators_do(world: World) -> None:
    theirs = truth_cohorts.by_first_month(world.shop)
    rollups.refresh_money(world.store.scope.store)
    ours = world.store.ask(cohorts, Width.MONTH, date(2026, 11, 21), ReturnsOn.RETURN_DAY)
    profits = world.store.ask(cohort_profits, Width.MONTH, date(2026, 11, 21))
    assert profits
    moved = Decimal(0)
    for cohort in ours:
        for cell, earned in zip(cohort.cells, earned_by_period(cohort, profits), strict=True):
            month = theirs[cohort.start.year, cohort.start.month][cell.period.year, cell.period.month]
            assert cell.net_sales == month.dated_net
            assert (earned.gross_profit, earned.net_with_cost) == (month.gross_profit, month.net_with_cost)
            moved += cell.moved_in
    assert moved < 0, "too few returns for this test"
