"""Subscriptions: every topic once, whatever existed before; a refused topic has a reason and stops no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from core.errors import CredentialsRefused, ShopifyDown
from core.shopify import auth, webhooks
from core.shopify.webhooks import Outcome, Subscribed
from tests.core.shopify.fakes import data, graphql_error, make_client, recorded, reply

ADDRESS = "https://hooks.example.com/webhooks/shopify"


class Subscriptions(BaseAdapter):
    """The subscriptions of one app at one shop; refuses the topics of `refused`, two to a page."""

    def __init__(self, *have: tuple[str, str], refused: dict[str, requests.Response] | None = None) -> None:
        super().__init__()
        self.have = {f"gid://shopify/WebhookSubscription/{number}": each for number, each in enumerate(have)}
        self.refused = refused or {}
        self.created = 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = json.loads(request.body or b"{}")
        variables = body["variables"]
        if "WebhookSubscribe(" in body["query"]:
            response = self._create(variables["topic"], variables["subscription"])
        elif "WebhookUnsubscribe(" in body["query"]:
            self.have.pop(variables["id"], None)
            payload = {"deletedWebhookSubscriptionId": variables["id"], "userErrors": []}
            response = data({"webhookSubscriptionDelete": payload})
        else:
            response = self._list(int(variables["after"] or 0))
        response.request = request
        return response

    def close(self) -> None:
        """Do nothing: no connection is open."""

    def _create(self, topic: str, subscription: dict[str, Any]) -> requests.Response:
        if topic in self.refused:
            return self.refused[topic]
        assert subscription == {"uri": subscription["uri"], "format": "JSON"}
        self.created += 1
        gid = f"gid://shopify/WebhookSubscription/new-{self.created}"
        self.have[gid] = (topic, subscription["uri"])
        return created({"id": gid, "topic": topic, "uri": subscription["uri"]})

    def _list(self, start: int) -> requests.Response:
        nodes = [{"id": gid, "topic": topic, "uri": uri} for gid, (topic, uri) in self.have.items()]
        info = {"hasNextPage": start + 2 < len(nodes), "endCursor": str(start + 2)}
        return data({"webhookSubscriptions": {"pageInfo": info, "nodes": nodes[start : start + 2]}})


def created(subscription: dict[str, Any] | None, *problems: str) -> requests.Response:
    errors = [{"field": ["webhookSubscription", "callbackUrl"], "message": problem} for problem in problems]
    return data({"webhookSubscriptionCreate": {"webhookSubscription": subscription, "userErrors": errors}})


def results(outcomes: tuple[Outcome, ...]) -> dict[str, Subscribed]:
    return {outcome.topic: outcome.result for outcome in outcomes}


def test_every_topic_is_subscribed_to() -> None:
    shopify = Subscriptions()
    outcomes = webhooks.subscribe(make_client(shopify), ADDRESS)
    assert results(outcomes) == dict.fromkeys(webhooks.TOPICS, Subscribed.CREATED)
    assert ("ORDERS_CREATE", ADDRESS) in shopify.have.values()
    assert ("APP_UNINSTALLED", ADDRESS) in shopify.have.values()


def test_subscribing_again_changes_nothing() -> None:
    shopify = Subscriptions()
    webhooks.subscribe(make_client(shopify), ADDRESS)
    outcomes = webhooks.subscribe(make_client(shopify), ADDRESS)
    assert results(outcomes) == dict.fromkeys(webhooks.TOPICS, Subscribed.KEPT)
    assert shopify.created == len(webhooks.TOPICS)


def test_only_subscriptions_that_shopify_deleted_are_created_again() -> None:
    shopify = Subscriptions()
    webhooks.subscribe(make_client(shopify), ADDRESS)
    lost = next(gid for gid, (topic, _) in shopify.have.items() if topic == "REFUNDS_CREATE")
    del shopify.have[lost]
    made = [
        each.topic for each in webhooks.subscribe(make_client(shopify), ADDRESS) if each.result == Subscribed.CREATED
    ]
    assert made == ["refunds/create"]


def test_subscriptions_to_another_address_do_not_count_and_are_left_alone() -> None:
    shopify = Subscriptions(("ORDERS_CREATE", "https://other.example.com/webhooks/shopify"))
    assert results(webhooks.subscribe(make_client(shopify), ADDRESS))["orders/create"] is Subscribed.CREATED
    webhooks.unsubscribe(make_client(shopify), ADDRESS)
    assert list(shopify.have.values()) == [("ORDERS_CREATE", "https://other.example.com/webhooks/shopify")]


def test_after_a_move_every_topic_comes_to_the_new_address_alone() -> None:
    old = "https://old.example.com/webhooks/shopify"
    other = ("ORDERS_CREATE", "https://other.example.com/webhooks/shopify")
    shopify = Subscriptions(other)
    webhooks.subscribe(make_client(shopify), old)

    outcomes = webhooks.subscribe(make_client(shopify), ADDRESS, before=old)

    assert [each.result for each in outcomes].count(Subscribed.DELETED) == len(webhooks.TOPICS)
    assert {uri for _, uri in shopify.have.values()} == {ADDRESS, other[1]}


def test_a_topic_refused_at_the_new_address_still_goes_to_the_old_one() -> None:
    old = "https://old.example.com/webhooks/shopify"
    shopify = Subscriptions(("ORDERS_CREATE", old), refused={"ORDERS_CREATE": created(None, "Address is invalid")})

    webhooks.subscribe(make_client(shopify), ADDRESS, before=old)

    assert ("ORDERS_CREATE", old) in shopify.have.values()


def test_a_duplicate_that_the_list_did_not_show_is_no_failure() -> None:
    taken = created(None, "Address for this topic has already been taken")
    outcomes = webhooks.subscribe(make_client(Subscriptions(refused={"ORDERS_CREATE": taken})), ADDRESS)
    assert outcomes[0] == Outcome("orders/create", Subscribed.KEPT, None)


def test_one_refused_topic_says_why_and_the_others_stand() -> None:
    denied = graphql_error("ACCESS_DENIED", "Required access: `read_customers` access scope.")
    refused = {
        "CUSTOMERS_CREATE": denied,
        "PRODUCTS_CREATE": graphql_error("INVALID_VARIABLE", "was provided invalid value"),
    }
    outcomes = webhooks.subscribe(make_client(Subscriptions(refused=refused)), ADDRESS)
    reasons = {outcome.topic: outcome.reason for outcome in outcomes if outcome.result is Subscribed.REFUSED}
    assert set(reasons) == {"customers/create", "products/create"}
    assert "the scope read_customers is missing" in str(reasons["customers/create"])
    assert sum(outcome.result is Subscribed.CREATED for outcome in outcomes) == len(webhooks.TOPICS) - 2


def test_an_address_that_shopify_refuses_is_reported_in_its_words() -> None:
    """The messages are recorded answers to http:// and to an empty address."""
    said = recorded("webhook_subscriptions_2026-04")["updateValidation"]["updateHttpUri"]["response"]["payload"][
        "data"
    ]
    (problem,) = (error["message"] for error in said["webhookSubscriptionUpdate"]["userErrors"])
    refused = {topic.replace("/", "_").upper(): created(None, problem) for topic in webhooks.TOPICS}
    outcomes = webhooks.subscribe(make_client(Subscriptions(refused=refused)), "http://example.com")
    assert {outcome.reason for outcome in outcomes} == {"Address protocol http:// is not supported"}
    assert {outcome.result for outcome in outcomes} == {Subscribed.REFUSED}


