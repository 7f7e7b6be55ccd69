"""Random events in a shop: sales, refunds, edits, exchanges, returns, merges, deletions."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import requests

EVENT_WEIGHTS = {
    "sell": 50,
    "refund": 14,
    "edit": 9,
    "exchange": 4,
    "return": 5,
    "pay_back": 5,
    "cancel": 6,
    "fulfil": 8,
    "customer": 5,
    "new_customer": 3,
    "product": 4,
    "abandon": 4,
    "delete_order": 3,
    "merge_customers": 2,
    "delete_customer": 2,
    "delete_product": 0.4,
}
"""The kinds of events and their weights."""
_ABOUT_AN_ORDER = ("refund", "edit", "exchange", "return", "pay_back", "cancel", "fulfil", "delete_order")
_SAME_SECOND = 0.1
"""The share of changes that follow another change of the same order within its second."""
_RECENT = 40


class ShopEvents:
    """The events of one shop, triggered at the simulator, which sends their webhooks unless a fault stops them."""

    def __init__(self, simulator_url: str, shop: str, token: str, seed: str) -> None:
        self.triggered: Counter[str] = Counter()
        self._changed: int | None = None
        self._url = f"{simulator_url}/simulator/{shop}"
        self._rng = random.Random(seed)
        self._session = requests.Session()
        self._ids = {kind: _ids(simulator_url, shop, token, kind) for kind in ("orders", "customers", "products")}

    def trigger_one(self) -> None:
        """Trigger one event. An impossible one, such as an edit of a cancelled order, has no effect."""
        kind = self._rng.choices(list(EVENT_WEIGHTS), list(EVENT_WEIGHTS.values()))[0]
        answer = self._session.post(f"{self._url}/{kind}", json=self._args(kind), timeout=30)
        if answer.status_code in (404, 422):
            return
        answer.raise_for_status()
        self.triggered[kind] += 1
        if kind == "sell":
            self._ids["orders"].append(answer.json()["order_id"])

    def _args(self, kind: str) -> dict[str, Any]:
        rng = self._rng
        if kind in _ABOUT_AN_ORDER:
            # Mostly new orders, whose first webhooks may still be on their way.
            orders = self._ids["orders"][-_RECENT:] if rng.random() < 0.7 else self._ids["orders"]
            args = {"order_id": rng.choice(orders), "by_chance": rng.random() < 0.6, "pending": rng.random() < 0.2}
            if self._changed and rng.random() < _SAME_SECOND:
                args |= {"order_id": self._changed, "same_second": True}
            self._changed = args["order_id"]
            return args
        if kind == "sell":
            return {"by_chance": True}
        if kind == "customer":
            return {"customer_id": rng.choice(self._ids["customers"]), "first_name": f"Name {rng.random():.6f}"}
        if kind == "product":
            return {"product_id": rng.choice(self._ids["products"])}
        return {}


def _ids(simulator_url: str, shop: str, token: str, kind: str) -> list[int]:
    """Return the ids of all orders, customers or products of a shop."""
    ids: list[int] = []
    after = None
    while True:
        page_of = f"{kind}(first: 250, after: $after) {{ nodes {{ id }} pageInfo {{ endCursor }} }}"
        query = f"query($after: String) {{ {page_of} }}"
        answer = requests.post(
            f"{simulator_url}/{shop}/admin/api/2026-10/graphql.json",
            json={"query": query, "variables": {"after": after}},
            headers={"X-Shopify-Access-Token": token},
            timeout=30,
        )
        page = answer.json()["data"][kind]
        ids += [int(node["id"].rpartition("/")[2]) for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["nodes"] or not after or len(page["nodes"]) < 250:
            return ids
