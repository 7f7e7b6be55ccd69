"""Shopify's own counts of a day are requested exactly: each order on one day, whether clocks change or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain import Kind
from core.domain.periods import Period
from core.errors import QueryRefused
from core.shopify import day_totals, record_ids
from core.shopify.client import ShopifyClient
from core.shopify.listing import stamp
from core.simulator.http.simulator import Simulator
from core.simulator.shop.model import Order
from core.simulator.shop.truth import truth
from tests.core.conftest import ACME_TOKEN, SPEC
from tests.core.shopify.fakes import ScriptedShopify, make_client, reply
from tests.core.shopify.paged_shop import PagedShop

BERLIN = ZoneInfo("Europe/Berlin")
LAST = SPEC.until


@pytest.fixture
def client(simulator: Simulator) -> Iterator[ShopifyClient]:
    made = ShopifyClient(SPEC.domain, ACME_TOKEN, admin_url=simulator.admin_url)
    yield made
    made.close()


def day(of: date) -> Period:
    return Period(of, of, BERLIN)


def placed(simulator: Simulator) -> dict[date, list[Order]]:
    shop = simulator.live_shop().shop
    found: dict[date, list[Order]] = {}
    for order in shop.orders.values():
        found.setdefault(shop.local(order.processed_at).date(), []).append(order)
    return found


def test_every_day_is_counted_as_the_shop_has_it(client: ShopifyClient, simulator: Simulator) -> None:
    real = placed(simulator)
    days = [day(LAST - timedelta(days=n)) for n in range(23)]
    counted = day_totals.counts(client, days)
    assert counted == {one.start: len(real.get(one.start, ())) for one in days}
    assert sum(counted.values()) > 0
    # Ten at a time.
    assert client.calls.requests == 3


def test_an_order_at_the_edge_of_midnight_is_of_one_day_only(client: ShopifyClient, simulator: Simulator) -> None:
    """The 25th of October 2026 has 25 hours in Berlin."""
    long_day = date(2026, 10, 25)
    start, end = day(long_day).instants
    assert end - start == timedelta(hours=25)
    before, inside, last, after = list(simulator.live_shop().shop.orders.values())[:4]
    with simulator.live_shop().lock:
        for order in simulator.live_shop().shop.orders.values():
            order.processed_at = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        before.processed_at, inside.processed_at = start - timedelta(seconds=1), start
        last.processed_at, after.processed_at = end - timedelta(seconds=1), end
        simulator.live_shop().shop.revision += 1
    days = [day(long_day + timedelta(days=n)) for n in (-1, 0, 1)]
    assert list(day_totals.counts(client, days).values()) == [1, 2, 1]
    assert day_totals.orders(client, days[1]).keys() == {inside.order_id, last.order_id}


def test_the_orders_of_a_day_are_listed_to_the_last_page(client: ShopifyClient, simulator: Simulator) -> None:
    with simulator.live_shop().lock:
        for order in simulator.live_shop().shop.orders.values():
            order.processed_at = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        simulator.live_shop().shop.revision += 1
    listed = day_totals.orders(client, day(date(2026, 6, 1)))
    orders = simulator.live_shop().shop.orders
    assert {one.order_id: (one.name, one.updated_at) for one in listed.values()} == {
        order_id: (order.name, order.updated_at) for order_id, order in orders.items()
    }


def test_a_day_with_more_orders_than_shopify_pages_is_listed_to_its_end() -> None:
    """Shopify pages a list to 25,000; 60 of these orders changed in each second."""
    changed = datetime(2026, 11, 27, tzinfo=UTC)
    nodes = [
        {"id": f"gid://shopify/Order/{n}", "name": f"#{n}", "updatedAt": stamp(changed + timedelta(seconds=n // 60))}
        for n in range(1, 26_001)
    ]
    listed = day_totals.orders(make_client(PagedShop(orders=nodes)), day(date(2026, 11, 27)))
    assert listed.keys() == set(range(1, 26_001))


def test_existing_ids_come_sorted_page_by_page() -> None:
    shop = PagedShop(customers=[{"id": f"gid://shopify/Customer/{n * 2}"} for n in range(1, 301)])
    client = make_client(shop)
    first, last = record_ids.ids_after(client, Kind.CUSTOMER, 0)
    assert (len(first), last) == (250, 500)
    assert record_ids.ids_after(client, Kind.CUSTOMER, 500) == ({n * 2 for n in range(251, 301)}, None)
    assert record_ids.ids_after(client, Kind.CUSTOMER, 600) == (set(), None)


def test_ids_that_come_in_another_order_are_refused_instead_of_asked_for_for_ever() -> None:
    page = {"pageInfo": {"hasNextPage": True}, "nodes": [{"id": "gid://shopify/Customer/7"}]}
    client = make_client(ScriptedShopify(reply({"data": {"customers": page}})))
    with pytest.raises(QueryRefused, match="in the order of the ids"):
        record_ids.ids_after(client, Kind.CUSTOMER, 7)


def test_total_sales_are_those_of_the_shops_own_report(client: ShopifyClient, simulator: Simulator) -> None:
    first = LAST - timedelta(days=29)
    real = truth(simulator.live_shop().shop, first, LAST).by_day
    totals = day_totals.total_sales(client, first, LAST)
    assert totals == {one: totals.total_sales for one, totals in real.items()}
    assert any(totals.values())


def scripted(table: Any, parse_errors: tuple[str, ...] = ()) -> ShopifyClient:
    answer = {"shopifyqlQuery": {"parseErrors": list(parse_errors), "tableData": table}}
    return ShopifyClient(
        SPEC.domain, "token", admin_url="https://{shop}", transport=ScriptedShopify(reply({"data": answer}))
    )


def columns(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


@pytest.mark.parametrize(
    "rows",
    [
        [["2026-11-01", "10.50"], ["2026-11-03", None]],
        [{"day": "2026-11-01T00:00:00", "total_sales": "10.50"}, {"day": "2026-11-09", "total_sales": "99"}],
    ],
    ids=["lists", "objects"],
)
def test_a_report_is_read_by_its_columns_and_a_day_without_sales_is_zero(rows: list[Any]) -> None:
    client = scripted({"columns": columns("day", "total_sales"), "rows": rows})
    assert day_totals.total_sales(client, date(2026, 11, 1), date(2026, 11, 3)) == {
        date(2026, 11, 1): Decimal("10.50"),
        date(2026, 11, 2): Decimal(0),
        date(2026, 11, 3): Decimal(0),
    }


def test_a_report_that_cannot_be_read_is_refused_in_words() -> None:
    with pytest.raises(QueryRefused, match="Unknown column"):
        day_totals.total_sales(scripted(None, ("Unknown column",)), LAST, LAST)
    with pytest.raises(QueryRefused, match="other columns"):
        day_totals.total_sales(scripted({"columns": columns("week"), "rows": [["2026-11-01"]]}), LAST, LAST)
    with pytest.raises(QueryRefused, match="other columns"):
        day_totals.total_sales(
            scripted({"columns": columns("day", "total_sales"), "rows": [["2026-11-01"]]}), LAST, LAST
        )
    with pytest.raises(QueryRefused, match="no table"):
        day_totals.total_sales(scripted(None), LAST, LAST)
