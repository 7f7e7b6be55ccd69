"""Explore's figures are the simulator's own, whatever they are split by, and the parts add up to the whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete

from core import rollups
from core.database import tenant_session
from core.database.models import GoodsOrderDay, StaleMoneyDay
from core.metrics.bridges.period_sums import period_sums
from core.metrics.bridges.split_rows import Split
from core.metrics.bridges.splits import split_change
from core.metrics.explore import Dimension, Filter, Measure, Question, answer
from core.metrics.explore.statement import answer_statement, own_sort
from core.shopify import pages
from core.simulator.shop import truth_groups
from core.simulator.shop.model import Line, Order
from core.simulator.shop.shop import RARE_ORDERS, Shop, ShopSpec
from core.simulator.shop.truth import truth
from tests.core.metrics.conftest import Shop as Store
from tests.core.metrics.conftest import shop_of
from tests.simulated import name_of, read_shop, specs

SPEC = ShopSpec(seed=9, customers=50, orders=220, until=date(2026, 11, 20), days=420, rare_orders=RARE_ORDERS)
DAYS, BEFORE = ("2026-03-20", "2026-11-20"), ("2025-10-01", "2026-03-19")
"""Both clock changes of a year are in these days."""
MEASURES = (
    Measure.NET_SALES,
    Measure.DISCOUNTS,
    Measure.RETURNS,
    Measure.TAXES,
    Measure.ORDERS,
    Measure.CUSTOMERS,
)
World = tuple[Shop, Store]
TAGS = (Dimension.TAG, Dimension.ORDER_TAG)
OF_GOODS = {Dimension.PRODUCT, Dimension.VARIANT, Dimension.VENDOR, Dimension.TYPE, Dimension.TAG}


@pytest.fixture(scope="module", params=specs(SPEC), ids=name_of)
def world(request: pytest.FixtureRequest, database_url: str) -> World:
    """Read the simulator's shop into our store, and make one day stale; no test here writes."""
    shop, acme = read_shop(database_url, request.param, pages.products_page, pages.orders_page)
    rollups.refresh_money(acme.key)
    with tenant_session(acme.tenant_id) as session:
        session.add(StaleMoneyDay(**acme.key.parameters, business_date=date(2026, 11, 17)))
        session.execute(delete(GoodsOrderDay).where(GoodsOrderDay.business_date == date(2026, 11, 17)))
    return shop, shop_of(acme)


def value_of(dimension: Dimension, shop: Shop, order: Order, at: datetime, line: Line | None) -> Sequence[str | None]:
    """What the simulator knows of a row."""
    product = shop.products.get(line.product_id or 0) if line else None
    address = order.address
    match dimension:
        case Dimension.DAY:
            return [at.date().isoformat()]
        case Dimension.WEEK:
            return [(at.date() - timedelta(days=at.weekday())).isoformat()]
        case Dimension.MONTH:
            return [at.date().replace(day=1).isoformat()]
        case Dimension.WEEKDAY:
            return [str(at.isoweekday())]
        case Dimension.HOUR:
            return [str(at.hour)]
        case Dimension.PRODUCT:
            return [str(line.product_id) if line and line.product_id else None]
        case Dimension.VARIANT:
            return [str(line.variant_id) if line and line.variant_id else None]
        case Dimension.VENDOR:
            return [product.vendor if product else None]
        case Dimension.TYPE:
            return [product.product_type if product else None]
        case Dimension.TAG:
            return (product.tags if product else None) or [None]
        case Dimension.CHANNEL:
            return [order.source_name]
        case Dimension.COUNTRY:
            return [address.country_code if address else None]
        case Dimension.REGION:
            return [(address.province_code or None) if address else None]
        case Dimension.CITY:
            return [address.city if address else None]
        case Dimension.SOURCE | Dimension.CAMPAIGN:
            visit = order.visits[1] if order.visits else None
            return [visit and (visit.source.lower() if dimension is Dimension.SOURCE else visit.campaign)]
        case Dimension.ORDER_TAG:
            return sorted(set(order.tags)) or [None]
        case Dimension.ORDER:
            return [str(order.order_id)]
        case Dimension.LOCATION:
            return [str(order.location_id) if order.location_id else None]
        case Dimension.CUSTOMER:
            return ["new" if truth_groups.number_of(shop, order) == 1 else "returning"]
        case Dimension.CODE:
            codes = sorted({discount.code.upper() for discount in order.discounts if discount.code})
            return [" + ".join(codes) or None]


