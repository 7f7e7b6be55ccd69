"""The simulator's bulk operations run, end and are written like Shopify's, as recorded and documented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from core.config import DEMO_SHOP, DEMO_TOKEN
from core.shopify import documents
from core.simulator.admin_api import bulk_query
from core.simulator.admin_api.bulk import BulkOutcome
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.life.abandoned_checkouts import make_abandoned_checkouts
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.clocks import Clock

RECORDED = Path(__file__).parents[2] / "payloads" / "graphql"
SPEC = ShopSpec(customers=8, orders=25, until=date(2026, 11, 20), days=60)
PRODUCTS = "{ products { edges { node { id title variants { edges { node { id sku } } } } } } }"
RUN = """mutation Run($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id status type errorCode createdAt completedAt objectCount rootObjectCount fileSize url
    partialDataUrl query } userErrors { field message code } } }"""
POLL = """query Poll($id: ID!) { bulkOperation(id: $id) { id status type errorCode createdAt completedAt objectCount
    rootObjectCount fileSize url partialDataUrl query } }"""
CANCEL = "mutation C($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    with Simulator([Setup(SPEC, bucket_size=1e6)], clock=clock).running() as running:
        yield running


def ask(simulator: Simulator, document: str, /, **variables: Any) -> dict[str, Any]:
    address = simulator.admin_url.replace("{shop}", DEMO_SHOP) + "/admin/api/2026-10/graphql.json"
    body = {"query": document, "variables": variables}
    answer = requests.post(address, json=body, headers={"X-Shopify-Access-Token": DEMO_TOKEN}, timeout=10).json()
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def run(simulator: Simulator, query: str = PRODUCTS) -> str:
    return str(ask(simulator, RUN, query=query)["bulkOperationRunQuery"]["bulkOperation"]["id"])


def poll(simulator: Simulator, gid: str) -> Any:
    return ask(simulator, POLL, id=gid)["bulkOperation"]


def lines(operation: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in requests.get(operation["url"], timeout=10).text.splitlines()]


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())


def test_a_new_operation_answers_like_the_recorded_one(simulator: Simulator) -> None:
    recording = recorded("bulk_lifecycle_2026-04")["run"]["response"]["data"]["bulkOperationRunQuery"]
    payload = ask(simulator, RUN, query=PRODUCTS)["bulkOperationRunQuery"]

    varying = ("id", "createdAt", "query")
    assert payload["userErrors"] == recording["userErrors"] == []
    assert {k: v for k, v in payload["bulkOperation"].items() if k not in varying} == {
        k: v for k, v in recording["bulkOperation"].items() if k not in varying
    }


def test_an_operation_is_created_running_then_completed(simulator: Simulator, clock: Clock) -> None:
    simulator.live_shop().bulk.set_next(seconds=10)
    gid = run(simulator)
    assert poll(simulator, gid)["status"] == "RUNNING"

    clock.now += timedelta(seconds=10)
    ended = poll(simulator, gid)

    assert ended["status"] == "COMPLETED"
    assert ended["completedAt"] == "2026-11-21T08:00:10Z"
    shop = simulator.live_shop().shop
    variants = sum(len(product.variants) for product in shop.products.values())
    assert ended["rootObjectCount"] == str(len(shop.products))
    assert ended["objectCount"] == str(len(shop.products) + variants)


def test_children_follow_their_parent_and_name_it_and_slashes_are_escaped(simulator: Simulator) -> None:
    ended = poll(simulator, run(simulator))

    raw = requests.get(ended["url"], timeout=10).content
    recorded_line = (RECORDED / "bulk_products_2026-04.jsonl").read_bytes().splitlines()[1]
    assert b'"__parentId":"gid:\\/\\/shopify\\/Product\\/' in recorded_line
    assert b'"__parentId":"gid:\\/\\/shopify\\/Product\\/' in raw
    assert ended["fileSize"] == str(len(raw))
    seen: set[str] = set()
    for row in lines(ended):
        seen.add(row["id"])
        assert row.get("__parentId", row["id"]) in seen
        assert "variants" not in row, "a connection is lines of its own"


def test_the_products_documents_rows_are_what_a_page_has(simulator: Simulator) -> None:
    text = documents.load("bulk_products").replace("{window}", "")
    rows = [row for row in lines(poll(simulator, run(simulator, text))) if "__parentId" not in row]
    page = ask(simulator, "{ products(first: 250) { nodes { id title updatedAt tags } } }")["products"]["nodes"]
    assert [{key: row[key] for key in ("id", "title", "updatedAt", "tags")} for row in rows] == page


def test_a_search_finds_the_same_orders_as_a_page(simulator: Simulator) -> None:
    window = "created_at:>='2026-11-01T00:00:00Z' created_at:<'2026-11-10T00:00:00Z'"
    text = documents.load("bulk_orders").replace("{window}", window)
    ids = {row["id"] for row in lines(poll(simulator, run(simulator, text))) if "__parentId" not in row}
    page = ask(simulator, "query P($q: String) { orders(first: 250, query: $q) { nodes { id } } }", q=window)
    assert ids == {node["id"] for node in page["orders"]["nodes"]}
    assert 0 < len(ids) < len(simulator.live_shop().shop.orders)


def test_an_operation_that_finds_nothing_has_no_url(simulator: Simulator) -> None:
    ended = poll(simulator, run(simulator, '{ orders(query: "id:1") { edges { node { id } } } }'))
    assert (ended["status"], ended["objectCount"], ended["url"]) == ("COMPLETED", "0", None)


def test_the_sixth_operation_at_once_is_refused_with_shopifys_message(simulator: Simulator) -> None:
    simulator.live_shop().bulk.set_next(seconds=10)
    gids = [run(simulator) for _ in range(5)]

    refused = ask(simulator, RUN, query=PRODUCTS)["bulkOperationRunQuery"]

    message = f"A bulk query operation for this app and shop is already in progress: {', '.join(gids)}."
    assert refused["bulkOperation"] is None
    assert refused["userErrors"] == [{"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"}]


def test_an_operation_is_canceling_until_the_next_look(simulator: Simulator) -> None:
    simulator.live_shop().bulk.set_next(seconds=10)
    gid = run(simulator)
    canceled = ask(simulator, CANCEL, id=gid)["bulkOperationCancel"]
    assert canceled == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    assert poll(simulator, gid)["status"] == "CANCELED"
    assert ask(simulator, CANCEL, id=gid)["bulkOperationCancel"]["userErrors"]


def test_running_operations_are_listed_the_newest_first(simulator: Simulator, clock: Clock) -> None:
    ended = run(simulator)
    poll(simulator, ended)
    simulator.live_shop().bulk.set_next(seconds=10)
    first = run(simulator)
    clock.now += timedelta(seconds=1)
    second = run(simulator)
    query = '{ bulkOperations(first: 5, query: "status:running operation_type:query") { nodes { id query } } }'
    operations = ask(simulator, query)["bulkOperations"]["nodes"]
    assert operations == [{"id": second, "query": PRODUCTS}, {"id": first, "query": PRODUCTS}]


@pytest.mark.parametrize(
    ("outcome", "status", "error"),
    [
        (BulkOutcome.FAILED, "FAILED", "INTERNAL_SERVER_ERROR"),
        (BulkOutcome.ACCESS_DENIED, "FAILED", "ACCESS_DENIED"),
        (BulkOutcome.EXPIRED, "EXPIRED", None),
        (BulkOutcome.CANCELED, "CANCELED", None),
    ],
)
def test_the_operator_sets_the_outcome_of_the_next_operation(
    simulator: Simulator, outcome: BulkOutcome, status: str, error: str | None
) -> None:
    address = f"{simulator.url}/simulator/{DEMO_SHOP}/bulk"
    assert requests.post(address, json={"fates": [outcome], "seconds": 0}, timeout=10).ok

    ended = poll(simulator, run(simulator))

    assert (ended["status"], ended["errorCode"], ended["url"]) == (status, error, None)
    assert poll(simulator, run(simulator))["status"] == "COMPLETED", "only the next one"


def test_a_partial_result_is_cut_in_the_middle_of_a_line(simulator: Simulator) -> None:
    simulator.live_shop().bulk.set_next([BulkOutcome.PARTIAL])
    ended = poll(simulator, run(simulator))
    assert (ended["status"], ended["errorCode"], ended["url"]) == ("FAILED", "TIMEOUT", None)
    assert not requests.get(ended["partialDataUrl"], timeout=10).text.endswith("}\n")


def test_the_file_of_a_result_expires_after_a_week(simulator: Simulator, clock: Clock) -> None:
    url = poll(simulator, run(simulator))["url"]
    clock.now += timedelta(days=7)
    assert requests.get(url, timeout=10).status_code == 200
    clock.now += timedelta(seconds=1)
    assert requests.get(url, timeout=10).status_code == 400


def test_operations_do_not_outlive_the_simulator(simulator: Simulator) -> None:
    gid = run(simulator)
    simulator.live_shop().bulk.by_number.clear()
    assert poll(simulator, gid) is None


@pytest.mark.parametrize(
    ("query", "because"),
    [
        ("{ shop { id } }", "at least one connection"),
        ('{ node(id: "gid://shopify/Order/1") { id } }', "top level"),
        ("{ orders { nodes { id } } }", "not `nodes`"),
        ("{ orders { edges { node { name lineItems { edges { node { id } } } } } } }", "must select the 'id'"),
        (
            "{ orders { edges { node { id refunds { id refundLineItems { edges { node { quantity } } } } } } } }",
            "list field",
        ),
        ("{ orders { edges { node { id shippingLines { edges { node { title } } } } } } }", "implement Node"),
        ("{ orders { edges { node { id agreements { edges { node { id } } } } } } }", "implement Node"),
        ("{ orders { edges { node { id nonsense } } } }", "Cannot query field 'nonsense'"),
        ("{ orders { edges { node { id", "Invalid bulk query"),
        ("mutation { bulkOperationCancel(id: 1) { userErrors { message } } }", "only queries"),
        ("{ orders { edges { node { ...F } } } } fragment F on Order { id }", "without fragments"),
        ("{ " + " ".join(f"a{i}: orders {{ edges {{ node {{ id }} }} }}" for i in range(6)) + " }", "more than 5"),
        ("#" + "x" * 70_000 + "\n" + PRODUCTS, "too long"),
    ],
)
def test_an_invalid_bulk_query_is_refused(query: str, because: str) -> None:
    assert because in (bulk_query.refusal(query) or "it is not refused")


@pytest.mark.parametrize(
    "name", ["bulk_orders", "bulk_products", "bulk_customers", "bulk_inventory", "bulk_checkouts"]
)
def test_the_products_own_bulk_documents_are_not_refused(name: str) -> None:
    assert bulk_query.refusal(documents.load(name)) is None


def test_a_refused_query_is_a_user_error(simulator: Simulator) -> None:
    (error,) = ask(simulator, RUN, query="{ shop { id } }")["bulkOperationRunQuery"]["userErrors"]
    assert (error["field"], error["code"]) == (["query"], "INVALID")


def test_abandoned_checkouts_change_nothing_else_of_the_shop() -> None:
    with Simulator([Setup(SPEC)]).running() as first, Simulator([Setup(SPEC)]).running() as second:
        assert (
            make_abandoned_checkouts(first.live_shop().shop).keys()
            == make_abandoned_checkouts(second.live_shop().shop).keys()
        )
        count = ask(first, "{ abandonedCheckoutsCount { count } abandonedCheckouts(first: 3) { nodes { name } } }")
        assert count["abandonedCheckoutsCount"]["count"] == len(make_abandoned_checkouts(first.live_shop().shop)) > 3
        assert all(node["name"].startswith("#") for node in count["abandonedCheckouts"]["nodes"])
        assert first.sell(at=datetime(2026, 11, 21, tzinfo=UTC)) == second.sell(at=datetime(2026, 11, 21, tzinfo=UTC))
