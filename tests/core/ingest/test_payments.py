"""Payments are stored with their orders: as the shop recorded them, and they stay when a webhook lists none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database.models import Transaction
from core.domain import Source
from core.domain import Transaction as TransactionRecord
from core.shopify import pages
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import RARE_ORDERS, ShopSpec
from tests.cast import Cast
from tests.factories import PLACED, REFUNDED, order
from tests.stored import rows, write

PENDING = TransactionRecord(9, "sale", "pending", PLACED, Decimal("19.90"), gateway="manual")


def test_a_payment_stays_when_a_webhook_lists_none(cast: Cast) -> None:
    write(cast.acme, order(transactions=(PENDING,)))
    write(cast.acme, order(updated_at=REFUNDED, source=Source.WEBHOOK))
    [stored] = rows(cast.acme, Transaction)
    assert (stored["amount"], stored["currency"], stored["gateway"]) == (Decimal("19.90"), "EUR", "manual")


def test_a_payment_follows_its_status(cast: Cast) -> None:
    write(cast.acme, order(transactions=(PENDING,)))
    paid = replace(PENDING, status="success", processed_at=REFUNDED)
    write(cast.acme, order(updated_at=REFUNDED, transactions=(paid,)))
    [stored] = rows(cast.acme, Transaction)
    assert (stored["status"], stored["processed_at"]) == ("success", REFUNDED)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    spec = ShopSpec(seed=9, customers=30, orders=120, until=date(2026, 11, 20), days=90, rare_orders=RARE_ORDERS)
    with Simulator([Setup(spec, restore_rate=1_000_000)]).running() as simulator:
        yield simulator


def test_every_payment_is_the_one_that_the_shop_recorded(cast: Cast, simulator: Simulator) -> None:
    shop = simulator.live_shop().shop
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
    try:
        write(cast.acme, *pages.orders_by_ids(client, shop.orders))
    finally:
        client.close()

    ours = {
        (row["order_id"], row["transaction_id"], row["kind"], row["status"], row["amount"])
        for row in rows(cast.acme, Transaction)
    }
    theirs = {
        (made.order_id, paid.transaction_id, paid.kind.lower(), paid.status.lower(), paid.amount)
        for made in shop.orders.values()
        for paid in made.transactions
    }
    assert ours == theirs
    assert {kind for _, _, kind, _, _ in ours} == {"sale", "refund"}