def test_a_store_that_cannot_be_asked_at_all_is_an_error() -> None:
    with pytest.raises(CredentialsRefused):
        webhooks.subscribe(make_client(Subscriptions(refused={"ORDERS_CREATE": reply("", 401)})), ADDRESS)
    with pytest.raises(ShopifyDown):
        webhooks.subscribe(make_client(Subscriptions(refused={"ORDERS_CREATE": reply("", 503)})), ADDRESS)


def test_unsubscribing_deletes_every_subscription_to_the_address_doubles_too() -> None:
    shopify = Subscriptions(("ORDERS_CREATE", ADDRESS), ("ORDERS_CREATE", ADDRESS), ("THEMES_UPDATE", ADDRESS))
    outcomes = webhooks.unsubscribe(make_client(shopify), ADDRESS)
    assert [(outcome.topic, outcome.result) for outcome in outcomes] == [
        ("orders/create", Subscribed.DELETED),
        ("orders/create", Subscribed.DELETED),
        ("THEMES_UPDATE", Subscribed.DELETED),
    ]
    assert shopify.have == {}
    assert webhooks.unsubscribe(make_client(shopify), ADDRESS) == ()


def test_every_topics_scope_is_one_that_the_app_asks_for() -> None:
    assert {scope for scope in webhooks.TOPICS.values() if scope} <= set(auth.NEEDED_SCOPES | auth.WANTED_SCOPES)
