"""What a merchant of the operator's app can send in another's name: signed, because all have the same secret.

The bodies are those of the attacker's own shop, and the query in their address bar; headers are anybody's to write.
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
from tests.attack.ground import SECRET, Ground, Party
from tests.core.shopify.samples import webhook_samples
from tests.end_to_end.processes import wait_until

SAMPLES = list(webhook_samples())
TOPICS = sorted({topic for _, topic, _ in SAMPLES})
COMMERCE = ("orders", "line_items", "refunds", "sales", "customers", "products", "variants", "carts", "checkouts")
KEPT = (*COMMERCE, "deletions", "redactions", "customer_merges", "privacy_requests", "unsettled_orders")
STATE = "state, state_reason, name, currency, time_zone, scopes, missing_scopes, shopify_id, sealed_credentials"


def snapshot(ground: Ground, party: Party) -> list[Any]:
    """What is kept of a party's store, but for what was sent and when it was looked at."""
    counted = [
        (table, ground.rows(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t "
                            "WHERE tenant_id = %s", party.tenant_id))
        for table in KEPT
    ]  # fmt: skip
    return [*counted, ground.rows(f"SELECT {STATE} FROM stores WHERE tenant_id = %s", party.tenant_id)]


def wait_until_decided(ground: Ground) -> None:
    """Until every delivery was applied, set aside, or asked about and denied for now."""
    waiting = """
        SELECT count(*) FROM deliveries
        WHERE state = 'pending' OR state = 'unconfirmed' AND attempts = 0 AND reason NOT LIKE '%%could not be asked%%'
    """
    wait_until(lambda: ground.rows(waiting)[0][0] == 0, "all is decided", ground.installation.logs, seconds=40)


def test_no_topics_body_under_any_other_topic_crosses_to_another_store(ground: Ground) -> None:
    shop = ground.shop(ground.globex).shop
    before = snapshot(ground, ground.acme)

    for _, _, raw in SAMPLES:
        body = json.loads(raw)
        named = {"shop_id": shop.shop_id, "shop_domain": ground.globex.shop}
        mine = encode_body(body | named if "shop_domain" in body else body)
        for topic in TOPICS:
            answer = ground.post("every topic against every other", ground.acme.shop, topic, mine)
            assert answer.status_code in (200, 400)
    wait_until_decided(ground)

    after = snapshot(ground, ground.acme)
    crossed = sum(one != other for one, other in zip(before, after, strict=True))
    assert ground.tally.crossed(crossed) == 0, [
        pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]
    ]


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
def test_a_signed_query_neither_disconnects_nor_erases(ground: Ground, topic: str) -> None:
    asked = {"host": "YWRtaW4", "shop": ground.globex.shop, "timestamp": "1764201600"}
    query = urlencode(sorted(asked.items())).encode()
    signature = b64encode(hmac.digest(SECRET.encode(), query, "sha256")).decode()
    said = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Triggered-At": "2099-01-01T00:00:00Z"}
    before = snapshot(ground, ground.acme)

    answer = ground.post("signed query as a body", ground.acme.shop, topic, query, **said)

    assert answer.status_code == 400
    assert ground.tally.crossed(snapshot(ground, ground.acme) != before) == 0


def own_order(ground: Ground) -> int:
    """An order of Acme's shop that is in Acme's store."""
    (order_id,) = ground.rows("SELECT min(order_id) FROM orders WHERE tenant_id = %s", ground.acme.tenant_id)[0]
    return int(order_id)


def test_a_shops_own_order_replayed_under_a_topic_that_destroys_deletes_nothing(ground: Ground) -> None:
    shop, order_id = ground.shop(ground.acme).shop, own_order(ground)
    raw = encode_body(order_body(shop, shop.orders[order_id]))
    before = snapshot(ground, ground.acme)

    for topic in ("orders/delete", "products/delete", "customers/delete", "app/uninstalled", "shop/redact"):
        assert ground.post("order replayed", ground.acme.shop, topic, raw).status_code == 400

    assert ground.tally.crossed(snapshot(ground, ground.acme) != before) == 0


def test_a_deletion_of_what_is_still_there_deletes_nothing(ground: Ground) -> None:
    before = snapshot(ground, ground.acme)

    answer = ground.post(
        "deletion of what is there", ground.acme.shop, "orders/delete", encode_body({"id": own_order(ground)})
    )
    assert answer.status_code == 200
    wait_until_decided(ground)

    assert ground.tally.crossed(snapshot(ground, ground.acme) != before) == 0


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
def test_a_farewell_while_the_app_is_installed_changes_nothing(ground: Ground, topic: str) -> None:
    """As a body of the shop's own that was sent once, and is sent again."""
    number = ground.shop(ground.acme).shop.shop_id
    body = {"shop_id": number, "shop_domain": ground.acme.shop}
    if topic == "app/uninstalled":
        body = {"id": number, "myshopify_domain": ground.acme.shop}
    before = snapshot(ground, ground.acme)[-1]

    said = {"X-Shopify-Triggered-At": "2099-01-01T00:00:00Z"}
    assert ground.post("farewell replayed", ground.acme.shop, topic, encode_body(body), **said).status_code == 200
    wait_until_decided(ground)

    assert ground.tally.crossed(snapshot(ground, ground.acme)[-1] != before) == 0
