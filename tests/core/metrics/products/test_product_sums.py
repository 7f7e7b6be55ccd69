"""Sums of products over years, quarters, months, ten days, days and a day that is not over: each sale counts once."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import Scope
from core.metrics import formulas as f
from core.metrics.products.details import product_details, product_report
from core.metrics.products.listing import count_products, count_variants, sales_by_product, sales_by_variant
from core.metrics.products.sums import GOODS, SUMS, product_sums
from core.metrics.scope import period_parameters
from tests import factories as made
from tests.core.metrics.conftest import Shop

SALES = {"2026-01-31": 1, "2026-02-01": 2, "2026-02-28": 4, "2026-03-01": 8, "2026-03-31": 16, "2026-04-01": 32}
"""The price of what is sold at noon on each day: every sum says which days are in it."""


@pytest.fixture
def shop(acme: Shop) -> Shop:
    def sale(number: int, day: str, price: int) -> object:
        at = datetime.fromisoformat(day).replace(hour=11, tzinfo=UTC)
        line = made.line(number, f"{price}.00", 1, "0")
        return made.order(
            order_id=number, processed_at=at, created_at=at, updated_at=at + timedelta(hours=1), line_items=(line,)
        )

    acme.receive(made.product(), *(sale(n, day, price) for n, (day, price) in enumerate(SALES.items(), 1)))  # type: ignore[arg-type]
    return acme


@pytest.mark.parametrize(
    ("start", "end", "until", "net_sales"),
    [
        ("2026-01-31", "2026-04-01", None, 63),
        ("2026-02-01", "2026-03-31", None, 30),
        ("2026-02-01", "2026-02-28", None, 6),
        ("2026-01-31", "2026-02-27", None, 3),
        ("2026-02-02", "2026-03-30", None, 12),
        ("2026-02-28", "2026-03-01", None, 12),
        ("2026-03-31", "2026-03-31", None, 16),
        ("2026-02-01", "2026-03-31", "2026-03-31T10:00", 14),
        ("2026-02-01", "2026-04-01", "2026-04-01T12:00", 62),
        ("2026-02-01", "2026-02-28", "2026-02-28T10:00", 2),
        ("2026-03-31", "2026-03-31", "2026-03-31T12:00", 16),
        ("2026-03-31", "2026-03-31", "2026-03-31T10:00", 0),
    ],
)
def test_each_sale_counts_once_in_a_period_however_it_is_cut(
    shop: Shop, start: str, end: str, until: str | None, net_sales: int
) -> None:
    cut = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    period = shop.days(start, end, cut)
    product = shop.ask(product_details, 7, period)
    report = shop.ask(product_report, 7, period, period.points(period.grain))
    assert product is not None
    assert sum(row.net_sales for row in shop.ask(sales_by_product, period)) == Decimal(net_sales)
    assert shop.ask(count_products, period).products == len(shop.ask(sales_by_product, period))
    assert shop.ask(count_variants, period).products == len(shop.ask(sales_by_variant, period))
    assert sum(row.net_sales for row in shop.ask(sales_by_variant, period)) == Decimal(net_sales)
    assert sum(row.net_sales for row in product.variants) == Decimal(net_sales)
    assert report.whole.net_sales == sum(point.figures.net_sales for point in report.points) == Decimal(net_sales)


FIRST, DAYS = date(2024, 11, 20), 800
LEDGER = f"""
    SELECT {{columns}}, {", ".join(getattr(f, name.upper()) for name in SUMS)}
    FROM sales s WHERE {{of_period}} AND {GOODS} GROUP BY {{columns}}"""


def sums(
    session: Session, scope: Scope, period: Period, prefix: str, key: str, statement: str
) -> set[tuple[object, ...]]:
    parameters = {**scope.parameters, **period_parameters(period, prefix)}
    return {tuple(row) for row in session.execute(text(statement), parameters)}


def test_any_period_has_the_sums_of_its_ledger(acme: Shop) -> None:
    chance = random.Random(11)

    def sale(number: int) -> object:
        day = FIRST + timedelta(days=chance.randrange(DAYS))
        at = datetime.combine(day, time(chance.randrange(1, 22)), UTC)
        line = made.line(number, f"{number}.00", 1, "0", product_id=1 + number % 4, variant_id=1 + number % 9)
        return made.order(
            order_id=number, processed_at=at, created_at=at, updated_at=at + timedelta(hours=1), line_items=(line,)
        )

    acme.receive(*(sale(number) for number in range(1, 150)))  # type: ignore[arg-type]
    for number in range(60):
        start = FIRST + timedelta(days=chance.randrange(DAYS))
        end = start + timedelta(days=chance.choice([0, 3, 12, 29, 60, 200, 400]) + chance.randrange(12))
        cut = datetime.combine(end - timedelta(days=chance.choice([0, 0, 5])), time(14), UTC)
        period = Period(start, end, acme.zone, cut if number % 2 else None)
        for prefix, key in (("", "product_id"), ("", "product_id, variant_id"), ("compared_", "product_id")):
            ledger = LEDGER.format(columns=key, of_period=f.sales_in_period(prefix))
            kept = acme.ask(sums, period, prefix, key, product_sums(prefix, key))
            assert kept == acme.ask(sums, period, prefix, key, ledger), (period, key)