@pytest.mark.parametrize("dimension", Dimension)
def test_every_split_is_the_simulators(world: World, dimension: Dimension) -> None:
    shop, store = world
    period = store.days(*DAYS)
    ours = store.ask(answer, period, Question(MEASURES, (dimension,)))
    theirs = truth_groups.by_property(
        shop, period.start, period.end, lambda *row: value_of(dimension, *row), dimension in OF_GOODS
    )
    found = {row.keys[0]: tuple(row.values[measure] for measure in MEASURES) for row in ours.rows}
    true = {
        key: (group.net_sales, group.discounts, group.returns, group.taxes, len(group.orders), len(group.buyers))
        for key, group in theirs.items()
    }
    assert {key: values for key, values in found.items() if any(values)} == {
        key: values for key, values in true.items() if any(values)
    }
    assert ours.count == len(ours.rows)


@pytest.mark.parametrize("dimension", [each for each in Dimension if each not in TAGS])
def test_the_parts_add_up_to_the_whole(world: World, dimension: Dimension) -> None:
    shop, store = world
    period = store.days(*DAYS)
    totals = truth(shop, period.start, period.end).totals
    measures = (Measure.NET_SALES, Measure.GROSS_SALES, Measure.TOTAL_SALES, Measure.TAXES, Measure.SHIPPING)
    ours = store.ask(answer, period, Question(measures, (dimension, *_another(dimension))))
    for measure in measures:
        true = getattr(totals, measure)
        assert ours.whole[measure] == sum((row.values[measure] or 0 for row in ours.rows), Decimal(0)) == true


def _another(dimension: Dimension) -> tuple[Dimension, ...]:
    return (Dimension.MONTH,) if dimension is not Dimension.MONTH else (Dimension.CHANNEL,)


def test_a_product_with_two_tags_counts_in_both_and_once_in_the_whole(world: World) -> None:
    shop, store = world
    ours = store.ask(answer, store.days(*DAYS), Question((Measure.NET_SALES, Measure.UNITS_SOLD), (Dimension.TAG,)))
    net = truth(shop, *(date.fromisoformat(day) for day in DAYS)).totals.net_sales
    assert ours.whole[Measure.NET_SALES] == net
    assert sum((row.values[Measure.NET_SALES] or 0 for row in ours.rows), Decimal(0)) >= net


@pytest.mark.parametrize("dimension", Dimension)
def test_a_filter_takes_the_part_that_the_split_shows(world: World, dimension: Dimension) -> None:
    _, store = world
    period = store.days(*DAYS)
    by_value = store.ask(answer, period, Question(MEASURES, (dimension,)))
    for row in (by_value.rows[0], by_value.rows[-1]):
        narrowed = Question(MEASURES, (Dimension.MONTH,), (Filter(dimension, row.keys),))
        assert store.ask(answer, period, narrowed).whole == row.values, row.keys


SALES = (Measure.NET_SALES, Measure.GROSS_SALES, Measure.DISCOUNTS, Measure.RETURNS)
UNITS = (Measure.UNITS_SOLD, Measure.UNITS_RETURNED)
OF_DAY = (Measure.SHIPPING, Measure.TAXES, Measure.TOTAL_SALES, Measure.ORDERS, Measure.AVERAGE_ORDER_VALUE)
KEPT = (
    ((Dimension.WEEK, Dimension.WEEKDAY), SALES + UNITS),
    ((Dimension.WEEKDAY,), OF_DAY),
    ((Dimension.DAY,), (Measure.ORDERS,)),
    ((Dimension.PRODUCT, Dimension.MONTH), SALES + UNITS),
    ((Dimension.VARIANT,), (*SALES, Measure.RETURN_RATE)),
    ((Dimension.VENDOR, Dimension.TYPE), SALES),
    ((Dimension.TAG,), UNITS),
    ((Dimension.COUNTRY, Dimension.MONTH), (Measure.NET_SALES,)),
    ((Dimension.CHANNEL,), (Measure.NET_SALES,)),
    ((Dimension.PRODUCT,), (Measure.ORDERS, Measure.NET_SALES)),
    ((Dimension.VARIANT, Dimension.MONTH), (Measure.ORDERS,)),
    ((Dimension.WEEK, Dimension.PRODUCT), (Measure.ORDERS,)),
    ((Dimension.VENDOR,), (Measure.ORDERS, Measure.NET_SALES)),
)


