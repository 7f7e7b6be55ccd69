"""Faults are set over HTTP while the simulator runs. They strike as set, and are counted."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import requests

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN
from core.simulator.http.faults import FaultInjector
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.clocks import Clock
from tests.core.simulator.receivers import Received, Receiver

SPEC = ShopSpec(customers=20, orders=40, until=date(2026, 11, 19))
BULK = (
    "mutation($text: String!) { bulkOperationRunQuery(query: $text, groupObjects: false) "
    "{ bulkOperation { id } userErrors { message } } }"
)
ALL_PRODUCTS = "{ products { edges { node { id title } } } }"


@pytest.fixture
def sim(clock: Clock) -> Iterator[Simulator]:
    with Simulator([SPEC], clock=clock, backoff=(0.02,)).running() as running:
        yield running


@pytest.fixture
def received(sim: Simulator, receiver: Receiver) -> Callable[[], list[Received]]:
    """Subscribe to products; return what was received so far, once everything is sent."""
    sim.live_shop().trigger("subscribe", {"topic": "PRODUCTS_UPDATE", "uri": receiver.url})

    def received() -> list[Received]:
        assert sim.sender.wait_until_sent()
        return receiver.received

    return received


def throw(sim: Simulator, **switches: Any) -> dict[str, Any]:
    answer = requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/faults", json=switches, timeout=10)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()["faults"]
    return shown


def injected(sim: Simulator) -> dict[str, int]:
    counts: dict[str, int] = requests.get(f"{sim.url}/simulator/{DEMO_SHOP}/faults", timeout=10).json()["injected"]
    return {name: count for name, count in counts.items() if count}


def graphql(sim: Simulator, query: str = "{ shop { name } }", **variables: Any) -> requests.Response:
    return requests.post(
        f"{sim.url}/{DEMO_SHOP}/admin/api/2026-10/graphql.json",
        json={"query": query, "variables": variables},
        headers={"X-Shopify-Access-Token": DEMO_TOKEN},
        timeout=10,
    )


def rename(sim: Simulator, times: int = 1) -> None:
    """Trigger one webhook."""
    for number in range(times):
        sim.update_product(next(iter(sim.live_shop().shop.products)), title=f"Title {number}")


def test_at_first_everything_is_off_and_nothing_was_injected(sim: Simulator) -> None:
    shown = requests.get(f"{sim.url}/simulator/{DEMO_SHOP}/faults", timeout=10).json()
    shares = {name: value for name, value in shown["faults"].items() if not name.endswith("_seconds")}
    assert shares.pop("seed") == 1
    assert not any(shares.values())
    assert shown["injected"] == {}


def test_each_fault_changes_alone_and_all_are_turned_off_at_once(sim: Simulator) -> None:
    throw(sim, webhook_loss=0.5)
    assert throw(sim, api_errors=0.25)["webhook_loss"] == 0.5
    after = requests.delete(f"{sim.url}/simulator/{DEMO_SHOP}/faults", timeout=10).json()["faults"]
    assert (after["webhook_loss"], after["api_errors"]) == (0, 0)


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"webhook_lost": 0.5}, "There is no switch webhook_lost"),
        ({"webhook_loss": 1.5}, "a share from 0 to 1"),
        ({"webhook_loss": True}, "webhook_loss is a number"),
        ({"webhook_loss": "half"}, "webhook_loss is a number"),
        ({"webhook_outage": 1}, "webhook_outage is true or false"),
        ({"webhook_delay_seconds": -1}, "webhook_delay_seconds is a number from 0"),
        ({"clock_skew_seconds": 1e9}, "clock_skew_seconds is a number from -86400"),
        ({"seed": 1.5}, "seed is a whole number"),
        ({"bulk_failed": 0.6, "bulk_gone": 0.6}, "more than 1 together"),
    ],
)
def test_an_unknown_fault_or_value_is_refused_and_changes_nothing(
    sim: Simulator, switches: dict[str, Any], message: str
) -> None:
    answer = requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/faults", json=switches, timeout=10)
    assert (answer.status_code, message in answer.json()["errors"]) == (422, True)
    assert sim.live_shop().faults.settings == FaultInjector(DEMO_SHOP).settings


def test_the_same_seed_and_setting_strike_the_same_webhooks() -> None:
    def storm(seed: int) -> list[bool]:
        switches = FaultInjector(DEMO_SHOP)
        switches.set(webhook_loss=0.5, api_errors=0.5, seed=seed)
        return [switches.roll("webhook_loss") for _ in range(50) if switches.roll("api_errors") in (True, False)]

    assert storm(7) == storm(7) != storm(8)


def test_a_seed_restarts_the_dice_and_other_settings_do_not() -> None:
    switches = FaultInjector(DEMO_SHOP)
    switches.set(webhook_loss=0.5, seed=3)
    first = [switches.roll("webhook_loss") for _ in range(40)]
    switches.set(api_errors=0.1)
    second = [switches.roll("webhook_loss") for _ in range(40)]
    switches.set(seed=3)
    assert [switches.roll("webhook_loss") for _ in range(80)] == first + second
    assert switches.injected["webhook_loss"] == 2 * sum(first + second)


def test_a_duplicate_has_the_same_webhook_id_and_bytes(
    sim: Simulator, received: Callable[[], list[Received]]
) -> None:
    throw(sim, webhook_duplicates=1)
    rename(sim)
    first, second = received()
    assert (first.raw, dict(first.headers)) == (second.raw, dict(second.headers))
    assert injected(sim) == {"webhook_duplicates": 1}


def test_a_twin_has_a_webhook_id_of_its_own_and_shares_the_event_s(
    sim: Simulator, received: Callable[[], list[Received]]
) -> None:
    throw(sim, webhook_twins=1)
    rename(sim)
    first, second = received()
    assert first.headers["X-Shopify-Webhook-Id"] != second.headers["X-Shopify-Webhook-Id"]
    assert first.headers["X-Shopify-Event-Id"] == second.headers["X-Shopify-Event-Id"]
    assert first.raw == second.raw


def test_delayed_webhooks_are_overtaken(sim: Simulator, received: Callable[[], list[Received]]) -> None:
    throw(sim, webhook_reordering=0.5, webhook_reordering_seconds=0.3)
    rename(sim, times=20)
    titles = [delivery.body["title"] for delivery in received()]
    sent = [f"Title {number}" for number in range(20)]
    assert titles != sent
    assert sorted(titles) == sorted(sent)


def test_a_delay_applies_to_all_webhooks(sim: Simulator, receiver: Receiver, received: Callable[[], Any]) -> None:
    throw(sim, webhook_delay_seconds=0.4)
    began = time.monotonic()
    rename(sim)
    assert receiver.received == []
    received()
    assert time.monotonic() - began >= 0.4
    assert len(receiver.received) == 1


def test_a_lost_webhook_never_comes(sim: Simulator, received: Callable[[], list[Received]]) -> None:
    throw(sim, webhook_loss=0.5)
    rename(sim, times=40)
    lost = injected(sim)["webhook_loss"]
    assert 0 < lost < 40
    assert len(received()) == 40 - lost


def test_events_of_an_outage_send_no_webhook_after_it_either(
    sim: Simulator, received: Callable[[], list[Received]]
) -> None:
    throw(sim, webhook_outage=True)
    rename(sim, times=3)
    throw(sim, webhook_outage=False)
    rename(sim)
    assert len(received()) == 1
    assert injected(sim) == {"webhook_outage": 3}


def test_an_outage_may_delete_the_subscriptions_of_unsent_webhooks(
    sim: Simulator, received: Callable[[], list[Received]]
) -> None:
    throw(sim, webhook_outage=True, outage_unsubscribes=True)
    rename(sim, times=3)
    throw(sim, webhook_outage=False)
    rename(sim)
    assert received() == []
    assert sim.live_shop().subscriptions.by_id == {}
    assert injected(sim) == {"webhook_outage": 1, "outage_unsubscribes": 1}


def test_the_answer_to_too_many_calls_says_how_long_to_wait(sim: Simulator) -> None:
    throw(sim, api_too_many=1, retry_after_seconds=2)
    answer = graphql(sim)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


def test_tokens_are_refused_while_that_fault_is_on(sim: Simulator) -> None:
    throw(sim, tokens_refused=True)
    assert graphql(sim).status_code == 401
    throw(sim, tokens_refused=False)
    assert graphql(sim).status_code == 200
    assert injected(sim) == {"tokens_refused": 1}


def test_a_throttled_document_says_what_the_bucket_holds(sim: Simulator) -> None:
    throw(sim, api_throttled=1)
    answer = graphql(sim)
    body = answer.json()
    assert answer.status_code == 200
    assert [error["extensions"]["code"] for error in body["errors"]] == ["THROTTLED"]
    assert body["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0


def test_errors_of_the_server_are_of_several_kinds_and_change_nothing(sim: Simulator) -> None:
    throw(sim, api_errors=1)
    answers = [graphql(sim, BULK, text=ALL_PRODUCTS) for _ in range(30)]
    assert {answer.status_code for answer in answers} == {500, 502, 503}
    assert sim.live_shop().bulk.by_number == {}


def test_a_request_that_times_out_gets_no_answer(sim: Simulator) -> None:
    throw(sim, api_timeouts=1, api_timeout_seconds=0.2)
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        graphql(sim)
    assert time.monotonic() - began >= 0.2


def test_a_cut_answer_is_shorter_than_it_says_and_what_was_asked_is_done(sim: Simulator) -> None:
    throw(sim, api_cuts=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        graphql(sim, BULK, text=ALL_PRODUCTS)
    assert len(sim.live_shop().bulk.by_number) == 1


def test_a_slow_answer_comes_whole(sim: Simulator) -> None:
    throw(sim, api_slow=1, api_slow_seconds=0.2)
    began = time.monotonic()
    assert graphql(sim).json()["data"]["shop"]["name"] == SPEC.name
    assert time.monotonic() - began >= 0.2


def test_the_token_endpoint_fails_like_the_api_and_the_simulators_controls_never(sim: Simulator) -> None:
    throw(sim, api_errors=1)
    asked = {"grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}
    token = requests.post(f"{sim.url}/{DEMO_SHOP}/admin/oauth/access_token", json=asked, timeout=10)
    assert token.status_code in (500, 502, 503)
    assert requests.get(f"{sim.url}/simulator/{DEMO_SHOP}/truth", timeout=10).status_code == 200


def test_the_file_of_a_bulk_operation_is_cut_on_its_way(sim: Simulator) -> None:
    graphql(sim, BULK, text=ALL_PRODUCTS)
    number = next(iter(sim.live_shop().bulk.by_number))
    sim.live_shop().bulk.refresh(number)
    address = f"{sim.url}/simulator/{DEMO_SHOP}/bulk/{number}.jsonl"
    content = requests.get(address, timeout=10).content
    throw(sim, api_cuts=1)
    came: list[bytes] = []
    with requests.get(address, timeout=10, stream=True) as answer, pytest.raises(requests.RequestException):
        came.extend(answer.iter_content(64))
    assert content.startswith(b"".join(came))
    assert int(answer.headers["Content-Length"]) == len(content) > len(b"".join(came))


def test_bulk_operations_have_each_outcome_by_its_share_unless_one_was_set() -> None:
    with Simulator([Setup(SPEC, bucket_size=100_000)]).running() as sim:
        shares = {"failed": 0.2, "partial": 0.2, "expired": 0.2, "canceled": 0.1, "cut": 0.1, "gone": 0.1}
        throw(sim, **{f"bulk_{fate}": share for fate, share in shares.items()})
        for _ in range(60):
            graphql(sim, BULK, text=ALL_PRODUCTS)
        outcomes = Counter(str(operation.outcome) for operation in sim.live_shop().bulk.by_number.values())
        assert outcomes.keys() == {*shares, "completed"}
        assert injected(sim) == {f"bulk_{fate}": count for fate, count in outcomes.items() if fate != "completed"}
        requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/bulk", json={"fates": ["completed"] * 9}, timeout=10)
        for _ in range(9):
            graphql(sim, BULK, text=ALL_PRODUCTS)
        assert [str(operation.outcome) for operation in sim.live_shop().bulk.by_number.values()][-9:] == [
            "completed"
        ] * 9


@pytest.mark.parametrize(("skew", "local_time"), [(90, "13:01:30"), (-90, "12:58:30")])
def test_a_clock_that_is_wrong_dates_events_and_deliveries(
    sim: Simulator, received: Callable[[], list[Received]], skew: int, local_time: str
) -> None:
    throw(sim, clock_skew_seconds=skew)
    rename(sim)
    delivered = received()[0]
    assert delivered.body["updated_at"] == f"2026-11-20T{local_time}+01:00"
    triggered = datetime.fromisoformat(delivered.headers["X-Shopify-Triggered-At"][:19] + "+00:00")
    assert triggered == datetime.fromisoformat(json.loads(delivered.raw)["updated_at"])


def names_found(sim: Simulator, search: str) -> list[str]:
    query = "query($search: String!) { products(first: 50, query: $search) { nodes { title } } }"
    return [node["title"] for node in graphql(sim, query, search=search).json()["data"]["products"]["nodes"]]


def test_searches_find_a_change_only_after_the_lag(sim: Simulator, clock: Clock) -> None:
    throw(sim, search_lag_seconds=60)
    rename(sim)
    assert names_found(sim, "updated_at:>='2026-11-20T11:00:00Z'") == []
    clock.advance(seconds=59)
    assert names_found(sim, "updated_at:>='2026-11-20T11:00:00Z'") == []
    clock.advance(seconds=1)
    assert names_found(sim, "updated_at:>='2026-11-20T11:00:00Z'") == ["Title 0"]


def test_in_the_lag_a_changed_record_is_found_by_its_old_values_and_shown_with_its_new_ones(sim: Simulator) -> None:
    throw(sim, search_lag_seconds=60)
    rename(sim)
    everything = names_found(sim, "updated_at:<'2026-11-20T11:00:00Z'")
    assert "Title 0" in everything
    assert len(everything) == len(sim.live_shop().shop.products)


def test_an_order_made_in_the_lag_is_in_no_search_but_in_the_list_of_all(sim: Simulator, clock: Clock) -> None:
    before = len(sim.live_shop().shop.orders)
    throw(sim, search_lag_seconds=60)
    order_id = sim.sell()
    count = "query($search: String) { ordersCount(query: $search) { count } }"

    def counted(search: str | None) -> int:
        number: int = graphql(sim, count, search=search).json()["data"]["ordersCount"]["count"]
        return number

    assert (counted("created_at:>'2020-01-01'"), counted(None)) == (before, before + 1)
    order = f'{{ order(id: "gid://shopify/Order/{order_id}") {{ name }} }}'
    assert graphql(sim, order).json()["data"]["order"]
    clock.advance(seconds=60)
    assert counted("created_at:>'2020-01-01'") == before + 1
