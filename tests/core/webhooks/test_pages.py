"""The Webhook log by cursors: its pages are the list in both directions and every sort, also where rows are equal."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.database import tenant_session
from core.database.models import Delivery, DeliveryState
from core.metrics.deliveries import DeliveryKey, counts, deliveries, deliveries_page, sortable
from core.metrics.paging import Cursor
from core.metrics.sorting import MOST_SORTED, Sort
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc

SORTS = [Sort(key, down) for key in DeliveryKey for down in (False, True)]
Log = tuple[Shop, list[dict[str, Any]]]


@pytest.fixture
def log(cast: Cast) -> Log:
    """Store deliveries of few instants, topics, states and attempts, about the orders 1 to 3."""
    shop, random_ = shop_of(cast.acme), random.Random(5)
    shop.receive(*(at(utc(2026, 11, 3), n, name=f"#{n + 1000}") for n in (1, 2, 3)))
    rows = [
        {
            "topic": random_.choice(["orders/create", "products/update"]),
            "received_at": utc(2026, 11, 4) + timedelta(hours=random_.randrange(3)),
            "record_id": random_.choice([1, 2, 3, None]),
            "state": random_.choice([DeliveryState.APPLIED, DeliveryState.FAILED]),
            "attempts": random_.randrange(3),
        }
        for _ in range(23)
    ]
    owner = {"tenant_id": shop.business.tenant_id, "store_id": shop.business.key.store_id, "body": b"{}"}
    with tenant_session(shop.business.tenant_id) as session:
        for number, row in enumerate(rows):
            stored = Delivery(**owner, **row, webhook_id=f"w{number}")
            session.add(stored)
            session.flush()
            row["delivery_id"] = stored.delivery_id
    return shop, rows


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_pages_are_the_list_in_both_directions(log: Log, sort: Sort[DeliveryKey]) -> None:
    shop, rows = log
    name = {DeliveryKey.RECEIVED: "received_at"}.get(sort.key, str(sort.key))
    key: Callable[[dict[str, Any]], Any] = lambda row: (row[name], row["received_at"], row["delivery_id"])  # noqa: E731
    expected = [row["delivery_id"] for row in sorted(rows, key=key, reverse=sort.is_descending)]
    period = shop.days(*NOVEMBER)
    assert [row.delivery_id for row in shop.ask(deliveries, period, sort=sort)] == expected
    assert [row.delivery_id for row in shop.ask(deliveries, period, limit=4, offset=8, sort=sort)] == expected[8:12]

    def page(cursor: Cursor | None) -> Any:
        return shop.ask(deliveries_page, period, limit=4, sort=sort, cursor=cursor)

    seen = [page(None)]
    while (following := page(seen[-1].after)).rows:
        seen.append(following)
    assert [row.delivery_id for one in seen for row in one.rows] == expected
    back = [seen[-1]]
    while (earlier := page(back[0].before)).rows:
        back.insert(0, earlier)
    assert [row.delivery_id for one in back for row in one.rows] == expected


@pytest.mark.parametrize(("typed", "record"), [("#1002", 2), ("1002", 2), ("3", 3), ("100", None), ("x", None)])
def test_a_search_finds_an_order_by_its_number_and_any_record_by_its_id(
    log: Log, typed: str, record: int | None
) -> None:
    shop, rows = log
    period = shop.days(*NOVEMBER)
    expected = {row["delivery_id"] for row in rows if record and row["record_id"] == record}
    assert {row.delivery_id for row in shop.ask(deliveries, period, search=typed)} == expected
    assert shop.ask(counts, period, search=typed).total == len(expected)


def test_a_long_log_is_sorted_by_time_only() -> None:
    assert sortable(MOST_SORTED) == tuple(DeliveryKey)
    assert sortable(MOST_SORTED + 1) == (DeliveryKey.RECEIVED,)
