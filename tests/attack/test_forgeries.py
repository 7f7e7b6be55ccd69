"""Webhooks that a merchant of the operator's app can send in another's name, because all apps share one secret.

The bodies are those of the attacker's own shop, or the query in their address bar; anybody can write the headers.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.topics import encode_body
from tests.attack.target import SECRET, Party, Target
from tests.core.shopify.samples import webhook_samples
from tests.end_to_end.processes import wait_until

SAMPLES = list(webhook_samples())
TOPICS = sorted({topic for _, topic, _ in SAMPLES})
COMMERCE = ("orders", "line_items", "refunds", "sales", "customers", "products", "variants", "carts", "checkouts")
KEPT = (*COMMERCE, "deletions", "redactions", "customer_merges", "privacy_requests", "unsettled_orders")
STATE = "state, state_reason, name, currency, time_zone, scopes, missing_scopes, shopify_id, sealed_credentials"


def snapshot(target: Target, party: Party) -> list[Any]:
    """Return the stored rows of a party's store, except deliveries and their times."""
    counted = [
        (table, target.rows(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t "
                            "WHERE tenant_id = %s", party.tenant_id))
        for table in KEPT
    ]  # fmt: skip
    return [*counted, target.rows(f"SELECT {STATE} FROM stores WHERE tenant_id = %s", party.tenant_id)]


def wait_until_decided(target: Target) -> None:
    """Wait until every delivery is applied, ignored, or unconfirmed after a question to Shopify."""
    waiting = """
        SELECT count(*) FROM deliveries
        WHERE state = 'pending' OR state = 'unconfirmed' AND attempts = 0 AND reason NOT LIKE '%%could not be asked%%'
    """
    wait_until(lambda: target.rows(waiting)[0][0] == 0, "all is decided", target.installation.logs, seconds=40)


def test_no_topics_body_under_any_other_topic_crosses_to_another_store(target: Target) -> None:
    shop = target.shop(target.globex).shop
    before = snapshot(target, target.acme)

    for _, _, raw in SAMPLES:
        body = json.loads(raw)
        shop_fields = {"shop_id": shop.shop_id, "shop_domain": target.globex.shop}
        raw_body = encode_body(body | shop_fields if "shop_domain" in body else body)
        for topic in TOPICS:
            answer = target.post("every topic against every other", target.acme.shop, topic, raw_body)
            assert answer.status_code in (200, 400)
    wait_until_decided(target)

    after = snapshot(target, target.acme)
    crossed = sum(earlier != later for earlier, later in zip(before, after, strict=True))
    assert target.tally.crossed(crossed) == 0, [
        pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]
    ]


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
def test_a_signed_query_neither_disconnects_nor_erases(target: Target, topic: str) -> None:
    params = {"host": "YWRtaW4", "shop": target.globex.shop, "timestamp": "1764201600"}
    query = urlencode(sorted(params.items())).encode()
    signature = b64encode(hmac.digest(SECRET.encode(), query, "sha256")).decode()
    forged_headers = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Triggered-At": "2099-01-01T00:00:00Z"}
    before = snapshot(target, target.acme)

    answer = target.post("signed query as a body", target.acme.shop, topic, query, **forged_headers)

    assert answer.status_code == 400
    assert target.tally.crossed(snapshot(target, target.acme) != before) == 0


def own_order(target: Target) -> int:
    """Return an order of Acme's shop that is in Acme's store."""
    (order_id,) = target.rows("SELECT min(order_id) FROM orders WHERE tenant_id = %s", target.acme.tenant_id)[0]
    return int(order_id)


def test_a_shops_own_order_replayed_under_a_topic_that_destroys_deletes_nothing(target: Target) -> None:
    shop, order_id = target.shop(target.acme).shop, own_order(target)
    raw = encode_body(order_body(shop, shop.orders[order_id]))
    before = snapshot(target, target.acme)

    for topic in ("orders/delete", "products/delete", "customers/delete", "app/uninstalled", "shop/redact"):
        assert target.post("order replayed", target.acme.shop, topic, raw).status_code == 400

    assert target.tally.crossed(snapshot(target, target.acme) != before) == 0


def test_a_deletion_of_an_existing_order_deletes_nothing(target: Target) -> None:
    before = snapshot(target, target.acme)

    answer = target.post(
        "deletion of what is there", target.acme.shop, "orders/delete", encode_body({"id": own_order(target)})
    )
    assert answer.status_code == 200
    wait_until_decided(target)

    assert target.tally.crossed(snapshot(target, target.acme) != before) == 0


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
def test_an_uninstallation_or_erasure_while_the_app_is_installed_changes_nothing(target: Target, topic: str) -> None:
    """A body of the shop's own, sent once more."""
    number = target.shop(target.acme).shop.shop_id
    body = {"shop_id": number, "shop_domain": target.acme.shop}
    if topic == "app/uninstalled":
        body = {"id": number, "myshopify_domain": target.acme.shop}
    before = snapshot(target, target.acme)[-1]

    forged_headers = {"X-Shopify-Triggered-At": "2099-01-01T00:00:00Z"}
    assert (
        target.post("farewell replayed", target.acme.shop, topic, encode_body(body), **forged_headers).status_code
        == 200
    )
    wait_until_decided(target)

    assert target.tally.crossed(snapshot(target, target.acme)[-1] != before) == 0
