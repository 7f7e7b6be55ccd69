"""The Admin API of one shop, called without HTTP."""

from __future__ import annotations

from typing import Any

from core.shopify import documents
from core.simulator.admin_api.bulk import BulkOperations
from core.simulator.admin_api.cost import Bucket
from core.simulator.admin_api.graphql import answer
from core.simulator.admin_api.root_fields import RootFields
from core.simulator.life.abandoned_checkouts import make_abandoned_checkouts
from core.simulator.shop.shop import Shop
from core.simulator.shop.subscriptions import Subscription, Subscriptions
from tests.core.simulator.clocks import Clock


class AdminApi:
    """The Admin API of one shop, without HTTP."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.clock = shop, Clock()
        self.subscriptions = Subscriptions(shop.spec.domain)
        bulk = BulkOperations(shop.spec.domain, self.clock, lambda _: iter(()))
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
        data: dict[str, Any] = body["data"]
        return data

    def run(self, document: str, **variables: Any) -> dict[str, Any]:
        return self.data(documents.load(document), **variables)

    def error(self, text: str, **variables: Any) -> dict[str, Any]:
        body = self.ask(text, **variables)
        assert len(body["errors"]) == 1, body["errors"]
        error: dict[str, Any] = body["errors"][0]
        return error

    def _subscribe(self, topic: str, uri: str, name: str | None, filter_: str | None) -> Subscription:
        subscription = Subscription(self.shop.ids.next("webhook"), topic, uri, self.clock(), name, filter_)
        self.subscriptions.by_id[subscription.subscription_id] = subscription
        return subscription

    def _unsubscribe(self, number: int) -> None:
        del self.subscriptions.by_id[number]
