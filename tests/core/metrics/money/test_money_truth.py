"""Profit, taxes and the accountant's months equal the simulator's own computation, for shops of three currencies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core import ingest, rollups
from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.domain import Record
from core.domain.periods import Grain, local_day
from core.metrics.money.finance import finance
from core.metrics.money.payments import payments_by_gateway
from core.metrics.money.profit import Profit, profit
from core.metrics.money.profit_products import profit_by_product
from core.metrics.money.taxes import taxes
from core.shopify import pages
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import Shop as SimulatedShop
from core.simulator.shop.shop import ShopSpec
from core.simulator.shop.truth_money import MoneyTotals, MoneyTruth, money_truth
from core.simulator.shop.truth_payments import by_gateway
from tests.cast import NOW, Cast, add_store
from tests.core.metrics.conftest import Shop, shop_of
from tests.simulated import every, specs

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
SIZE: dict[str, Any] = {"customers": 60, "orders": 220, "seed": 7}
SPECS = [
    ShopSpec(**SIZE, taxes_included=True),
    ShopSpec(**SIZE, currency="USD", time_zone="America/New_York"),
    ShopSpec(**SIZE, currency="JPY", time_zone="Asia/Tokyo", taxes_included=True),
]
if len(specs(SPECS[0])) > 1:
    SPECS = specs(SPECS[0])


@dataclass(frozen=True, slots=True)
class Read:
    """A simulated shop, and the records that its API gave."""

    spec: ShopSpec
    shop: SimulatedShop
    records: tuple[Record, ...]


@pytest.fixture(scope="module", params=SPECS, ids=lambda spec: spec.currency)
def read(request: pytest.FixtureRequest) -> Iterator[Read]:
    with Simulator([Setup(request.param, restore_rate=1_000_000)]).running() as simulator:
        client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
        records = [*every(pages.products_page, client), *every(pages.orders_page, client)]
        yield Read(request.param, simulator.live_shop().shop, tuple(records))
        client.close()


@pytest.fixture
def shop(cast: Cast, read: Read) -> Shop:
    business = add_store(
        cast.alice.tenant_id, "Truth", "truth.myshopify.com", read.spec.currency, read.spec.time_zone
    )
    with tenant_session(business.tenant_id) as session:
        ingest.write(session, business.key, read.records, NOW)
    return shop_of(business)


@pytest.mark.parametrize("is_kept", [False, True], ids=["from rows", "from kept sums"])
def test_every_figure_is_the_simulators(shop: Shop, read: Read, is_kept: bool) -> None:
    if is_kept:
        rollups.refresh_money(shop.business.key)
    found = money_truth(read.shop, FIRST, LAST)
    assert found.totals.not_restocked > 0 < found.totals.net_sales_with_cost < found.totals.net_sales
    assert list(wrong_figures(shop, found)) == []


@pytest.mark.parametrize("days", [(FIRST, LAST), (date(2026, 3, 1), date(2026, 3, 31))], ids=["all time", "March"])
def test_payments_by_gateway_are_the_simulators(shop: Shop, read: Read, days: tuple[date, date]) -> None:
    ours = shop.ask(payments_by_gateway, shop.days(*map(str, days)))
    theirs = by_gateway(read.shop, *days)
    assert theirs, "or this test would prove nothing"
    assert {row.gateway: (row.payments, row.received, row.refunds, row.refunded) for row in ours} == {
        name: (total.payments, total.received, total.refunds, total.refunded) for name, total in theirs.items()
    }
    assert {row.gateway: (row.fees or 0, row.received_with_fees) for row in ours} == {
        name: (total.fees, total.received_with_fees) for name, total in theirs.items()
    }


def wrong_figures(shop: Shop, found: MoneyTruth) -> Iterator[str]:
    """Yield a line for each figure that differs from the truth."""
    period = shop.days(FIRST.isoformat(), LAST.isoformat())
    report = shop.ask(profit, period, Grain.MONTH)
    yield from _compare("all time", report.whole, found.totals)
    for point in report.points:
        month = local_day(point.start, shop.zone)
        yield from _compare(str(month), point.figures, found.by_month[month])
    for accounted in shop.ask(finance, period, Grain.MONTH).points:
        true = found.by_month[local_day(accounted.start, shop.zone)]
        for name in ("gift_cards_sold", "tips", "duties"):
            ours = getattr(accounted.figures, name)
            if ours != getattr(true, name):
                yield f"{accounted.start}: {name} is {ours}, not {getattr(true, name)}"
    ours_by_name = {(tax.title, tax.rate): tax.tax for tax in shop.ask(taxes, period)}
    true_by_name = {name: tax for name, tax in found.totals.taxes.items() if tax}
    if ours_by_name != true_by_name:
        yield f"taxes are {ours_by_name}, not {true_by_name}"
    for row in shop.ask(profit_by_product, period):
        if row.product_id in found.by_product:
            true_product = found.by_product[row.product_id]
            earned = true_product.net_sales_with_cost - true_product.cost
            if (row.net_sales, row.gross_profit or Decimal(0)) != (true_product.net_sales, earned):
                yield f"{row.title} earned {row.gross_profit} of {row.net_sales}, not {earned}"


def _compare(label: str, ours: Profit, true: MoneyTotals) -> Iterator[str]:
    for name in ("net_sales", "net_sales_with_cost", "cost_of_goods", "not_restocked"):
        if getattr(ours, name) != getattr(true, name):
            yield f"{label}: {name} is {getattr(ours, name)}, not {getattr(true, name)}"
    if ours.lines_with_cost and ours.gross_profit != true.gross_profit:
        yield f"{label}: gross profit is {ours.gross_profit}, not {true.gross_profit}"
