"""The nights in which the shop's clocks change: an hour that comes twice, and an hour that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from core.config import DEMO_SHOP, DEMO_TOKEN
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from core.simulator.webhooks.order_bodies import order_body
from tests.core.simulator.clocks import Clock

AUTUMN, SPRING = date(2026, 10, 25), date(2027, 3, 28)


@pytest.fixture
def sim(clock: Clock) -> Iterator[Simulator]:
    clock.now = datetime(2027, 4, 1, 12, tzinfo=UTC)
    with Simulator([ShopSpec(customers=5, orders=10, until=date(2026, 10, 20))], clock=clock).running() as running:
        yield running


def sell(sim: Simulator, at: str) -> dict[str, Any]:
    """Sell an order at a time, and return its webhook's body."""
    answer = requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/sell", json={"at": at, "test": False}, timeout=10)
    assert answer.status_code == 200, answer.text
    shop = sim.live_shop().shop
    return order_body(shop, shop.orders[answer.json()["order_id"]])


def test_half_past_two_comes_twice_in_autumn_and_both_are_of_that_day(sim: Simulator) -> None:
    first, second = sell(sim, "2026-10-25T02:30:00+02:00"), sell(sim, "2026-10-25T02:30:00+01:00")
    assert first["processed_at"] == "2026-10-25T02:30:00+02:00"
    assert second["processed_at"] == "2026-10-25T02:30:00+01:00"
    true = sim.truth(AUTUMN, AUTUMN)
    assert true.totals.orders == 2
    assert true.totals.gross_sales == sum(Decimal(body["total_line_items_price"]) for body in (first, second))


def test_the_api_writes_both_as_different_instants(sim: Simulator) -> None:
    for at in ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"):
        sell(sim, at)
    query = "{ orders(first: 5, query: \"processed_at:>='2026-10-25T00:00:00Z'\") { nodes { processedAt } } }"
    answer = requests.post(
        f"{sim.url}/{DEMO_SHOP}/admin/api/2026-10/graphql.json",
        json={"query": query},
        headers={"X-Shopify-Access-Token": DEMO_TOKEN},
        timeout=10,
    )
    times = [node["processedAt"] for node in answer.json()["data"]["orders"]["nodes"]]
    assert times == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]


def test_the_hours_around_the_one_that_is_missing_in_spring_follow_each_other(sim: Simulator) -> None:
    before, after = sell(sim, "2027-03-28T00:59:59Z"), sell(sim, "2027-03-28T01:00:00Z")
    assert before["created_at"] == "2027-03-28T01:59:59+01:00"
    assert after["created_at"] == "2027-03-28T03:00:00+02:00"
    assert sim.truth(SPRING, SPRING).totals.orders == 2


@pytest.mark.parametrize(
    ("day", "first", "last", "next_"),
    [
        (AUTUMN, "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"),
        (SPRING, "2027-03-27T23:00:00Z", "2027-03-28T21:59:59Z", "2027-03-28T22:00:00Z"),
    ],
    ids=["25 hours", "23 hours"],
)
def test_such_a_day_lasts_from_midnight_to_midnight_of_the_shop(
    sim: Simulator, day: date, first: str, last: str, next_: str
) -> None:
    for at in (first, last, next_):
        sell(sim, at)
    assert sim.truth(day, day).totals.orders == 2


def test_a_refund_in_the_hour_that_comes_twice_is_later_than_its_order(sim: Simulator) -> None:
    order_id = sell(sim, "2026-10-25T02:40:00+02:00")["id"]
    berlin = ZoneInfo("Europe/Berlin")
    sim.refund(order_id, at=datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin))
    body = order_body(sim.live_shop().shop, sim.live_shop().shop.orders[order_id])
    assert body["refunds"][0]["processed_at"] == "2026-10-25T02:10:00+01:00"
    assert body["updated_at"] == "2026-10-25T02:10:00+01:00"


def test_an_instant_without_its_offset_is_refused(sim: Simulator) -> None:
    url = f"{sim.url}/simulator/{DEMO_SHOP}/sell"
    answer = requests.post(url, json={"at": "2026-10-25T02:30:00"}, timeout=10)
    assert (answer.status_code, "with its offset" in answer.json()["errors"]) == (422, True)
