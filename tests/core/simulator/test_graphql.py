"""The Admin API as callers meet it: pages, searches, ids, and Shopify's own words for what is wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from core.shopify import documents
from core.simulator.admin_api.bulk import BulkOperations
from core.simulator.admin_api.cost import Bucket
from core.simulator.admin_api.graphql import answer
from core.simulator.admin_api.root_fields import RootFields
from core.simulator.life import refunds
from core.simulator.life.abandoned_checkouts import make_abandoned_checkouts
from core.simulator.life.history import make_shop
from core.simulator.shop.shop import Shop, ShopSpec
from core.simulator.shop.subscriptions import Subscription, Subscriptions
from tests.core.simulator.conftest import Clock
from tests.core.simulator.small_shop import customer, order, tiny_shop


class Api:
    """Asks one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.clock = shop, Clock()
        self.subscriptions = Subscriptions(shop.spec.domain)
        bulk = BulkOperations(shop.spec.domain, self.clock, lambda _: [])
        self.roots = RootFields(
            shop,
            self.subscriptions,
            self.clock,
            self._subscribe,
            self._unsubscribe,
            bulk,
            make_abandoned_checkouts(shop),
        )
        self.bucket = Bucket(1_000_000, 100, self.clock)

    def ask(self, text: str, **variables: Any) -> dict[str, Any]:
        return answer(self.roots, self.bucket, {"query": text, "variables": variables})

    def data(self, text: str, **variables: Any) -> dict[str, Any]:
        body = self.ask(text, **variables)
        assert "errors" not in body, body["errors"]
        found: dict[str, Any] = body["data"]
        return found

    def run(self, document: str, **variables: Any) -> dict[str, Any]:
        return self.data(documents.load(document), **variables)

    def error(self, text: str, **variables: Any) -> dict[str, Any]:
        body = self.ask(text, **variables)
        assert len(body["errors"]) == 1, body["errors"]
        found: dict[str, Any] = body["errors"][0]
        return found

    def _subscribe(self, topic: str, uri: str, name: str | None, searched: str | None) -> Subscription:
        made = Subscription(self.shop.ids.next("webhook"), topic, uri, self.clock(), name, searched)
        self.subscriptions.by_id[made.subscription_id] = made
        return made

    def _unsubscribe(self, number: int) -> None:
        del self.subscriptions.by_id[number]


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(make_shop(ShopSpec(customers=80, orders=260, until=date(2026, 11, 20))))


@pytest.fixture
def small() -> Api:
    """Three orders, the last two changed in the same second."""
    shop = tiny_shop()
    ann = customer(shop, "Ann")
    order(shop, "2026-03-02T10:00:00+01:00", "Mug", customer=ann)
    for _ in range(2):
        order(shop, "2026-03-03T10:00:00+01:00", "Lamp")
    return Api(shop)


