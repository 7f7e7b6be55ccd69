"""Invalid documents get the errors that Shopify was recorded to answer."""

from __future__ import annotations

import pytest

from core.shopify import documents
from core.simulator.admin_api.graphql import answer
from tests.core.simulator.admin_api import AdminApi


def test_a_document_that_breaks_off_is_a_parse_error(small: AdminApi) -> None:
    error = small.error("query GraphqlBaseValidationInvalidSyntax {\n  shop {\n    id\n")
    assert error["message"].startswith("syntax error, unexpected end of file at [")
    assert error["extensions"] == {"code": "PARSE_ERROR"}


def test_an_object_without_selection_is_refused_as_recorded(small: AdminApi) -> None:
    assert small.error("query GraphqlBaseValidationMissingSubselection {\n  shop\n}\n") == {
        "message": "Field must have selections (field 'shop' returns Shop but has no selections. "
        "Did you mean 'shop { ... }'?)",
        "locations": [{"line": 2, "column": 3}],
        "path": ["query GraphqlBaseValidationMissingSubselection", "shop"],
        "extensions": {"code": "selectionMismatch", "nodeName": "field 'shop'", "typeName": "Shop"},
    }


def test_an_unknown_field_is_refused_as_recorded(small: AdminApi) -> None:
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


def test_a_missing_argument_is_refused_as_recorded(small: AdminApi) -> None:
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
def test_other_faults_have_codes_too(small: AdminApi, text: str, code: str) -> None:
    assert small.error(text)["extensions"]["code"] == code


def test_of_several_operations_the_named_one_is_executed(small: AdminApi) -> None:
    text = "query A { shop { id } } query B { shop { name } }"
    body = answer(small.roots, small.bucket, {"query": text, "operationName": "B"})
    assert body["data"] == {"shop": {"name": "Fieldstone Goods"}}


def test_a_missing_variable_is_refused_as_recorded(small: AdminApi) -> None:
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


def test_a_variable_that_does_not_fit_names_the_place(small: AdminApi) -> None:
    body = small.ask(documents.load("webhook_subscribe"), topic="ORDERS_CREATE", subscription={"uri": 3})
    error = body["errors"][0]
    assert error["message"].startswith("Variable $subscription of type WebhookSubscriptionInput! was provided")
    assert error["extensions"]["problems"][0]["path"] == ["uri"]
    assert error["extensions"]["value"] == {"uri": 3}
