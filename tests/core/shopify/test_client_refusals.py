"""Refusals of Shopify's: the class of each says who must act; a withheld field is no refusal."""

from __future__ import annotations

import pytest
import requests
from structlog.testing import capture_logs

from core.errors import (
    AccessDenied,
    CredentialsRefused,
    QueryRefused,
    ShopifyDown,
    ShopUnavailable,
    XenoError,
)
from tests.core.shopify.fakes import ScriptedShopify, Time, data, graphql_error, make_client, recorded, reply

GOOD = {"shop": {"name": "Acme Toys"}}

EXPIRING = {
    "errors": "[API] Non-expiring access tokens are no longer accepted for the Admin API. "
    "Start using expiring offline tokens: https://shopify.dev/docs"
}
UNAPPROVED = {"errors": "[API] This action requires merchant approval for read_orders scope."}


def denied(path: list[str | int], data: object) -> requests.Response:
    """Write the error that comes with a field that this app may not read."""
    return graphql_error(
        "ACCESS_DENIED", "Access denied for orders field. Required access: `read_orders`.", data, path
    )


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (reply({"errors": "[API] Invalid API key"}, 401), CredentialsRefused, "connect the store again"),
        (reply({"errors": "Unavailable Shop"}, 402), ShopUnavailable, "is frozen until its Shopify bill is paid"),
        (reply(EXPIRING, 403), CredentialsRefused, "with the app's client id and secret"),
        (reply(UNAPPROVED, 403), AccessDenied, "the scope read_orders is missing"),
        (reply("<html>Forbidden</html>", 403), AccessDenied, "a scope or an approval is missing"),
        (reply({"errors": "Not Found"}, 404), ShopUnavailable, "has no store acme-toys.myshopify.com"),
        (reply({"errors": "Locked"}, 423), ShopUnavailable, "is locked"),
        (reply("", 301, {"Location": "https://evil.com"}), ShopUnavailable, "check its address"),
        (reply({"errors": "bad"}, 400), QueryRefused, "status 400"),
        (reply({"errors": "unprocessable"}, 422), QueryRefused, "status 422"),
        (reply(EXPIRING, 200), CredentialsRefused, "with the app's client id and secret"),
        (graphql_error("SHOP_INACTIVE"), ShopUnavailable, "closed or paused"),
        (denied(["orders"], {"orders": None}), AccessDenied, "the scope read_orders is missing"),
        (graphql_error("MAX_COST_EXCEEDED", "Query cost is 1402"), QueryRefused, "Query cost is 1402"),
        (reply({"errors": [{"message": "odd"}]}), QueryRefused, "no code"),
        (reply({"errors": ["odd"]}), QueryRefused, "odd"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_each_refusal_has_the_class_that_says_who_must_act(
    answer: requests.Response, error: type[XenoError], sentence: str
) -> None:
    time = Time()
    with pytest.raises(error, match=sentence):
        make_client(ScriptedShopify(answer), time).execute("shop")
    assert time.waits == []


def test_a_refused_query_carries_shopifys_code() -> None:
    with pytest.raises(QueryRefused) as caught:
        make_client(ScriptedShopify(graphql_error("MAX_COST_EXCEEDED"))).execute("shop")
    assert caught.value.code == "MAX_COST_EXCEEDED"


@pytest.mark.parametrize("case", list(recorded("errors_2025-01")["cases"].items()), ids=lambda case: case[0])
def test_every_recorded_refusal_of_a_document_is_a_fault_of_ours(case: tuple[str, dict]) -> None:  # type: ignore[type-arg]
    answer = case[1]["response"]["payload"]
    with pytest.raises(QueryRefused) as caught:
        make_client(ScriptedShopify(reply(answer))).execute("shop")
    assert caught.value.code == answer["errors"][0]["extensions"]["code"]


def test_no_refusal_shows_the_token() -> None:
    client = make_client(ScriptedShopify(requests.ConnectionError("shpat_topsecret")), token="shpat_topsecret")
    with capture_logs() as lines, pytest.raises(ShopifyDown) as caught:
        client.execute("shop")
    assert "topsecret" not in str(caught.value) + str(lines)
    assert caught.value.__cause__ is None


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else() -> None:
    shopify = ScriptedShopify(reply("", 307, {"Location": "https://evil.com/graphql.json"}))
    with pytest.raises(ShopUnavailable):
        make_client(shopify).execute("shop")
    assert [request.url for request in shopify.requests] == [
        "https://acme-toys.myshopify.com/admin/api/2026-10/graphql.json"
    ]


def test_an_expired_token_is_renewed_once_and_the_call_goes_on() -> None:
    tokens = ["old"]
    shopify = ScriptedShopify(reply("", 401), data(GOOD))
    client = make_client(shopify, token=lambda: tokens[-1], on_unauthorized=lambda: tokens.append("new"))
    assert client.execute("shop") == GOOD
    assert shopify.tokens == ["old", "new"]


def test_a_token_that_is_refused_again_after_renewal_is_refused() -> None:
    renewals: list[None] = []
    client = make_client(ScriptedShopify(reply("", 401)), on_unauthorized=lambda: renewals.append(None))
    with pytest.raises(CredentialsRefused):
        client.execute("shop")
    assert len(renewals) == 1


def test_personal_fields_that_shopify_withholds_are_left_out_and_remembered() -> None:
    """A null would mean that the field has no value."""
    answer = {
        "customers": {"nodes": [{"id": "gid://shopify/Customer/1", "firstName": None, "defaultEmailAddress": None}]}
    }
    errors = [
        {"message": "no", "path": ["customers", "nodes", 0, field], "extensions": {"code": "ACCESS_DENIED"}}
        for field in ("firstName", "defaultEmailAddress")
    ]
    client = make_client(ScriptedShopify(reply({"data": answer, "errors": errors})))
    assert client.execute("customers") == {"customers": {"nodes": [{"id": "gid://shopify/Customer/1"}]}}
    assert client.hidden.withheld_fields == {"customers.nodes.firstName", "customers.nodes.defaultEmailAddress"}


def test_a_withheld_field_that_nulls_its_whole_record_raises() -> None:
    client = make_client(
        ScriptedShopify(denied(["customers", "nodes", 0, "firstName"], {"customers": {"nodes": [None]}}))
    )
    with pytest.raises(AccessDenied):
        client.execute("customers")


def test_a_withheld_field_that_is_not_personal_is_an_error() -> None:
    client = make_client(
        ScriptedShopify(denied(["orders", "nodes", 0, "totalPriceSet"], {"orders": {"nodes": [{}]}}))
    )
    with pytest.raises(AccessDenied):
        client.execute("orders")
    assert client.hidden.withheld_fields == set()


def test_a_filter_that_shopify_ignores_is_refused_because_everything_would_match() -> None:
    warning = {"field": "updatedat", "message": "Invalid search field for this query.", "code": "invalid_field"}
    search = [{"path": ["orders"], "query": "updatedat:>='2026-01-01'", "warnings": [warning]}]
    with pytest.raises(QueryRefused, match="updatedat") as caught:
        make_client(ScriptedShopify(data({"orders": {"nodes": []}}, search=search))).execute("orders")
    assert caught.value.code == "invalid_field"


def test_a_search_without_warnings_is_an_answer() -> None:
    answer = {"orders": {"nodes": []}}
    search = [{"path": ["orders"], "query": "updated_at:>='2026-01-01'", "parsed": {}, "warnings": []}]
    assert make_client(ScriptedShopify(data(answer, search=search))).execute("orders") == answer


@pytest.mark.parametrize("served", ["2026-07", None])
def test_another_api_version_is_logged_once(served: str | None) -> None:
    client = make_client(ScriptedShopify(reply({"data": GOOD}, version=served)))
    with capture_logs() as lines:
        client.execute("shop")
        client.execute("shop")
    assert [(line["log_level"], line["asked"], line["served"]) for line in lines] == [("warning", "2026-10", served)]


def test_the_right_version_is_not_worth_a_word() -> None:
    with capture_logs() as lines:
        make_client(ScriptedShopify(data(GOOD))).execute("shop")
    assert lines == []
