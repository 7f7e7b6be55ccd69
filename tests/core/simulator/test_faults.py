"""The simulator misbehaves as it is told, by switches that are thrown over HTTP while it runs, and counts it."""

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
from tests.core.simulator.conftest import Clock, Received, Receiver

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
def told(sim: Simulator, receiver: Receiver) -> Callable[[], list[Received]]:
    """Changes of products are subscribed to; what was received so far, once all is sent."""
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
    """Something that sends one webhook each time."""
    for number in range(times):
        sim.update_product(next(iter(sim.live_shop().shop.products)), title=f"Title {number}")


def test_at_first_everything_is_off_and_nothing_was_injected(sim: Simulator) -> None:
    shown = requests.get(f"{sim.url}/simulator/{DEMO_SHOP}/faults", timeout=10).json()
    shares = {name: value for name, value in shown["faults"].items() if not name.endswith("_seconds")}
    assert shares.pop("seed") == 1
    assert not any(shares.values())
    assert shown["injected"] == {}


def test_switches_change_alone_and_all_are_turned_off_at_once(sim: Simulator) -> None:
    throw(sim, webhook_loss=0.5)
    assert throw(sim, api_errors=0.25)["webhook_loss"] == 0.5
    after = requests.delete(f"{sim.url}/simulator/{DEMO_SHOP}/faults", timeout=10).json()["faults"]
    assert (after["webhook_loss"], after["api_errors"]) == (0, 0)


