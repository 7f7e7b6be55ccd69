"""Documents cost what a real store answered, and an empty bucket makes callers wait."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from core.simulator.admin_api import cost
from core.simulator.admin_api.bulk import BulkOperations
from core.simulator.admin_api.cost import Bucket
from core.simulator.admin_api.graphql import answer, schema
from core.simulator.admin_api.root_fields import RootFields
from core.simulator.life.abandoned_checkouts import make_abandoned_checkouts
from core.simulator.shop.subscriptions import Subscriptions
from tests.core.simulator.clocks import Clock
from tests.core.simulator.small_shop import order, tiny_shop

RECORDED = Path(__file__).parent / "recorded"
PAIRS: list[dict[str, Any]] = json.loads((RECORDED / "costs.json").read_text())
OFF_BY_ONE = {"an order with its lists": -1, "an order edit: create": 1, "an order edit: commit": 1}


def requested(text: str, variables: dict[str, Any] | None = None) -> int:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return cost.requested_cost(schema(), document, operation, variables or {})


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["case"] for pair in PAIRS])
def test_a_recorded_document_has_its_recorded_cost(pair: dict[str, Any]) -> None:
    recorded = build_schema((RECORDED / "costs.graphql").read_text())
    document = parse(pair["query"])
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    computed = cost.requested_cost(recorded, document, operation, pair["variables"])
    assert computed - pair["requested"] == OFF_BY_ONE.get(pair["case"], 0)


def test_amounts_and_addresses_are_free() -> None:
    assert requested("{ orders(first: 1) { nodes { id } } }") == 3
    priced = "{ orders(first: 1) { nodes { totalPriceSet { shopMoney { amount } } shippingAddress { city } } } }"
    assert requested(priced) == 3


def test_larger_pages_cost_more_but_less_than_proportionally() -> None:
    costs = [requested("query($n: Int) { orders(first: $n) { nodes { id } } }", {"n": n}) for n in (1, 10, 50, 250)]
    assert costs == [3, 6, 8, 10]


def test_the_cost_inside_a_node_counts_for_each_node() -> None:
    flat, nested = "nodes { id }", "nodes { lineItems(first: 10) { nodes { id } } }"
    assert requested(f"{{ orders(first: 10) {{ {flat} }} }}") == 2 + 4
    assert requested(f"{{ orders(first: 10) {{ {nested} }} }}") == 2 + 4 * (1 + 6)


def test_a_field_left_out_by_a_directive_costs_nothing() -> None:
    text = "query($more: Boolean!) { shop { id } ordersCount @include(if: $more) { count } }"
    assert (requested(text, {"more": False}), requested(text, {"more": True})) == (1, 11)


def test_of_several_types_the_dearest_is_charged() -> None:
    text = """query($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Order { customer { id } lineItems(first: 5) { nodes { id } } }
        ... on Product { id } } }"""
    assert requested(text, {"ids": ["gid://shopify/Order/1"]}) == 1 + 1 + 5


def test_the_actual_cost_is_that_of_the_returned_nodes() -> None:
    shop = tiny_shop()
    for day in range(1, 4):
        order(shop, f"2026-03-0{day}T12:00+01:00", "Mug")
    body = _ask(shop, "{ orders(first: 100) { nodes { lineItems(first: 50) { nodes { id } } } } }")
    cost_extension = body["extensions"]["cost"]
    assert cost_extension["requestedQueryCost"] == 2 + 7 * (1 + 2 + 6)
    assert cost_extension["actualQueryCost"] == 2 + 2 * (1 + 2 + 1)
    assert cost_extension["throttleStatus"]["currentlyAvailable"] == 2000 - cost_extension["actualQueryCost"]


def test_an_empty_page_still_costs_two() -> None:
    body = _ask(tiny_shop(), "{ orders(first: 10) { nodes { id } } }")
    assert body["extensions"]["cost"]["actualQueryCost"] == 2


def test_a_document_that_costs_too_much_is_refused_and_not_charged() -> None:
    variants = "product { variants(first: 250) { nodes { id inventoryItem { id } } } }"
    many = f"lineItems(first: 250) {{ nodes {{ {variants} }} }} agreements(first: 250) {{ nodes {{ id }} }}"
    clock = Clock()
    bucket = Bucket(2000, 100, clock)
    body = _ask(tiny_shop(), f"{{ orders(first: 250) {{ nodes {{ {many} }} }} }}", bucket)
    assert body["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert body["errors"][0]["extensions"]["maxCost"] == 1000
    assert "data" not in body
    assert bucket.available() == 2000


def test_an_empty_bucket_throttles_and_refills_with_time() -> None:
    clock = Clock()
    bucket = Bucket(100, 50, clock)
    text = "{ orders(first: 250) { nodes { lineItems(first: 50) { nodes { id } } } } }"
    assert bucket.take(60)
    body = _ask(tiny_shop(), text, bucket)
    assert body["errors"][0] == {
        "message": "Throttled",
        "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
    }
    cost_extension = body["extensions"]["cost"]
    assert (cost_extension["requestedQueryCost"], cost_extension["actualQueryCost"]) == (74, None)
    assert cost_extension["throttleStatus"] == {"maximumAvailable": 100, "currentlyAvailable": 40, "restoreRate": 50}
    clock.now += timedelta(seconds=(74 - 40) / 50)
    assert "errors" not in _ask(tiny_shop(), text, bucket)
    clock.now += timedelta(hours=1)
    assert bucket.available() == 100


def _ask(shop: Any, text: str, bucket: Bucket | None = None) -> dict[str, Any]:
    clock = Clock()
    bulk = BulkOperations(shop.spec.domain, clock, _never)
    roots = RootFields(
        shop, Subscriptions(shop.spec.domain), clock, _never, _never, bulk, make_abandoned_checkouts(shop)
    )
    return answer(roots, bucket or Bucket(2000, 100, clock), {"query": text})


def _never(*_: Any) -> Any:
    raise AssertionError("no test subscribes here")
