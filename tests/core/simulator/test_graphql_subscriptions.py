"""Webhook subscriptions over the Admin API, and Shopify's reasons to refuse one."""

from __future__ import annotations

import pytest

from tests.core.simulator.admin_api import AdminApi


def test_a_subscription_is_made_listed_and_deleted(small: AdminApi) -> None:
    address = {"uri": "http://127.0.0.1:8502/webhooks/shopify"}
    creation = small.run("webhook_subscribe", topic="ORDERS_CREATE", subscription=address)[
        "webhookSubscriptionCreate"
    ]
    assert creation["userErrors"] == []
    listed = small.run("webhook_subscriptions")["webhookSubscriptions"]["nodes"]
    assert [(subscription["topic"], subscription["uri"]) for subscription in listed] == [
        ("ORDERS_CREATE", address["uri"])
    ]
    by_topic = (
        "query($t: [WebhookSubscriptionTopic!]) { webhookSubscriptions(first: 5, topics: $t) { nodes { id } } }"
    )
    assert small.data(by_topic, t=["ORDERS_EDITED"])["webhookSubscriptions"]["nodes"] == []
    deletion = small.run("webhook_unsubscribe", id=listed[0]["id"])["webhookSubscriptionDelete"]
    assert deletion == {"deletedWebhookSubscriptionId": listed[0]["id"], "userErrors": []}
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
def test_an_invalid_address_is_refused_with_shopify_s_message(small: AdminApi, uri: str | None, message: str) -> None:
    taken = {"topic": "ORDERS_CREATE", "subscription": {"uri": "https://taken.example.com/"}}
    small.run("webhook_subscribe", **taken)
    creation = small.run("webhook_subscribe", topic="ORDERS_CREATE", subscription={"uri": uri} if uri else {})
    errors = [{"field": ["webhookSubscription", "callbackUrl"], "message": message}]
    assert creation["webhookSubscriptionCreate"] == {"webhookSubscription": None, "userErrors": errors}