@pytest.mark.parametrize(("dimensions", "measures"), KEPT)
def test_kept_sums_answer_as_the_ledger_does(
    world: World, dimensions: tuple[Dimension, ...], measures: tuple[Measure, ...]
) -> None:
    _, store = world
    kept = Question(measures, dimensions)
    assert KEPT_TABLE.search(answer_statement(kept, own_sort(kept)))
    check_with_ledger(store, kept)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("dimension", [Dimension.MONTH, Dimension.WEEKDAY, Dimension.PRODUCT])
def test_orders_of_chosen_products_are_those_of_the_ledger(world: World, dimension: Dimension, several: bool) -> None:
    """An order with two of the products counts once in a month, so no kept number answers for several."""
    _, store = world
    rows = store.ask(answer, store.days(*DAYS), Question((Measure.ORDERS,), (Dimension.PRODUCT,))).rows
    values = tuple(row.keys[0] for row in rows[: 12 if several else 1])
    chosen = Question((Measure.ORDERS,), (dimension,), (Filter(Dimension.PRODUCT, values),))
    of_kept = "goods_order_" in answer_statement(chosen, own_sort(chosen))
    assert of_kept is (dimension is Dimension.PRODUCT or not several)
    check_with_ledger(store, chosen)


KEPT_TABLE = re.compile("_by_|goods_order_")


def check_with_ledger(store: Store, kept: Question) -> None:
    """Compare an answer with the ledger's. No sums are kept by region: with every region, the ledger answers."""
    noon = datetime(2026, 11, 19, 12, tzinfo=UTC)
    for period in (store.days(*DAYS), store.days("2026-11-02", "2026-11-19", noon), store.days("2026-11-19")):
        regions = store.ask(answer, period, Question((Measure.NET_SALES, Measure.ORDERS), (Dimension.REGION,))).rows
        everywhere = Filter(Dimension.REGION, (*(row.keys[0] for row in regions), None))
        ledger = Question(kept.measures, kept.dimensions, (*kept.filters, everywhere))
        assert not KEPT_TABLE.search(answer_statement(ledger, own_sort(ledger)))
        assert store.ask(answer, period, kept) == store.ask(answer, period, ledger)


def test_ratios_divide_the_sums_last(world: World) -> None:
    shop, store = world
    period = store.days(*DAYS)
    totals = truth(shop, period.start, period.end).totals
    asked = Question((Measure.AVERAGE_ORDER_VALUE, Measure.RETURN_RATE), (Dimension.WEEKDAY,))
    whole = store.ask(answer, period, asked).whole
    average, rate = totals.average_order_value, totals.returns / totals.gross_sales
    assert average is not None
    assert round(Decimal(whole[Measure.AVERAGE_ORDER_VALUE] or 0), 8) == round(average, 8)
    assert round(Decimal(whole[Measure.RETURN_RATE] or 0), 8) == round(rate, 8)


@pytest.mark.parametrize("split", Split)
def test_the_terms_of_a_change_add_up_to_the_simulators(world: World, split: Split) -> None:
    shop, store = world
    now, before = store.days(*DAYS), store.days(*BEFORE)
    change = sum(
        sign * truth(shop, period.start, period.end).totals.net_sales for sign, period in ((1, now), (-1, before))
    )
    assert store.ask(split_change, now, before, split).change == change
    assert store.ask(period_sums, now).net_sales - store.ask(period_sums, before).net_sales == change