@pytest.mark.parametrize(
    ("switches", "said"),
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
def test_what_is_no_switch_or_no_value_is_refused_and_changes_nothing(
    sim: Simulator, switches: dict[str, Any], said: str
) -> None:
    answer = requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/faults", json=switches, timeout=10)
    assert (answer.status_code, said in answer.json()["errors"]) == (422, True)
    assert sim.live_shop().faults.settings == FaultInjector(DEMO_SHOP).settings


def test_the_same_seed_and_setting_strike_the_same_ones() -> None:
    def storm(seed: int) -> list[bool]:
        switches = FaultInjector(DEMO_SHOP)
        switches.set(webhook_loss=0.5, api_errors=0.5, seed=seed)
        return [switches.roll("webhook_loss") for _ in range(50) if switches.roll("api_errors") in (True, False)]

    assert storm(7) == storm(7) != storm(8)


def test_a_seed_begins_the_dice_anew_and_other_switches_do_not() -> None:
    switches = FaultInjector(DEMO_SHOP)
    switches.set(webhook_loss=0.5, seed=3)
    first = [switches.roll("webhook_loss") for _ in range(40)]
    switches.set(api_errors=0.1)
    second = [switches.roll("webhook_loss") for _ in range(40)]
    switches.set(seed=3)
    assert [switches.roll("webhook_loss") for _ in range(80)] == first + second
    assert switches.injected["webhook_loss"] == 2 * sum(first + second)


def test_a_duplicate_has_the_same_webhook_id_and_bytes(sim: Simulator, told: Callable[[], list[Received]]) -> None:
    throw(sim, webhook_duplicates=1)
    rename(sim)
    first, second = told()
    assert (first.raw, dict(first.headers)) == (second.raw, dict(second.headers))
    assert injected(sim) == {"webhook_duplicates": 1}


def test_a_twin_has_a_webhook_id_of_its_own_and_shares_the_event_s(
    sim: Simulator, told: Callable[[], list[Received]]
) -> None:
    throw(sim, webhook_twins=1)
    rename(sim)
    first, second = told()
    assert first.headers["X-Shopify-Webhook-Id"] != second.headers["X-Shopify-Webhook-Id"]
    assert first.headers["X-Shopify-Event-Id"] == second.headers["X-Shopify-Event-Id"]
    assert first.raw == second.raw


def test_webhooks_that_are_held_back_are_overtaken(sim: Simulator, told: Callable[[], list[Received]]) -> None:
    throw(sim, webhook_reordering=0.5, webhook_reordering_seconds=0.3)
    rename(sim, times=20)
    titles = [each.body["title"] for each in told()]
    sent = [f"Title {number}" for number in range(20)]
    assert titles != sent
    assert sorted(titles) == sorted(sent)


def test_a_delay_holds_back_all_of_them(sim: Simulator, receiver: Receiver, told: Callable[[], Any]) -> None:
    throw(sim, webhook_delay_seconds=0.4)
    began = time.monotonic()
    rename(sim)
    assert receiver.received == []
    told()
    assert time.monotonic() - began >= 0.4
    assert len(receiver.received) == 1


def test_a_lost_webhook_never_comes(sim: Simulator, told: Callable[[], list[Received]]) -> None:
    throw(sim, webhook_loss=0.5)
    rename(sim, times=40)
    lost = injected(sim)["webhook_loss"]
    assert 0 < lost < 40
    assert len(told()) == 40 - lost


def test_what_happens_in_an_outage_is_not_told_after_it_either(
    sim: Simulator, told: Callable[[], list[Received]]
) -> None:
    throw(sim, webhook_outage=True)
    rename(sim, times=3)
    throw(sim, webhook_outage=False)
    rename(sim)
    assert len(told()) == 1
    assert injected(sim) == {"webhook_outage": 3}


def test_an_outage_may_cost_the_subscriptions_of_what_was_not_sent(
    sim: Simulator, told: Callable[[], list[Received]]
) -> None:
    throw(sim, webhook_outage=True, outage_unsubscribes=True)
    rename(sim, times=3)
    throw(sim, webhook_outage=False)
    rename(sim)
    assert told() == []
    assert sim.live_shop().subscriptions.by_id == {}
    assert injected(sim) == {"webhook_outage": 1, "outage_unsubscribes": 1}


def test_too_many_calls_are_told_how_long_to_wait(sim: Simulator) -> None:
    throw(sim, api_too_many=1, retry_after_seconds=2)
    answer = graphql(sim)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


def test_tokens_are_refused_for_as_long_as_that_is_on(sim: Simulator) -> None:
    throw(sim, tokens_refused=True)
    assert graphql(sim).status_code == 401
    throw(sim, tokens_refused=False)
    assert graphql(sim).status_code == 200
    assert injected(sim) == {"tokens_refused": 1}


def test_a_throttled_document_says_what_the_bucket_holds(sim: Simulator) -> None:
    throw(sim, api_throttled=1)
    answer = graphql(sim)
    told = answer.json()
    assert answer.status_code == 200
    assert [error["extensions"]["code"] for error in told["errors"]] == ["THROTTLED"]
    assert told["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0


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


def test_the_token_endpoint_fails_like_the_rest_and_the_strings_behind_the_scene_never(sim: Simulator) -> None:
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
    whole = requests.get(address, timeout=10).content
    throw(sim, api_cuts=1)
    came: list[bytes] = []
    with requests.get(address, timeout=10, stream=True) as answer, pytest.raises(requests.RequestException):
        came.extend(answer.iter_content(64))
    assert whole.startswith(b"".join(came))
    assert int(answer.headers["Content-Length"]) == len(whole) > len(b"".join(came))


def test_shares_of_bulk_operations_meet_each_fate_unless_one_was_decided() -> None:
    with Simulator([Setup(SPEC, bucket_size=100_000)]).running() as sim:
        shares = {"failed": 0.2, "partial": 0.2, "expired": 0.2, "canceled": 0.1, "cut": 0.1, "gone": 0.1}
        throw(sim, **{f"bulk_{fate}": share for fate, share in shares.items()})
        for _ in range(60):
            graphql(sim, BULK, text=ALL_PRODUCTS)
        met = Counter(str(operation.outcome) for operation in sim.live_shop().bulk.by_number.values())
        assert met.keys() == {*shares, "completed"}
        assert injected(sim) == {f"bulk_{fate}": count for fate, count in met.items() if fate != "completed"}
        requests.post(f"{sim.url}/simulator/{DEMO_SHOP}/bulk", json={"fates": ["completed"] * 9}, timeout=10)
        for _ in range(9):
            graphql(sim, BULK, text=ALL_PRODUCTS)
        assert [str(each.outcome) for each in sim.live_shop().bulk.by_number.values()][-9:] == ["completed"] * 9


@pytest.mark.parametrize(("skew", "told_at"), [(90, "13:01:30"), (-90, "12:58:30")])
def test_a_clock_that_is_wrong_dates_events_and_deliveries(
    sim: Simulator, told: Callable[[], list[Received]], skew: int, told_at: str
) -> None:
    throw(sim, clock_skew_seconds=skew)
    rename(sim)
    delivered = told()[0]
    assert delivered.body["updated_at"] == f"2026-11-20T{told_at}+01:00"
    triggered = datetime.fromisoformat(delivered.headers["X-Shopify-Triggered-At"][:19] + "+00:00")
    assert triggered == datetime.fromisoformat(json.loads(delivered.raw)["updated_at"])


def found(sim: Simulator, search: str) -> list[str]:
    query = "query($search: String!) { products(first: 50, query: $search) { nodes { title } } }"
    return [node["title"] for node in graphql(sim, query, search=search).json()["data"]["products"]["nodes"]]


def test_searches_know_of_a_change_only_after_the_lag(sim: Simulator, clock: Clock) -> None:
    throw(sim, search_lag_seconds=60)
    rename(sim)
    assert found(sim, "updated_at:>='2026-11-20T11:00:00Z'") == []
    clock.pass_(seconds=59)
    assert found(sim, "updated_at:>='2026-11-20T11:00:00Z'") == []
    clock.pass_(seconds=1)
    assert found(sim, "updated_at:>='2026-11-20T11:00:00Z'") == ["Title 0"]


def test_in_the_lag_a_changed_thing_is_found_by_what_it_was_and_shown_as_it_is(sim: Simulator) -> None:
    throw(sim, search_lag_seconds=60)
    rename(sim)
    everything = found(sim, "updated_at:<'2026-11-20T11:00:00Z'")
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
    clock.pass_(seconds=60)
    assert counted("created_at:>'2020-01-01'") == before + 1
