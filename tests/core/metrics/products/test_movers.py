"""What moved most: products by the change of their net sales, rises first and the largest fall last."""

from __future__ import annotations

from core.domain import Order
from core.metrics.products.movers import Mover, movers
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, utc


def sold(day: int, order_id: int, product_id: int, price: str, **changes: object) -> Order:
    line = made.line(
        10 * order_id, price, 1, "0", product_id=product_id, variant_id=product_id, title=f"T{product_id}"
    )
    order: Order = at(utc(2026, 11, day, 9), order_id, line_items=(line,), shipping_lines=(), **changes)
    return order


def moved(shop: Shop, limit: int = 5) -> list[tuple[str, int]]:
    period, compared = shop.days("2026-11-08", "2026-11-14"), shop.days("2026-11-01", "2026-11-07")
    return [(row.title, int(row.change)) for row in shop.ask(movers, period, compared, limit)]


def test_products_are_listed_from_the_largest_rise_to_the_largest_fall(acme: Shop) -> None:
    acme.receive(
        made.product(1, title="Mug"),
        sold(2, 1, 1, "10"),
        sold(9, 2, 1, "50"),
        sold(3, 3, 2, "90"),
        sold(10, 4, 2, "20"),
        sold(11, 5, 3, "30"),
        sold(4, 6, 4, "7"),
        sold(12, 7, 4, "7"),
    )
    assert moved(acme) == [("Mug", 40), ("T3", 30), ("T2", -70)]
    assert moved(acme, limit=1) == [("Mug", 40), ("T2", -70)]


def test_a_mover_has_its_net_sales_of_both_periods(acme: Shop) -> None:
    acme.receive(sold(2, 1, 1, "10"), sold(9, 2, 1, "50"))
    period, compared = acme.days("2026-11-08", "2026-11-14"), acme.days("2026-11-01", "2026-11-07")
    (row,) = acme.ask(movers, period, compared, 5)
    assert (row.product_id, row.net_sales, row.earlier_net_sales) == (1, 50, 10)
    assert isinstance(row, Mover)


def test_an_unfinished_day_counts_up_to_the_same_time_on_both_sides(acme: Shop) -> None:
    acme.receive(sold(7, 1, 1, "10"), sold(14, 2, 1, "50"))
    acme.receive(at(utc(2026, 11, 7, 15), 3), at(utc(2026, 11, 14, 15), 4))
    period = acme.days("2026-11-14", until=utc(2026, 11, 14, 12))
    compared = acme.days("2026-11-07", until=utc(2026, 11, 7, 12))
    assert [(row.product_id, row.change) for row in acme.ask(movers, period, compared, 5)] == [(1, 40)]


def test_goods_without_a_product_are_no_mover(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 9, 9), 1, line_items=(made.line(product_id=None, variant_id=None),)))
    assert moved(acme) == []
