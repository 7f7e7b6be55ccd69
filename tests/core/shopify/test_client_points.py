"""Points: the client waits instead of being throttled, no longer than needed, and counts its calls."""

from __future__ import annotations

from tests.core.shopify.fakes import COST, ScriptedShopify, Time, data, make_client, reply

GOOD = {"shop": {"name": "Acme Toys"}}


def cost(requested: int, available: float, actual: int | None = None) -> dict[str, object]:
    status = {"maximumAvailable": 2000, "currentlyAvailable": available, "restoreRate": 100}
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def test_a_throttled_document_waits_until_the_bucket_covers_it() -> None:
    time = Time()
    throttled = reply(
        {
            "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
            "extensions": {"cost": cost(712, 62)},
        }
    )
    client = make_client(ScriptedShopify(throttled, data(GOOD)), time)
    assert client.execute("shop") == GOOD
    assert time.waits == [(712 - 62) / 100]
    assert client.calls.throttled_seconds == 6.5


def test_a_throttled_document_waits_at_least_a_second() -> None:
    time = Time()
    throttled = reply(
        {
            "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
            "extensions": {"cost": cost(20, 15)},
        }
    )
    make_client(ScriptedShopify(throttled, data(GOOD)), time).execute("shop")
    assert time.waits == [1.0]


def test_a_document_waits_until_the_bucket_covers_its_last_cost() -> None:
    time = Time()
    client = make_client(ScriptedShopify(data(GOOD, cost(600, 150, 400))), time)
    client.execute("orders")
    time.now += 2  # which restores 200 of the 450 points that are missing
    client.execute("orders")
    assert time.waits == [2.5]


def test_another_document_does_not_wait_for_points_it_does_not_need() -> None:
    time = Time()
    client = make_client(ScriptedShopify(data(GOOD, cost(600, 150, 400)), data(GOOD, cost(10, 140, 3))), time)
    client.execute("orders")
    client.execute("shop")
    client.execute("shop")
    assert time.waits == []


def test_a_full_bucket_never_waits_for_more_than_it_can_hold() -> None:
    time = Time()
    client = make_client(ScriptedShopify(data(GOOD, cost(5000, 1900, 10))), time)
    client.execute("orders")
    client.execute("orders")
    assert time.waits == [1.0]


def test_calls_are_counted() -> None:
    client = make_client(ScriptedShopify(data(GOOD)))
    client.execute("shop")
    client.execute("shop")
    assert (client.calls.requests, client.calls.points) == (2, 2 * COST["actualQueryCost"])  # type: ignore[operator]


def test_an_answer_without_a_cost_is_an_answer() -> None:
    client = make_client(ScriptedShopify(reply({"data": GOOD})))
    assert client.execute("shop") == client.execute("shop") == GOOD
    assert client.calls.points == 0
