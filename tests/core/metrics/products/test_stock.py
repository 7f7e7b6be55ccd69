"""Stock: how many days it lasts, what part of the goods has sold, and what to order before it ends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.database import StoreKey, tenant_session
from core.database.models import StockByDay
from core.metrics import Scope
from core.metrics.products.stock import (
    Location,
    Plan,
    Shown,
    StockKey,
    StockQuestion,
    StockRow,
    count_stock,
    stock,
    stock_locations,
    stock_summary,
)
from core.metrics.sorting import Sort
from core.rollups import rebuild_baskets
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW, Shop

TODAY = date(2026, 11, 21)


def sold(order_id: int, day: int, units: int, **changes: object) -> object:
    """Make an order of November, of variant 71 unless changed."""
    at = datetime(2026, 11, day, 12, tzinfo=UTC)
    line = made.line(order_id, "10.00", units, "0", **changes)
    return made.order(order_id=order_id, created_at=at, processed_at=at, line_items=(line,))


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """Variant 71: 10 in stock, 14 sold in 28 days. 72: oversold by 2, 7 sold. 73: 5 in stock, none sold. 74: not
    counted, 3 sold. The 20 units sold today are no complete day's."""
    variants = (
        made.variant(71, sku="S", inventory_item_id=901, inventory_quantity=10, unit_cost=Decimal("4.00")),
        made.variant(72, sku="M", inventory_item_id=902, inventory_quantity=-2, unit_cost=Decimal("4.00")),
        made.variant(73, sku="L", inventory_item_id=903, inventory_quantity=5),
        made.variant(74, sku="XL"),
    )
    acme.receive(
        made.product(variants=variants),
        made.level(901, 1, available=8, location_name="Warehouse"),
        made.level(901, 2, available=2, location_name="Window"),
        made.level(903, 1, available=5),
        sold(1, 3, 14),
        sold(2, 20, 7, variant_id=72),
        sold(3, 21, 20),
        sold(4, 19, 3, variant_id=74),
    )
    return acme


def question(shop: Shop, **changes: object) -> StockQuestion:
    fields = {"period": shop.days("2026-11-01", "2026-11-20"), "today": TODAY} | changes
    return StockQuestion(**fields)  # type: ignore[arg-type]


def by_sku(shop: Shop, **changes: object) -> dict[str | None, StockRow]:
    return {row.sku: row for row in shop.ask(stock, question(shop, **changes))}


def test_days_left_is_the_stock_by_the_units_of_the_last_whole_days(shop: Shop) -> None:
    rows = by_sku(shop)
    assert [(sku, row.days_left) for sku, row in rows.items()] == [
        ("M", Decimal(0)),
        ("S", Decimal(20)),
        ("XL", None),
        ("L", None),
    ], "nothing of L sold, XL is not counted, and oversold stock is none"


def test_sell_through_is_units_sold_by_units_sold_and_left(shop: Shop) -> None:
    rows = by_sku(shop)
    assert rows["S"].sell_through == pytest.approx(Decimal(14) / 24)
    assert rows["M"].sell_through == 1
    assert (rows["L"].sell_through, rows["XL"].sell_through) == (0, None)


def test_what_ends_before_a_delivery_is_to_be_ordered_with_what_is_owed(shop: Shop) -> None:
    """M sells a quarter unit a day: 44 days need 11, and 2 are owed. S sells half a unit a day and lasts 20 days."""
    rows = by_sku(shop)
    assert {sku: row.to_order for sku, row in rows.items() if row.to_order} == {"M": 13}
    rows = by_sku(shop, plan=Plan(lead_days=20, cover_days=10), shown=Shown.TO_ORDER)
    assert {sku: row.to_order for sku, row in rows.items()} == {"M": 10, "S": 5}
    assert shop.ask(count_stock, question(shop, shown=Shown.TO_ORDER)) == 1


def test_a_location_lasts_as_long_as_it_would_serve_all_orders(shop: Shop) -> None:
    assert shop.ask(stock_locations) == (Location(1, "Warehouse"), Location(2, "Window"))
    window = by_sku(shop, location_id=2)
    assert (window["S"].stock, window["S"].days_left) == (2, 4)
    assert window["L"].stock is None
    assert by_sku(shop)["S"].locations == [{"name": "Warehouse", "units": 8}, {"name": "Window", "units": 2}]


def keep(shop: Shop, location_id: int, stock_of: dict[str, int | None]) -> None:
    """Keep the stock of variant 71 on some days, and count as in the night."""
    with tenant_session(shop.business.tenant_id) as session:
        for day, available in stock_of.items():
            place = {"inventory_item_id": 901, "location_id": location_id, "available": available}
            session.add(StockByDay(**shop.scope.store.parameters, business_date=date.fromisoformat(day), **place))
    rebuild_baskets(shop.scope.store, NOW)


def test_a_variant_that_was_out_of_stock_sells_at_the_rate_of_its_days_in_stock(shop: Shop) -> None:
    """On 7 known days it began without stock; on 3 November it sold nevertheless, on 10 November one is unknown."""
    keep(shop, 1, {f"2026-11-0{day}": 0 for day in range(3, 10)} | {"2026-11-10": None, "2026-11-12": 4})
    keep(shop, 2, {"2026-11-09": -1, "2026-11-11": 0})
    row = by_sku(shop)["S"]
    assert row.days_in_stock == 28 - 7
    assert row.days_left == Decimal(10) / (Decimal(14) / 21)


def test_a_location_has_the_share_of_the_units_that_left_its_shelves(shop: Shop) -> None:
    """Nine units left the warehouse and three the window; a delivery, an unknown day and a gap are no drops."""
    keep(shop, 1, {"2026-11-01": 10, "2026-11-02": 5, "2026-11-03": 50, "2026-11-04": 46, "2026-11-06": 1})
    keep(shop, 2, {"2026-11-01": 3, "2026-11-02": 0, "2026-11-03": None, "2026-11-04": 9, "2026-11-05": None})
    window = by_sku(shop, location_id=2)["S"]
    assert (window.days_in_stock, window.units_lately) == (27, 4), "14 units by a quarter"
    assert window.days_left == pytest.approx(Decimal(2) / (Decimal("3.5") / 27))
    assert by_sku(shop)["S"].days_left == 20


def test_the_sums_say_what_they_leave_out(shop: Shop) -> None:
    summary = shop.ask(stock_summary, question(shop))
    assert (summary.stock_units, summary.units_with_cost, summary.inventory_value) == (15, 10, 40)
    assert (summary.units_sold, summary.out_of_stock, summary.to_reorder) == (21, 1, 1)
    assert summary.sell_through == Decimal(21) / 36


def test_a_search_and_every_sort_keep_the_pages_whole(shop: Shop) -> None:
    assert [row.sku for row in shop.ask(stock, question(shop, search="xl"))] == ["XL"]
    for key in StockKey:
        for down in (False, True):
            whole = shop.ask(stock, question(shop, sort=Sort(key, down)))
            pages = [shop.ask(stock, question(shop, sort=Sort(key, down), limit=2, offset=at)) for at in (0, 2)]
            assert [row for page in pages for row in page] == list(whole)


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        assert stock(session, foreign, question(shop)) == ()
        assert stock_locations(session, foreign) == ()
        assert stock_summary(session, foreign, question(shop)).stock_units == 0
