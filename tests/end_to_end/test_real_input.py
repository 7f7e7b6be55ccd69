"""Shopify's own samples, signed and posted to the running receiver, and applied by the running worker."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from core.config import WEBHOOK_PATH
from core.database import tenant_session
from core.database.models import Order, Product, RefundLine, Variant
from core.shopify.webhooks import COMPLIANCE
from core.webhooks import apply
from tests.cast import NOW, Business, Cast
from tests.end_to_end.processes import Installation, installed, wait_until
from tests.shopify_sends import ACME_SECRET, confirm, deliveries, give_secret, headers
from tests.stored import rows

SAMPLES = Path(__file__).parents[1] / "payloads" / "webhooks"
SETS = {"2026-07": sorted(SAMPLES.glob("*.json")), "2024-10": sorted(SAMPLES.glob("delivered-2024-10/*.json"))}
LAST_TOPIC = "app__uninstalled"
"""After this topic the store accepts nothing more, so it has a test of its own elsewhere."""


@pytest.mark.parametrize("year", sorted(SETS))
def test_every_sample_is_acknowledged_and_its_figures_are_in_the_tables_to_the_cent(
    cast: Cast, database_url: str, tmp_path: Path, year: str
) -> None:
    give_secret(cast.acme, ACME_SECRET)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(text("UPDATE stores SET shopify_id = 548380009"))  # the samples' shop
    samples = {path.stem: body_of(path) for path in SETS[year] if path.stem != LAST_TOPIC}
    # Webhooks of deleted records are ignored, so the deletions come last.
    deletions = {name: samples.pop(name) for name in sorted(samples) if name.endswith("__delete")}
    with installed(database_url, tmp_path) as installation:
        installation.receiver()
        for name, body in samples.items():
            assert post(installation, cast.acme, name.replace("__", "/"), body) == 200, name
        assert post(installation, cast.acme, "orders/create", b"{}", secret="shpss_somebody_elses") == 401
        installation.worker()
        wait_until(lambda: not pending(cast.acme), "nothing waits", installation.logs)
        assert_stored(cast.acme, samples)

        for name, body in deletions.items():
            assert post(installation, cast.acme, name.replace("__", "/"), body) == 200, name
        wait_until(lambda: not pending(cast.acme), "nothing waits", installation.logs)
    assert len(deliveries(cast.acme)) == len(samples) + len(deletions)
    assert {delivery.state for delivery in deliveries(cast.acme)} <= {"applied", "ignored", "unconfirmed"}
    assert not any(row["deleted_at"] for row in rows(cast.acme, Product)), "it is not confirmed"

    confirm(cast.acme)
    apply.apply_pending(cast.acme.key, NOW)
    assert all(row["deleted_at"] for row in rows(cast.acme, Product))


def assert_stored(store: Business, samples: dict[str, bytes]) -> None:
    sample = json.loads(samples["orders__create"], parse_float=Decimal)
    (order,) = [row for row in rows(store, Order) if row["order_id"] == sample["id"]]
    for column, name in (("total", "total_price"), ("subtotal", "subtotal_price"), ("tax", "total_tax")):
        assert order[column] == Decimal(sample[f"{name}_set"]["shop_money"]["amount"]), name
    refund = json.loads(samples["refunds__create"], parse_float=Decimal)
    subtotals = {row["refund_line_id"]: row["subtotal"] for row in rows(store, RefundLine)}
    for line in refund["refund_line_items"]:
        assert subtotals[line["id"]] == Decimal(line["subtotal_set"]["shop_money"]["amount"])
    product = json.loads(samples["products__create"], parse_float=Decimal)
    prices = {row["variant_id"]: row["price"] for row in rows(store, Variant)}
    for variant in product["variants"]:
        assert prices[variant["id"]] == Decimal(variant["price"])


def body_of(path: Path) -> bytes:
    """Return the body of a sample file. A recorded delivery has it in a field; a privacy request must name Acme's
    shop."""
    if path.stem.replace("__", "/") in COMPLIANCE:
        shop_fields = {"shop_id": 548380009, "shop_domain": "acme.myshopify.com"}
        return json.dumps(json.loads(path.read_bytes()) | shop_fields).encode()
    if path.parent.name == "webhooks":
        return path.read_bytes()
    recorded: dict[str, Any] = json.loads(path.read_bytes())
    return json.dumps(recorded["body"]).encode()


def post(installation: Installation, store: Business, topic: str, body: bytes, secret: str = ACME_SECRET) -> int:
    fields = headers(store.shop_domain, topic, body, secret)
    return requests.post(installation.webhook_url + WEBHOOK_PATH, data=body, headers=fields, timeout=10).status_code


def pending(store: Business) -> int:
    with tenant_session(store.tenant_id) as session:
        waiting = session.scalar(text("SELECT count(*) FROM deliveries WHERE state = 'pending'"))
        return waiting or 0
