"""Bulk operations: the requests to Shopify, the meaning of its answers, and the allowed addresses of a result."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
import requests
from urllib3 import HTTPResponse

from core.domain import Order
from core.errors import QueryRefused, ResultExpired, ShopifyDown
from core.shopify import bulk
from core.shopify.bulk import Operation
from tests.core.shopify.fakes import ScriptedShopify, data, make_client, recorded, reply

GID = "gid://shopify/BulkOperation/8066670100786"
STORAGE = "https://storage.googleapis.com/shopify-tiers-assets-prod-us-east1/bulk-operation-outputs/b?Signature=x"


def order_lines(**changes: Any) -> bytes:
    """Write an order with one line item and one shipping line, as in a result file."""
    bag = {"shopMoney": {"amount": "20.0"}}
    shipping = {
        "id": "gid://shopify/ShippingLine/5",
        "title": "Parcel",
        "isRemoved": False,
        "originalPriceSet": {"shopMoney": {"amount": "4.9"}},
        "discountAllocations": [],
        "taxLines": [],
    }
    order = {
        "id": "gid://shopify/Order/1",
        "name": "#1",
        "edited": False,
        "originalTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "returnStatus": "NO_RETURN",
        "refunds": [],
        "currencyCode": "EUR",
        "createdAt": "2026-11-01T10:00:00Z",
        "processedAt": "2026-11-01T10:00:00Z",
        "updatedAt": "2026-11-01T10:00:00Z",
        "totalPriceSet": {"shopMoney": {"amount": "24.9"}},
        "totalShippingPriceSet": {"shopMoney": {"amount": "4.9"}},
        "shippingLine": shipping,
        **changes,
    }
    line = {
        "id": "gid://shopify/LineItem/11",
        "title": "Shirt",
        "quantity": 1,
        "originalUnitPriceSet": bag,
        "__parentId": "gid://shopify/Order/1",
    }
    return (
        f"{json.dumps(order)}\n{json.dumps(line)}\n".replace('{"id": ', '{"id":')
        .replace('"__parentId": ', '"__parentId":')
        .encode()
    )


def file(body: bytes, status: int = 200) -> requests.Response:
    """Make an answer that is still being sent."""
    response = reply(b"", status, version=None)
    response.raw = HTTPResponse(io.BytesIO(body), preload_content=False)
    response._content, response._content_consumed = False, False  # type: ignore[assignment, attr-defined]
    return response


def found(shopify: ScriptedShopify, operation: Operation, **options: Any) -> list[bulk.BulkRecord]:
    with bulk.open_result(make_client(shopify, **options), operation, "orders") as objects:
        return list(objects)


def completed(objects: int = 2, url: str | None = STORAGE) -> Operation:
    return Operation(GID, "COMPLETED", objects=objects, size=1000, url=url)


def test_it_is_started_with_the_window_in_its_text_and_objects_in_any_order() -> None:
    shopify = ScriptedShopify(data(recorded("bulk_lifecycle_2026-04")["run"]["response"]["data"]))

    started = bulk.start(make_client(shopify), "orders", "created_at:>='2026-01-01T00:00:00Z'")

    assert started == GID
    (variables,) = shopify.variables
    assert "orders(query: \"created_at:>='2026-01-01T00:00:00Z'\", sortKey: CREATED_AT)" in variables["query"]
    assert "groupObjects: false" in json.loads(shopify.requests[0].body or b"")["query"]


def test_the_recorded_life_of_an_operation_is_understood() -> None:
    polls = recorded("bulk_lifecycle_2026-04")["run"]["statusPolls"]
    shopify = ScriptedShopify(*(data(poll["response"]["data"]) for poll in polls))
    client = make_client(shopify)

    first, last = bulk.poll(client, GID), bulk.poll(client, GID)

    assert first is not None
    assert last is not None
    assert (first.is_under_way, first.is_completed, first.url) == (True, False, None)
    assert (last.is_under_way, last.is_completed, last.objects, last.size) == (False, True, 4, 679)
    assert last.url is not None
    assert last.url.startswith("https://storage.googleapis.com/")


@pytest.mark.parametrize(
    ("status", "under_way"),
    [
        ("CREATED", True),
        ("RUNNING", True),
        ("CANCELING", True),
        ("CANCELED", False),
        ("FAILED", False),
        ("EXPIRED", False),
    ],
)
def test_only_a_completed_operation_has_found_everything(status: str, under_way: bool) -> None:
    operation = Operation(GID, status)
    assert (operation.is_under_way, operation.is_completed) == (under_way, False)


def test_an_operation_that_shopify_does_not_know_is_none() -> None:
    assert bulk.poll(make_client(ScriptedShopify(data({"bulkOperation": None}))), GID) is None


def test_while_five_are_under_way_none_is_started() -> None:
    error = {
        "field": None,
        "message": "A bulk query operation … is already in progress",
        "code": "OPERATION_IN_PROGRESS",
    }
    busy = data({"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [error]}})
    running = data({"bulkOperations": {"nodes": [{"id": GID, "query": "{ products { … } }"}]}})

    assert bulk.start(make_client(ScriptedShopify(busy, running)), "orders", "") is None


def test_a_query_that_shopify_refuses_is_a_fault_of_ours() -> None:
    error = {"field": ["query"], "message": "Invalid bulk query", "code": "INVALID"}
    refused = data({"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [error]}})

    with pytest.raises(QueryRefused, match="Invalid bulk query"):
        bulk.start(make_client(ScriptedShopify(refused)), "orders", "")


def test_a_result_is_fetched_from_shopifys_storage_without_a_token() -> None:
    shopify = ScriptedShopify(file(order_lines()))

    (one,) = found(shopify, completed())

    assert isinstance(one.record, Order)
    assert (one.record.order_id, one.record.line_items[0].line_item_id) == (1, 11)
    assert one.record.shipping_lines[0].price == Decimal("4.9")
    (request,) = shopify.requests
    assert request.url == STORAGE
    assert not [name for name in request.headers if "shopify" in name.lower() or name.lower() == "authorization"]


def test_the_simulators_own_address_is_as_good() -> None:
    url = "http://127.0.0.1:8503/simulator/acme-toys.myshopify.com/bulk/1.jsonl"
    shopify = ScriptedShopify(file(order_lines()))
    assert len(found(shopify, completed(url=url), admin_url="http://127.0.0.1:8503/{shop}")) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/result.jsonl",
        "https://storage.googleapis.com.evil.example/result.jsonl",
        "https://evil.example/storage.googleapis.com/result.jsonl",
        "https://storage.googleapis.com@evil.example/result.jsonl",
        "https://storage.googleapis.com:8443/result.jsonl",
        "http://storage.googleapis.com/result.jsonl",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://other-shop.myshopify.com/result.jsonl",
    ],
)
def test_a_result_elsewhere_is_not_fetched(url: str) -> None:
    shopify = ScriptedShopify(file(order_lines()))

    with pytest.raises(QueryRefused):
        found(shopify, completed(url=url))
    assert shopify.requests == []


def test_an_operation_that_found_nothing_has_no_file() -> None:
    shopify = ScriptedShopify(file(b""))
    assert found(shopify, completed(objects=0, url=None)) == []
    assert shopify.requests == []


@pytest.mark.parametrize("status", [301, 400, 403, 404, 410])
def test_a_file_older_than_a_week_is_deleted(status: int) -> None:
    with pytest.raises(ResultExpired):
        found(ScriptedShopify(file(b"<Error><Code>ExpiredToken</Code></Error>", status)), completed())


@pytest.mark.parametrize("answer", [file(b"", 503), file(b"", 429), requests.ConnectionError(), requests.Timeout()])
def test_trouble_with_the_storage_passes(answer: Any) -> None:
    with pytest.raises(ShopifyDown):
        found(ScriptedShopify(answer), completed())


@pytest.mark.parametrize("cut", [30, 600])
def test_a_file_that_breaks_off_is_not_taken_for_the_whole(cut: int) -> None:
    with pytest.raises(ShopifyDown):
        found(ScriptedShopify(file(order_lines()[:-cut])), completed())


def test_a_file_with_fewer_objects_than_shopify_counted_is_not_taken_for_the_whole() -> None:
    with pytest.raises(ShopifyDown, match="was incomplete"):
        found(ScriptedShopify(file(order_lines())), completed(objects=3))


@pytest.mark.parametrize(
    ("changes", "whole"),
    [
        ({}, True),
        ({"edited": True}, False),
        ({"refunds": [{"id": "gid://shopify/Refund/1"}]}, False),
        ({"returnStatus": "IN_PROGRESS"}, False),
        ({"cancelledAt": "2026-11-05T18:00:00Z"}, False),
        ({"originalTotalDutiesSet": {"shopMoney": {"amount": "3.0"}}}, False),
        ({"originalTotalAdditionalFeesSet": {"shopMoney": {"amount": "0.5"}}}, False),
        ({"originalTotalDutiesSet": {"shopMoney": {"amount": "0.0"}}}, True),
        ({"totalPriceSet": {"shopMoney": {"amount": "29.8"}}}, False),
        ({"shippingLine": None}, False),
        ({"shippingLine": None, "totalPriceSet": {"shopMoney": {"amount": "20.0"}}}, True),
    ],
)
def test_orders_whose_result_lacks_parts_are_marked(changes: dict[str, Any], whole: bool) -> None:
    (one,) = found(ScriptedShopify(file(order_lines(**changes))), completed())
    assert one.is_whole is whole


def test_the_summary_of_several_shipping_lines_has_no_id_and_is_kept_all_the_same() -> None:
    shipping = json.loads(order_lines().splitlines()[0])["shippingLine"] | {"id": None}
    (one,) = found(ScriptedShopify(file(order_lines(shippingLine=shipping))), completed())
    assert isinstance(one.record, Order)
    assert [line.shipping_line_id for line in one.record.shipping_lines] == [0]