PAGED = """query($first: Int, $last: Int, $after: String, $before: String, $reverse: Boolean, $key: OrderSortKeys) {
  orders(first: $first, last: $last, after: $after, before: $before, reverse: $reverse, sortKey: $key) {
    nodes { id updatedAt } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def walk(api: Api, size: int, **variables: Any) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = api.data(PAGED, first=size, after=after, **variables)["orders"]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


@pytest.mark.parametrize("key", ["UPDATED_AT", "CREATED_AT", "PROCESSED_AT", "ID", "ORDER_NUMBER"])
@pytest.mark.parametrize("reverse", [False, True])
def test_walking_the_pages_meets_every_order_once(api: Api, key: str, reverse: bool) -> None:
    found = walk(api, 7, key=key, reverse=reverse)
    assert len(found) == len(set(found)) == 260
    assert found == walk(api, 250, key=key, reverse=reverse)


def test_pages_by_change_begin_with_the_oldest_change(api: Api) -> None:
    nodes = api.data(PAGED, first=250, key="UPDATED_AT")["orders"]["nodes"]
    assert [node["updatedAt"] for node in nodes] == sorted(node["updatedAt"] for node in nodes)


def test_ties_lose_nothing_between_two_pages(small: Api) -> None:
    assert len(set(walk(small, 1, key="UPDATED_AT"))) == 3


def test_an_order_that_changes_while_pages_are_read_is_read_again_not_skipped(small: Api) -> None:
    first = small.data(PAGED, first=1, key="UPDATED_AT")["orders"]
    changed = small.shop.orders[int(first["nodes"][0]["id"].rpartition("/")[2])]
    refunds.cancel(small.shop, changed, datetime.fromisoformat("2026-03-04T10:00:00+01:00"))
    small.shop.revision += 1
    rest = small.data(PAGED, first=5, after=first["pageInfo"]["endCursor"], key="UPDATED_AT")["orders"]["nodes"]
    assert len(rest) == 3
    assert rest[-1]["id"] == first["nodes"][0]["id"]


def test_pages_can_be_walked_backwards(small: Api) -> None:
    forwards = walk(small, 3, key="UPDATED_AT")
    page = small.data(PAGED, last=2, key="UPDATED_AT")["orders"]
    assert [node["id"] for node in page["nodes"]] == forwards[1:]
    assert page["pageInfo"]["hasPreviousPage"] is True
    assert page["pageInfo"]["hasNextPage"] is False
    before = small.data(PAGED, last=2, before=page["pageInfo"]["startCursor"], key="UPDATED_AT")["orders"]
    assert [edge["node"]["id"] for edge in before["edges"]] == forwards[:1]
    assert before["pageInfo"] | {"startCursor": None, "endCursor": None} == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize("size", [{}, {"first": 251}, {"first": -1}, {"first": 1, "last": 1}])
def test_a_page_needs_one_size_of_250_at_most(small: Api, size: dict[str, int]) -> None:
    assert small.error(PAGED, **size)["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "MQ==", "é"])
def test_a_cursor_that_is_none_is_refused(small: Api, cursor: str) -> None:
    assert "is not a cursor" in small.error(PAGED, first=1, after=cursor)["message"]


SEARCH = "query($q: String) { orders(first: 250, query: $q) { nodes { name } } }"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (None, "#1001 #1002 #1003"),
        ("", "#1001 #1002 #1003"),
        ("updated_at:>='2026-03-03T09:00:00Z'", "#1002 #1003"),
        ("updated_at:>'2026-03-03T09:00:00Z'", "#1002 #1003"),
        ("updated_at:>='2026-03-03T09:00:01Z'", ""),
        ("updated_at:<='2026-03-02T09:00:00Z'", "#1001"),
        ("updated_at:<'2026-03-02T09:00:00Z'", "#1001"),
        ("updated_at:>='2026-03-02T10:00:00+01:00' updated_at:<='2026-03-02T23:00:00Z'", "#1001"),
        ("created_at:>=\"2026-03-03T00:00:00Z\" AND updated_at:<='2026-03-04T00:00:00Z'", "#1002 #1003"),
        ("processed_at:2026-03-02", "#1001"),
        ("-processed_at:2026-03-02", "#1002 #1003"),
        ("name:1002", "#1002"),
        ("financial_status:paid test:false status:open", "#1001 #1002 #1003"),
        ("financial_status:refunded", ""),
        ("email:nobody@example.com", ""),
    ],
)
def test_a_search_finds_what_it_says(small: Api, query: str | None, names: str) -> None:
    body = small.ask(SEARCH, q=query)
    assert " ".join(node["name"] for node in body["data"]["orders"]["nodes"]) == names
    assert "search" not in body["extensions"]


def test_orders_are_found_by_their_number_of_any_length(api: Api) -> None:
    longest = max(api.shop.orders)
    assert longest > 2**53
    nodes = api.data(SEARCH, q=f"id:{longest}")["orders"]["nodes"]
    assert [node["name"] for node in nodes] == [api.shop.orders[longest].name]
    beyond = api.data(SEARCH, q=f"id:>={longest}")["orders"]["nodes"]
    assert len(beyond) == 1
    assert api.data(SEARCH, q=f"id:>{longest}")["orders"]["nodes"] == []


def test_an_unknown_filter_matches_everything_and_only_a_warning_says_so(small: Api) -> None:
    body = small.ask(SEARCH, q="made_up:value updated_at:>='2026-03-03T00:00:00Z'")
    assert len(body["data"]["orders"]["nodes"]) == 2
    warning = {"field": "made_up", "message": "Invalid search field for this query.", "code": "invalid_field"}
    assert body["extensions"]["search"] == [
        {
            "path": ["orders"],
            "query": "made_up:value updated_at:>='2026-03-03T00:00:00Z'",
            "parsed": {"field": "made_up", "match_all": "value"},
            "warnings": [warning],
        }
    ]
    assert "search" not in small.ask(SEARCH, q="")["extensions"]


@pytest.mark.parametrize("query", ["updated_at:>=yesterday", "id:many", "name:>5", "loose words"])
def test_a_filter_that_cannot_be_read_is_warned_of_too(small: Api, query: str) -> None:
    assert small.ask(SEARCH, q=query)["extensions"]["search"]


def test_counts_count_what_a_search_finds(small: Api) -> None:
    text = "query($q: String, $n: Int) { ordersCount(query: $q, limit: $n) { count precision } }"
    since = "updated_at:>='2026-03-03T00:00:00Z'"
    assert small.data(text, q=since)["ordersCount"] == {"count": 2, "precision": "EXACT"}
    assert small.data(text, q=since, n=1)["ordersCount"] == {"count": 1, "precision": "AT_LEAST"}
    assert small.data(text, q=since, n=None)["ordersCount"] == {"count": 2, "precision": "EXACT"}


def test_things_are_found_by_id_and_what_is_not_there_is_null(api: Api) -> None:
    refunded = next(each for each in api.shop.orders.values() if each.refunds)
    variant = next(iter(api.shop.products.values())).variants[0]
    ids = [
        f"gid://shopify/Order/{refunded.order_id}",
        f"gid://shopify/Customer/{next(iter(api.shop.customers))}",
        f"gid://shopify/Product/{next(iter(api.shop.products))}",
        f"gid://shopify/ProductVariant/{variant.variant_id}",
        f"gid://shopify/Refund/{refunded.refunds[0].refund_id}",
    ]
    gone = [
        f"gid://shopify/{kind}/1" for kind in ("Order", "Refund", "ProductVariant", "WebhookSubscription", "Blog")
    ]
    nodes = api.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids + gone)["nodes"]
    assert [node and node["id"] for node in nodes] == ids + [None] * 5
    assert [node["__typename"] for node in nodes[:5]] == ["Order", "Customer", "Product", "ProductVariant", "Refund"]


def test_more_ids_than_250_are_too_many_at_once(small: Api) -> None:
    ids = [f"gid://shopify/Order/{number}" for number in range(1, 252)]
    error = small.error("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


def test_an_id_of_another_kind_finds_nothing(small: Api) -> None:
    product = next(iter(small.shop.products))
    assert small.data(f'{{ order(id: "gid://shopify/Product/{product}") {{ id }} }}')["order"] is None


def test_a_refund_s_order_can_be_asked_for_and_a_line_s_product(api: Api) -> None:
    refunded = next(each for each in api.shop.orders.values() if any(refund.lines for refund in each.refunds))
    text = """query($id: ID!) { order(id: $id) { name
      lineItems(first: 1) { nodes { sku product { title vendor } variant { sku product { id } } } }
      refunds { order { id name } refundLineItems(first: 5) { nodes { lineItem { title } restocked } } }
      transactions { kind status amountSet { shopMoney { amount } } } } }"""
    node = api.data(text, id=f"gid://shopify/Order/{refunded.order_id}")["order"]
    assert node["refunds"][0]["order"]["name"] == node["name"]
    line = node["lineItems"]["nodes"][0]
    assert line["variant"]["sku"] == line["sku"]
    assert line["product"]["title"] == refunded.lines[0].title
    assert node["transactions"][0]["kind"] == "SALE"
    assert len(node["transactions"]) == len(refunded.transactions)


def test_the_ledger_is_told_as_agreements_of_typed_sales(api: Api) -> None:
    edited = next(each for each in api.shop.orders.values() if each.is_edited)
    sizes = {"lines": 20, "refunds": 5, "refundLines": 20, "agreements": 10, "sales": 50}
    node = api.run("order_details", ids=[f"gid://shopify/Order/{edited.order_id}"], **sizes)["nodes"][0]
    agreements = node["agreements"]["nodes"]
    assert agreements[0]["__typename"] == "OrderAgreement"
    assert "OrderEditAgreement" in {each["__typename"] for each in agreements}
    sale = agreements[0]["sales"]["nodes"][0]
    assert (sale["__typename"], sale["actionType"], sale["lineType"]) == ("ProductSale", "ORDER", "PRODUCT")
    assert sale["lineItem"]["id"] == node["lineItems"]["nodes"][0]["id"]


def test_amounts_are_written_as_shopify_writes_them(small: Api) -> None:
    text = "{ orders(first: 2) { nodes { totalPriceSet { shopMoney { amount currencyCode } } } } }"
    nodes = small.data(text)["orders"]["nodes"]
    assert [node["totalPriceSet"]["shopMoney"]["amount"] for node in nodes] == ["11.9", "118.99"]


def test_the_shop_tells_who_it_is(small: Api) -> None:
    data = small.run("shop")
    assert data["shop"]["myshopifyDomain"] == "tiny.myshopify.com"
    assert data["shop"]["ianaTimezone"] == "Europe/Berlin"
    assert {"handle": "read_orders"} in data["currentAppInstallation"]["accessScopes"]
    assert small.data("{ shop { timezoneOffsetMinutes } }")["shop"]["timezoneOffsetMinutes"] == 60


def test_a_subscription_is_made_listed_and_deleted(small: Api) -> None:
    address = {"uri": "http://127.0.0.1:8502/webhooks/shopify"}
    made = small.run("webhook_subscribe", topic="ORDERS_CREATE", subscription=address)["webhookSubscriptionCreate"]
    assert made["userErrors"] == []
    listed = small.run("webhook_subscriptions")["webhookSubscriptions"]["nodes"]
    assert [(each["topic"], each["uri"]) for each in listed] == [("ORDERS_CREATE", address["uri"])]
    wanted = "query($t: [WebhookSubscriptionTopic!]) { webhookSubscriptions(first: 5, topics: $t) { nodes { id } } }"
    assert small.data(wanted, t=["ORDERS_EDITED"])["webhookSubscriptions"]["nodes"] == []
    gone = small.run("webhook_unsubscribe", id=listed[0]["id"])["webhookSubscriptionDelete"]
    assert gone == {"deletedWebhookSubscriptionId": listed[0]["id"], "userErrors": []}
    again = small.run("webhook_unsubscribe", id=listed[0]["id"])["webhookSubscriptionDelete"]
    assert again["userErrors"] == [{"field": ["id"], "message": "Webhook subscription does not exist"}]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        (None, "Address can't be blank"),
        (" ", "Address can't be blank"),
        ("http://hooks.example.com/", "Address protocol http:// is not supported"),
        ("ftp://hooks.example.com/", "Address protocol ftp:// is not supported"),
        ("https://tiny.myshopify.com/hooks", "Address cannot be a Shopify or an internal domain"),
        ("https://", "Address is invalid"),
        ("https://taken.example.com/", "Address for this topic has already been taken"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_shopify_s_words(small: Api, uri: str | None, message: str) -> None:
    taken = {"topic": "ORDERS_CREATE", "subscription": {"uri": "https://taken.example.com/"}}
    small.run("webhook_subscribe", **taken)
    made = small.run("webhook_subscribe", topic="ORDERS_CREATE", subscription={"uri": uri} if uri else {})
    errors = [{"field": ["webhookSubscription", "callbackUrl"], "message": message}]
    assert made["webhookSubscriptionCreate"] == {"webhookSubscription": None, "userErrors": errors}


def test_a_document_that_breaks_off_is_a_parse_error(small: Api) -> None:
    error = small.error("query GraphqlBaseValidationInvalidSyntax {\n  shop {\n    id\n")
    assert error["message"].startswith("syntax error, unexpected end of file at [")
    assert error["extensions"] == {"code": "PARSE_ERROR"}


def test_an_object_without_selection_is_refused_as_recorded(small: Api) -> None:
    assert small.error("query GraphqlBaseValidationMissingSubselection {\n  shop\n}\n") == {
        "message": "Field must have selections (field 'shop' returns Shop but has no selections. "
        "Did you mean 'shop { ... }'?)",
        "locations": [{"line": 2, "column": 3}],
        "path": ["query GraphqlBaseValidationMissingSubselection", "shop"],
        "extensions": {"code": "selectionMismatch", "nodeName": "field 'shop'", "typeName": "Shop"},
    }


def test_an_unknown_field_is_refused_as_recorded(small: Api) -> None:
    text = (
        "query GraphqlBaseValidationUnknownOrderField {\n  orders(first: 1) {\n    nodes {\n      id\n"
        "      definitelyNotAnOrderField\n    }\n  }\n}\n"
    )
    assert small.error(text) == {
        "message": "Field 'definitelyNotAnOrderField' doesn't exist on type 'Order'",
        "locations": [{"line": 5, "column": 7}],
        "path": ["query GraphqlBaseValidationUnknownOrderField", "orders", "nodes", "definitelyNotAnOrderField"],
        "extensions": {"code": "undefinedField", "typeName": "Order", "fieldName": "definitelyNotAnOrderField"},
    }


def test_a_missing_argument_is_refused_as_recorded(small: Api) -> None:
    text = "mutation MissingCreateWebhookTopic {\n  webhookSubscriptionCreate(webhookSubscription: {}) { userErrors"
    assert small.error(text + " { message } }\n}\n") == {
        "message": "Field 'webhookSubscriptionCreate' is missing required arguments: topic",
        "locations": [{"line": 2, "column": 3}],
        "path": ["mutation MissingCreateWebhookTopic", "webhookSubscriptionCreate"],
        "extensions": {
            "code": "missingRequiredArguments",
            "className": "Field",
            "name": "webhookSubscriptionCreate",
            "arguments": "topic",
        },
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ orders(first: 1, foo: 2) { nodes { id } } }", "argumentNotAccepted"),
        ("query($a: Int) { shop { id } }", "variableNotUsed"),
        ("{ shop { ...Missing } }", "invalid"),
        ('{ order(id: "12") { id } }', "argumentLiteralsIncompatible"),
        ("query A { shop { id } } query B { shop { id } }", "BAD_REQUEST"),
        ("{ orders(first: 1, sortKey: DESTINATION) { nodes { id } } }", "BAD_REQUEST"),
    ],
)
def test_other_faults_have_codes_too(small: Api, text: str, code: str) -> None:
    assert small.error(text)["extensions"]["code"] == code


def test_of_several_operations_the_named_one_is_executed(small: Api) -> None:
    text = "query A { shop { id } } query B { shop { name } }"
    body = answer(small.roots, small.bucket, {"query": text, "operationName": "B"})
    assert body["data"] == {"shop": {"name": "Fieldstone Goods"}}


def test_a_missing_variable_is_refused_as_recorded(small: Api) -> None:
    text = (
        "query A($topic: WebhookSubscriptionTopic!) { webhookSubscriptions(first: 1, topics: [$topic]) { nodes { id"
    )
    error = small.error(text + " } } }")
    assert error["message"] == "Variable $topic of type WebhookSubscriptionTopic! was provided invalid value"
    assert error["extensions"] == {
        "code": "INVALID_VARIABLE",
        "value": None,
        "problems": [{"path": [], "explanation": "Expected value to not be null"}],
    }


def test_a_variable_that_does_not_fit_names_the_place(small: Api) -> None:
    body = small.ask(documents.load("webhook_subscribe"), topic="ORDERS_CREATE", subscription={"uri": 3})
    error = body["errors"][0]
    assert error["message"].startswith("Variable $subscription of type WebhookSubscriptionInput! was provided")
    assert error["extensions"]["problems"][0]["path"] == ["uri"]
    assert error["extensions"]["value"] == {"uri": 3}
