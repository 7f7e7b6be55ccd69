"""Products beside an earlier period: change, rates, class and trend."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.database import StoreKey, tenant_session
from core.domain import Order
from core.domain.periods import Grain
from core.metrics import Scope
from core.metrics.changes import Change
from core.metrics.products.changes import ListKey, Question, product_rows, trends, variant_rows
from core.metrics.products.listing import sales_by_product, sales_by_variant
from core.metrics.sorting import Sort
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop

TODAY = date(2026, 12, 1)


def sold(order_id: int, month: int, day: int, *lines: object, **changes: object) -> Order:
    at = datetime(2026, month, day, 12, tzinfo=UTC)
    fields = {"created_at": at, "processed_at": at, "line_items": lines} | changes
    return made.order(order_id=order_id, **fields)


def thing(number: int, price: str, **changes: object) -> object:
    fields = {"title": f"Thing {number}", "product_id": number, "variant_id": number * 10} | changes
    return made.line(number, price, 1, "0", **fields)


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """October: thing 1 for 50. November: thing 1 for 80 less 20, thing 2 for 15, of which 15 come back, thing 3 for
    20, and an engraving."""
    custom = made.line(9, "7.00", 1, "0", title="Engraving", product_id=None, variant_id=None)
    returned = made.refund(
        31, 3, datetime(2026, 11, 20, tzinfo=UTC), lines=(made.refund_line(41, 2, 1, "15.00", "0"),)
    )
    acme.receive(
        sold(1, 10, 5, thing(1, "50.00")),
        sold(2, 11, 5, thing(1, "80.00", discount=Decimal("20.00"))),
        sold(3, 11, 6, thing(2, "15.00"), refunds=(returned,)),
        sold(4, 11, 7, thing(3, "20.00"), custom),
    )
    return acme


def question(shop: Shop, **changes: object) -> Question:
    fields = {
        "period": shop.days("2026-11-01", "2026-11-30"),
        "compared": shop.days("2026-10-01", "2026-10-31"),
        "today": TODAY,
    } | changes
    return Question(**fields)  # type: ignore[arg-type]


def test_each_row_has_its_change_its_rates_and_its_class(shop: Shop) -> None:
    rows = {row.sales.title: row for row in shop.ask(product_rows, question(shop))}
    assert (rows["Thing 1"].change, rows["Thing 1"].beside.discount_rate) == (
        Change(Decimal("0.2")),
        Decimal("0.25"),
    )
    assert (rows["Thing 2"].change, rows["Thing 2"].beside.return_rate) == (Change(), 1)
    assert rows["Thing 3"].change == Change(is_new=True)
    engraving = rows["Engraving"]
    assert (engraving.change, engraving.beside.abc) == (Change(), None), "goods without a product have no past"
    assert {title: row.beside.abc for title, row in rows.items() if row.beside.abc} == {
        "Thing 1": "A",
        "Thing 3": "A",
        "Thing 2": "C",
    }, "60 of 80 is below 80 %, so the next one is still needed to reach it"


def test_rows_and_sums_are_those_of_the_plain_lists(shop: Shop) -> None:
    period = question(shop).period
    assert [row.sales for row in shop.ask(product_rows, question(shop))] == list(shop.ask(sales_by_product, period))
    assert [row.sales for row in shop.ask(variant_rows, question(shop))] == list(shop.ask(sales_by_variant, period))


def test_without_a_comparison_nothing_has_a_change(shop: Shop) -> None:
    rows = shop.ask(product_rows, question(shop, compared=None))
    assert {row.change for row in rows} == {Change()}


def test_the_list_sorts_by_the_amount_of_the_change(shop: Shop) -> None:
    rows = shop.ask(product_rows, question(shop, sort=Sort(ListKey.CHANGE, is_descending=True)))
    assert [row.sales.title for row in rows] == ["Thing 3", "Thing 1", "Thing 2", "Engraving"]


@pytest.mark.parametrize("key", ListKey)
def test_every_key_sorts_both_lists_without_a_gap_between_pages(shop: Shop, key: ListKey) -> None:
    for ask in (product_rows, variant_rows):
        for down in (False, True):
            whole = shop.ask(ask, question(shop, sort=Sort(key, down)))
            pages = [shop.ask(ask, question(shop, sort=Sort(key, down), limit=2, offset=at)) for at in (0, 2, 4)]
            assert [row for page in pages for row in page] == list(whole)


def test_a_trend_has_a_value_a_point_and_adds_up(shop: Shop) -> None:
    period = question(shop).period
    series = shop.ask(trends, period, period.points(Grain.WEEK), (1, 2, 99))
    assert {key: [int(value) for value in values] for key, values in series.items()} == {
        1: [0, 60, 0, 0, 0, 0],
        2: [0, 15, 0, -15, 0, 0],
        99: [0, 0, 0, 0, 0, 0],
    }


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        assert product_rows(session, foreign, question(shop)) == ()
        assert variant_rows(session, foreign, question(shop)) == ()
